"""ORACLES.md, "Drift and model quality", through rows that were scored, logged and joined."""

import numpy as np
import pytest

from simulator.monitors import MONITORS
from simulator.monitors._corrections import corrected
from simulator.pipeline.rows import LabelLaw
from tests.monitors.rows import (
    HOUR,
    MINUTE,
    Rows,
    inside,
    interval,
    mixture,
    mixture_model,
    model_of,
    normal_grid,
    phi,
    pool_of,
    shifted,
)

SEEDS = range(12)


@pytest.fixture(scope="module")
def normal(quiet):
    """Requests about a standard normal column, 20,000 in a minute; half a million to draw from."""
    values = normal_grid(500_000)[:, None]
    return lambda: Rows(quiet, pool_of(values), room=20_000)


@pytest.mark.parametrize("d, exact", [(0.25, 0.05982), (0.5, 0.23775), (1.0, 0.92614)])
def test_psi_of_a_shift(normal, d, exact):
    monitor, found = MONITORS.get("psi")(window="1m"), []
    for seed in SEEDS:
        rows = normal()
        rows.score(20_000, rows=[shifted(d)], seed=seed)
        # The index of n rows against m is too large by 9 (1/n + 1/m) on average.
        index = rows.look(monitor)["ml_feature_psi", "x0"]
        found.append(index - 9 * (1 / 20_000 + 1 / 500_000))
    assert inside(exact, found)


@pytest.mark.parametrize("d", [0.25, 0.5, 1.0])
def test_ks_distance_of_a_shift(normal, d):
    monitor, found = MONITORS.get("ks")(window="1m"), []
    for seed in SEEDS:
        rows = normal()
        rows.score(20_000, rows=[shifted(d)], seed=seed)
        found.append(rows.look(monitor)["ml_feature_ks_distance", "x0"])
    # The largest of many gaps lies a little above the gap of the distributions.
    low, high = interval(found)
    assert low <= 2 * phi(d / 2) - 1 + 0.004
    assert high >= 2 * phi(d / 2) - 1


def test_psi_of_a_category():
    """[.25] * 4 to [.4, .3, .2, .1]."""
    from simulator.monitors.psi import psi

    old, new = np.repeat(np.arange(4.0), 250), np.repeat(np.arange(4.0), [400, 300, 200, 100])
    assert psi(old, new, categorical=True).value == pytest.approx(0.228217, abs=1e-6)


@pytest.mark.parametrize("n, share", [(200, 0.3505), (1000, 1e-7)])
def test_small_windows_drift_by_themselves(quiet, n, share):
    """The null distribution of PSI: over 200 rows a third of clean windows exceed .1."""
    dice = np.random.default_rng(n)
    monitor = MONITORS.get("psi")(window="1m", correction="none")
    values, pvalues = [], []
    rows = Rows(quiet, pool_of(dice.standard_normal((200_000, 12))), room=n)
    for version in range(2, 52):
        rows.train(dice.standard_normal((n, 12)), version)
        rows.score(n)
        found = rows.look(monitor)
        values += [found["ml_feature_psi", f"x{i}"] for i in range(12)]
        pvalues += [found["ml_feature_psi_pvalue", f"x{i}"] for i in range(12)]
    # 600 windows: four standard errors are 8 points.
    assert np.mean(np.greater(values, 0.1)) == pytest.approx(share, abs=0.08)
    # The p-value that goes with it is not deceived.
    assert np.mean(np.less(pvalues, 0.01)) < 0.03


def test_false_drift_of_a_small_sample_has_a_p_value_that_says_wait(quiet):
    """200 rows: an index above .1 somewhere in most windows, and nothing behind it."""
    dice = np.random.default_rng(8)
    monitor = MONITORS.get("psi")(window="1m")
    rows = Rows(quiet, pool_of(dice.standard_normal((200_000, 12))), room=200)
    alarms, believed = 0, 0
    for version in range(2, 42):
        rows.train(dice.standard_normal((200, 12)), version)
        rows.score(200)
        found = rows.look(monitor)
        assert found["ml_feature_rows"] == 200
        alarms += max(found["ml_feature_psi", f"x{i}"] for i in range(12)) > 0.1
        believed += min(found["ml_feature_psi_pvalue", f"x{i}"] for i in range(12)) < 0.05
    assert alarms >= 36
    assert believed == 0


