"""Exact drift and model quality, through scored, logged and joined rows."""

import numpy as np
import pytest

from simulator.monitors import MONITORS
from simulator.monitors._corrections import adjusted_pvalues
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
    monitor, indices = MONITORS.get("psi")(window="1m"), []
    for seed in SEEDS:
        rows = normal()
        rows.score(20_000, rows=[shifted(d)], seed=seed)
        # The index of n rows against m is too large by 9 (1/n + 1/m) on average.
        index = rows.evaluate(monitor)["ml_feature_psi", "x0"]
        indices.append(index - 9 * (1 / 20_000 + 1 / 500_000))
    assert inside(exact, indices)


@pytest.mark.parametrize("d", [0.25, 0.5, 1.0])
def test_ks_distance_of_a_shift(normal, d):
    monitor, distances = MONITORS.get("ks")(window="1m"), []
    for seed in SEEDS:
        rows = normal()
        rows.score(20_000, rows=[shifted(d)], seed=seed)
        distances.append(rows.evaluate(monitor)["ml_feature_ks_distance", "x0"])
    # The largest of many gaps lies a little above the gap of the distributions.
    low, high = interval(distances)
    assert low <= 2 * phi(d / 2) - 1 + 0.004
    assert high >= 2 * phi(d / 2) - 1


def test_psi_of_a_category():
    """[.25] * 4 to [.4, .3, .2, .1]."""
    from simulator.monitors.psi import psi

    old, new = np.repeat(np.arange(4.0), 250), np.repeat(np.arange(4.0), [400, 300, 200, 100])
    assert psi(old, new, categorical=True).value == pytest.approx(0.228217, abs=1e-6)


@pytest.mark.parametrize("n, share", [(200, 0.3505), (1000, 1e-7)])
def test_small_windows_exceed_the_limit_without_drift(quiet, n, share):
    """The null distribution of PSI: over 200 rows a third of clean windows exceed .1."""
    dice = np.random.default_rng(n)
    monitor = MONITORS.get("psi")(window="1m", correction="none")
    values, pvalues = [], []
    rows = Rows(quiet, pool_of(dice.standard_normal((200_000, 12))), room=n)
    for version in range(2, 52):
        rows.train(dice.standard_normal((n, 12)), version)
        rows.score(n)
        series = rows.evaluate(monitor)
        values += [series["ml_feature_psi", f"x{i}"] for i in range(12)]
        pvalues += [series["ml_feature_psi_pvalue", f"x{i}"] for i in range(12)]
    # 600 windows: four standard errors are 8 points.
    assert np.mean(np.greater(values, 0.1)) == pytest.approx(share, abs=0.08)
    # Its p-value shows no drift.
    assert np.mean(np.less(pvalues, 0.01)) < 0.03


def test_false_drift_of_a_small_sample_is_not_significant(quiet):
    """200 rows: an index above .1 of some column in most windows without any drift."""
    dice = np.random.default_rng(8)
    monitor = MONITORS.get("psi")(window="1m")
    rows = Rows(quiet, pool_of(dice.standard_normal((200_000, 12))), room=200)
    alarms, significant = 0, 0
    for version in range(2, 42):
        rows.train(dice.standard_normal((200, 12)), version)
        rows.score(200)
        series = rows.evaluate(monitor)
        assert series["ml_feature_rows"] == 200
        alarms += max(series["ml_feature_psi", f"x{i}"] for i in range(12)) > 0.1
        significant += min(series["ml_feature_psi_pvalue", f"x{i}"] for i in range(12)) < 0.05
    assert alarms >= 36
    assert significant == 0


def test_uncorrected_ks_raises_860_false_alarms_a_day(quiet):
    """12 columns, every minute; a twelfth of a day distinguishes 860 from none."""
    dice = np.random.default_rng(4)
    rows = Rows(quiet, pool_of(dice.standard_normal((200_000, 12))), room=500)
    default = MONITORS.get("ks")(every="1m", window="1m")
    plain = default.model_copy(update={"correction": "none"})
    alarms = dict.fromkeys(["none", default.correction, "bonferroni", "benjamini_hochberg"], 0)
    assert default.evaluations_per_family == 1440
    for version in range(2, 122):
        rows.train(dice.standard_normal((500, 12)), version)
        rows.score(500)
        series = rows.evaluate(plain)
        pvalues = np.array([series["ml_feature_ks_pvalue", f"x{i}"] for i in range(12)])
        for name in alarms:
            alarms[name] += (
                adjusted_pvalues(pvalues, name, default.evaluations_per_family) < 0.05
            ).sum()
    assert rows.evaluate(default)["ml_feature_ks_pvalue", "x0"] > pvalues[0]
    assert 12 * alarms["none"] == pytest.approx(860, abs=4 * 12 * 72**0.5)
    assert [alarms[name] for name in alarms if name != "none"] == [0, 0, 0]


