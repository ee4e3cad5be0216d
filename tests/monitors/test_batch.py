"""Two-sample detectors: against scipy, under the null hypothesis, on bad input."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from simulator.monitors import MONITORS
from simulator.monitors._bins import Bins
from simulator.monitors._corrections import adjusted_pvalues
from simulator.monitors._kolmogorov import kolmogorov_tail
from simulator.monitors._tails import chi_squared_tail, gamma_tail
from simulator.monitors.chi_squared import chi_squared
from simulator.monitors.jensen_shannon import jensen_shannon
from simulator.monitors.ks import ks
from simulator.monitors.psi import psi
from simulator.monitors.wasserstein import wasserstein
from simulator.pipeline.rows import Column
from tests.monitors.rows import Rows, pool_of

EXACT = 1e-12
BATCH = ("psi", "ks", "chi_squared", "jensen_shannon", "wasserstein")
DRAWS = {
    "tied integers": lambda dice, n: dice.poisson(2.0, n).astype(float),
    "tied tenths": lambda dice, n: dice.standard_normal(n).round(1),
    "continuous": lambda dice, n: dice.standard_normal(n),
    "heavy tails": lambda dice, n: np.exp(2 * dice.standard_normal(n)),
    "two values": lambda dice, n: (dice.random(n) < 0.3).astype(float),
}


def samples(name):
    """Twenty pairs of samples of many sizes, with nulls."""
    dice = np.random.default_rng([len(name), 5])
    for _ in range(20):
        old, new = (DRAWS[name](dice, n) for n in dice.integers(20, 900, 2))
        yield old, np.append(new + dice.choice([0.0, 0.3]), np.nan)


@pytest.mark.parametrize("name", DRAWS)
def test_ks_equals_scipy(name):
    for old, new in samples(name):
        result, expected = ks(old, new), stats.ks_2samp(old, new[:-1], method="asymp")
        assert abs(result.value - expected.statistic) < EXACT
        assert abs(result.pvalue - expected.pvalue) < EXACT


@pytest.mark.parametrize("name", DRAWS)
def test_wasserstein_equals_scipy(name):
    for old, new in samples(name):
        expected = stats.wasserstein_distance(old, new[:-1])
        assert wasserstein(old, new).value == pytest.approx(expected, rel=EXACT, abs=EXACT)


@pytest.mark.parametrize("name", DRAWS)
def test_chi_squared_and_jensen_shannon_equal_scipy(name):
    for old, new in samples(name):
        a, b = Bins.of(np.sort(old)).occupied_counts(np.sort(new[:-1]))
        result = chi_squared(old, new)
        if len(a) == 1:
            assert result == (0.0, 1.0)
            continue
        expected = stats.chi2_contingency([a, b], correction=False)
        assert abs(result.value - expected.statistic) < EXACT * max(1.0, expected.statistic)
        assert abs(result.pvalue - expected.pvalue) < EXACT
        distance = jensen_shannon(old, new).value
        assert abs(distance**2 - jensenshannon(a, b, base=2) ** 2) < EXACT


def test_tails_equal_scipy():
    dice = np.random.default_rng(3)
    for shape in (0.5, 1.0, 4.5, 10.0, 200.0):
        for x in np.append(dice.random(20) * 4 * shape, [1e-9, 500.0]):
            assert abs(gamma_tail(x, shape) - stats.gamma.sf(x, shape)) < EXACT
            assert abs(chi_squared_tail(x, 2 * shape) - stats.chi2.sf(x, 2 * shape)) < EXACT
    for n in (1, 2, 7, 50, 140, 141, 600, 5000):
        for d in np.append(dice.random(25) * 3 / math.sqrt(n), [0.5 / n, 1.0 / n, 0.5]):
            if d < 1:
                assert abs(kolmogorov_tail(float(d), n) - stats.kstwo.sf(d, n)) < EXACT


@pytest.mark.parametrize("compare", [ks, psi, chi_squared, jensen_shannon, wasserstein])
@pytest.mark.parametrize("n", [200, 1000])
def test_p_values_keep_their_level(compare, n):
    dice = np.random.default_rng([n, 11])
    pvalues = [compare(*dice.standard_normal((2, n))).pvalue for _ in range(1000)]
    # 1,000 windows: three standard errors of 5 % are 2 points, of 1 % .9.
    assert 0.03 < np.mean(np.less(pvalues, 0.05)) < 0.075
    assert np.mean(np.less(pvalues, 0.01)) < 0.02


def test_corrections_equal_scipy():
    p = np.random.default_rng(1).random(12) ** 3
    adjusted = adjusted_pvalues(p, "benjamini_hochberg")
    assert np.abs(adjusted - stats.false_discovery_control(p)).max() < EXACT
    assert (adjusted_pvalues(p, "holm") <= adjusted_pvalues(p, "bonferroni")).all()
    assert (adjusted_pvalues(p, "none") == p).all()
    assert np.isnan(adjusted_pvalues(np.array([np.nan, 0.01]), "holm")).tolist() == [True, False]


# -- through the monitor, with degenerate columns --------------------------------------------

COLUMNS = (
    Column("plain"), Column("constant"), Column("empty"), Column("few"), Column("level", ("a", "b")),
)  # fmt: skip


@pytest.fixture
def odd(quiet):
    """Columns: plain, without variance, null, almost null, and a category."""
    dice = np.random.default_rng(2)
    rows = np.column_stack([
        dice.standard_normal(600), np.full(600, 7.0), np.full(600, np.nan),
        np.where(np.arange(600) < 3, 1.0, np.nan), dice.integers(0, 2, 600),
    ])  # fmt: skip
    return Rows(quiet, pool_of(rows, columns=COLUMNS))


@pytest.mark.parametrize("name", BATCH)
def test_degenerate_columns_are_nan(odd, name):
    monitor = MONITORS.get(name)()
    stem = monitor.series(COLUMNS)[0][0]
    odd.score(400)
    values = odd.evaluate(monitor)
    assert not np.isnan(values[stem, "plain"])
    assert np.isnan(values[stem, "empty"])
    assert np.isnan(values[f"ml_feature_{name}_pvalue", "empty"])
    assert values[f"ml_feature_{name}_rows", "empty"] == 0
    # No variance: no change, or no unit of distance.
    assert values[stem, "constant"] == 0 or np.isnan(values[stem, "constant"])
    assert ((stem, "level") in values) == (not monitor.numeric_only)
    assert not any(math.isinf(value) for value in values.values())


@pytest.mark.parametrize("name", BATCH)
def test_no_rows_are_nan_and_few_rows_show_no_drift(odd, name):
    monitor = MONITORS.get(name)(window="5m", features=("plain",))
    empty = odd.evaluate(monitor)
    assert np.isnan(empty[monitor.series(COLUMNS)[0][0], "plain"])
    odd.score(5)
    few = odd.evaluate(monitor)
    assert few[f"ml_feature_{name}_rows", "plain"] == 5
    value, p = (
        few[monitor.series(COLUMNS)[0][0], "plain"],
        few[f"ml_feature_{name}_pvalue", "plain"],
    )
    # Five rows do not fill ten bins; a rank test has a value, but no significant one.
    assert np.isnan(value) if monitor.min_rows == 10 else p > 0.05


@pytest.mark.parametrize("compare", [psi, chi_squared, jensen_shannon])
def test_a_changed_constant_is_detected(compare):
    old, new = np.full(500, 7.0), np.full(500, 8.0)
    assert compare(old, old).value == 0
    assert compare(old, new).pvalue < 1e-9
    assert compare(old, -new).pvalue < 1e-9


def test_windows_look_back_over_all_their_hours(quiet):
    """A window of three hours has reference rows of all three hours, not only of its ends."""
    rows = Rows(quiet, pool_of(np.zeros((24, 1))))
    by_hour = tuple(np.array([hour]) for hour in range(24))
    object.__setattr__(rows.params.pool, "by_hour", by_hour)
    for hours, expected in ((1, 1), (3, 3), (24, 24), (48, 24)):
        assert len(rows.view.reference(hours * 3_600_000).rows) == expected