def test_uncorrected_ks_raises_860_false_alarms_a_day(quiet):
    """12 columns, a look a minute; a twelfth of a day is enough to tell 860 from none."""
    dice = np.random.default_rng(4)
    rows = Rows(quiet, pool_of(dice.standard_normal((200_000, 12))), room=500)
    default = MONITORS.get("ks")(every="1m", window="1m")
    plain = default.model_copy(update={"correction": "none"})
    alarms = dict.fromkeys(["none", default.correction, "bonferroni", "benjamini_hochberg"], 0)
    assert default.looks == 1440
    for version in range(2, 122):
        rows.train(dice.standard_normal((500, 12)), version)
        rows.score(500)
        found = rows.look(plain)
        pvalues = np.array([found["ml_feature_ks_pvalue", f"x{i}"] for i in range(12)])
        for name in alarms:
            alarms[name] += (corrected(pvalues, name, default.looks) < 0.05).sum()
    assert rows.look(default)["ml_feature_ks_pvalue", "x0"] > pvalues[0]
    assert 12 * alarms["none"] == pytest.approx(860, abs=4 * 12 * 72**0.5)
    assert [alarms[name] for name in alarms if name != "none"] == [0, 0, 0]


def test_a_corrected_p_value_still_sees_a_shift(quiet):
    dice = np.random.default_rng(5)
    rows = Rows(quiet, pool_of(dice.standard_normal((200_000, 12))), room=500)
    rows.score(500, rows=[shifted(0.5, column=3)])
    for name in ("ks", "psi", "chi_squared", "jensen_shannon", "wasserstein"):
        found = rows.look(MONITORS.get(name)(every="1m", window="1m"))
        p = {i: found[f"ml_feature_{name}_pvalue", f"x{i}"] for i in range(12)}
        assert [i for i in p if p[i] < 0.05] == [3], name


# -- quality --------------------------------------------------------------------------------


def quality(quiet, m=1.0, rows=(), truth=None, count=20_000):
    """Accuracy and AUC of 12 seeds' labels, as the monitor sees them."""
    found = []
    for seed in SEEDS:
        made = Rows(quiet, mixture(200_000, m), mixture_model(m), room=count)
        laws = truth(made.params.pool) if truth else ()
        made.score(count, rows=rows, truth=laws, seed=seed)
        made.world.now += MINUTE
        made.join()
        said = made.look(MONITORS.get("accuracy")(window="1h"))
        assert said["ml_model_labels_in_window"] == count
        found.append((said["ml_model_accuracy"], said["ml_model_auc"]))
    return np.array(found).T


@pytest.mark.parametrize("m", [0.5, 1.0, 1.5])
@pytest.mark.parametrize("s", [0.0, 0.5, 1.0])
def test_accuracy_falls_under_a_shift_and_auc_does_not(quiet, m, s):
    accuracy, auc = quality(quiet, m, rows=[shifted(s)])
    assert inside((phi(m + s) + phi(m - s)) / 2, accuracy)
    assert inside(phi(2**0.5 * m), auc)


@pytest.mark.parametrize("p", [0.1, 0.2, 0.4])
def test_a_concept_flips_and_no_statistic_of_the_inputs_moves(quiet, p):
    def flip(pool):
        return [LabelLaw("flip", p, (1 - pool.label).astype(np.int8))]

    a = phi(1.0)
    accuracy, _ = quality(quiet, truth=flip)
    assert inside(a * (1 - p) + (1 - a) * p, accuracy)
    calm, flipped = (Rows(quiet, mixture(200_000), mixture_model(), room=500) for _ in range(2))
    calm.score(500)
    flipped.score(500, truth=flip(flipped.params.pool))
    for name in ("psi", "ks", "wasserstein"):
        monitor = MONITORS.get(name)(window="1m")
        assert calm.look(monitor) == flipped.look(monitor)


@pytest.mark.parametrize(
    "a0, a1, threshold, hours", [(0.9, 0.7, 0.85, 30.0), (0.9, 0.6, 0.8, 32.0)]
)
def test_labels_that_come_a_day_later_are_seen_after_the_formula(quiet, a0, a1, threshold, hours):
    """D + W (a0 - th) / (a0 - a1), with D and W of a day."""
    # The model says yes to everybody, so the share of positive labels is its accuracy.
    pool = pool_of(np.ones((1000, 1)), np.arange(1000) < 1000 * a0, lag_ms=24 * HOUR)
    rows = Rows(quiet, pool, model_of([1.0]), room=1000, now=0)
    fewer = LabelLaw("step", 1.0, (np.arange(1000) < 1000 * a1).astype(np.int8))
    monitor, onset = MONITORS.get("accuracy")(window="24h"), 48 * HOUR
    while True:
        rows.score(1000, 10 * MINUTE, truth=[fewer] if rows.world.now >= onset else ())
        rows.join()
        accuracy = rows.look(monitor)["ml_model_accuracy"]
        if rows.world.now > onset and accuracy < threshold:
            break
        assert rows.world.now < onset + 48 * HOUR
    # A look every ten minutes, and noise of some .001 on a slope of .2 a day.
    assert (rows.world.now - onset) / HOUR == pytest.approx(hours, abs=0.75)


def test_places_of_the_log_that_nobody_wrote_have_no_label(quiet):
    rows = Rows(quiet, mixture(1000), mixture_model(), room=5000, now=0)
    rows.score(100)
    rows.world.now += MINUTE
    rows.join()
    assert len(rows.seen.labelled(HOUR)[0]) == 100