def test_a_corrected_p_value_still_detects_a_shift(quiet):
    dice = np.random.default_rng(5)
    rows = Rows(quiet, pool_of(dice.standard_normal((200_000, 12))), room=500)
    rows.score(500, rows=[shifted(0.5, column=3)])
    for name in ("ks", "psi", "chi_squared", "jensen_shannon", "wasserstein"):
        series = rows.evaluate(MONITORS.get(name)(every="1m", window="1m"))
        p = {i: series[f"ml_feature_{name}_pvalue", f"x{i}"] for i in range(12)}
        assert [i for i in p if p[i] < 0.05] == [3], name


# -- quality --------------------------------------------------------------------------------


def quality(quiet, m=1.0, rows=(), truth=None, count=20_000):
    """Accuracy and AUC of 12 seeds' labels, as the monitor measures them."""
    measurements = []
    for seed in SEEDS:
        scored = Rows(quiet, mixture(200_000, m), mixture_model(m), room=count)
        laws = truth(scored.params.pool) if truth else ()
        scored.score(count, rows=rows, truth=laws, seed=seed)
        scored.world.now += MINUTE
        scored.join()
        values = scored.evaluate(MONITORS.get("accuracy")(window="1h"))
        assert values["ml_model_labels_in_window"] == count
        measurements.append((values["ml_model_accuracy"], values["ml_model_auc"]))
    return np.array(measurements).T


@pytest.mark.parametrize("m", [0.5, 1.0, 1.5])
@pytest.mark.parametrize("s", [0.0, 0.5, 1.0])
def test_accuracy_falls_under_a_shift_and_auc_does_not(quiet, m, s):
    accuracy, auc = quality(quiet, m, rows=[shifted(s)])
    assert inside((phi(m + s) + phi(m - s)) / 2, accuracy)
    assert inside(phi(2**0.5 * m), auc)


@pytest.mark.parametrize("p", [0.1, 0.2, 0.4])
def test_a_flipped_concept_moves_no_statistic_of_the_inputs(quiet, p):
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
        assert calm.evaluate(monitor) == flipped.evaluate(monitor)


@pytest.mark.parametrize(
    "a0, a1, threshold, hours", [(0.9, 0.7, 0.85, 30.0), (0.9, 0.6, 0.8, 32.0)]
)
def test_labels_a_day_late_are_detected_after_the_formula(quiet, a0, a1, threshold, hours):
    """D + W (a0 - th) / (a0 - a1), with D and W of a day."""
    # The model predicts all rows positive, so the share of positive labels is its accuracy.
    pool = pool_of(np.ones((1000, 1)), np.arange(1000) < 1000 * a0, lag_ms=24 * HOUR)
    rows = Rows(quiet, pool, model_of([1.0]), room=1000, now=0)
    fewer = LabelLaw("step", 1.0, (np.arange(1000) < 1000 * a1).astype(np.int8))
    monitor, onset = MONITORS.get("accuracy")(window="24h"), 48 * HOUR
    while True:
        rows.score(1000, 10 * MINUTE, truth=[fewer] if rows.world.now >= onset else ())
        rows.join()
        accuracy = rows.evaluate(monitor)["ml_model_accuracy"]
        if rows.world.now > onset and accuracy < threshold:
            break
        assert rows.world.now < onset + 48 * HOUR
    # An evaluation every ten minutes, and noise of some .001 on a slope of .2 a day.
    assert (rows.world.now - onset) / HOUR == pytest.approx(hours, abs=0.75)


def test_unused_slots_of_the_log_have_no_label(quiet):
    rows = Rows(quiet, mixture(1000), mixture_model(), room=5000, now=0)
    rows.score(100)
    rows.world.now += MINUTE
    rows.join()
    assert len(rows.view.labelled(HOUR).label) == 100
