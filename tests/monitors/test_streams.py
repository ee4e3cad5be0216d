"""Sequential detectors: textbook run lengths, river's docstrings, the streams they watch."""

import copy
import random
from itertools import count

import numpy as np
import pytest

from simulator.monitors import MONITORS, MonitorRunner, _extras
from simulator.monitors.cusum import Cusum
from simulator.monitors.ewma import Average
from simulator.monitors.shewhart import Chart
from simulator.pipeline.rows import Column, LabelLaw
from tests.monitors.rows import MINUTE, Rows, inside, mixture, mixture_model, pool_of, shifted

CHARTS = ("cusum", "shewhart", "ewma")
RIVER = ("adwin", "page_hinkley", "kswin", "ddm")
river = pytest.mark.skipif(
    bool(_extras.install_hint("river", "drift")), reason="needs the extra drift"
)


def run_lengths(make, shift, runs):
    """The number of values to the first drift, for many charts."""
    dice = np.random.default_rng(17)
    lengths = []
    for _ in range(runs):
        chart = make()
        for i in count(1):
            chart.update(float(dice.normal(shift)))
            if chart.drift_detected:
                lengths.append(i)
                break
    return lengths


# Montgomery, Introduction to Statistical Quality Control, tables 9.3 and 9.11; the normal.
@pytest.mark.parametrize(
    "make, shift, exact, runs",
    [
        (Cusum, 0.0, 465.0, 600), (Cusum, 1.0, 10.38, 600), (Cusum, 2.0, 4.01, 600),
        (lambda: Cusum(limit=4.0), 0.0, 168.0, 900), (lambda: Cusum(limit=4.0), 1.0, 8.38, 600),
        (Chart, 0.0, 370.4, 900), (Chart, 1.0, 43.89, 900), (Chart, 3.0, 2.0, 900),
    ],
)  # fmt: skip
def test_run_lengths_are_those_of_the_textbook(make, shift, exact, runs):
    assert inside(exact, run_lengths(make, shift, runs), width=0.13)


def test_ewma_run_lengths():
    # Lucas and Saccucci's 10.3 is for limits that do not widen at the start: ours detect sooner.
    assert inside(500.0, run_lengths(Average, 0.0, 400), width=0.15)
    assert 7.5 < np.mean(run_lengths(Average, 1.0, 600)) < 9.0


def test_a_sum_is_exceeded_as_often_as_its_p_value():
    dice, chart = np.random.default_rng(3), Cusum(limit=1e9)
    pvalues = []
    for x in dice.standard_normal(100_000).tolist():
        chart.update(x)
        pvalues.append(chart.result.pvalue)
    for level in (0.05, 0.01):
        assert np.mean(np.less(pvalues, level)) == pytest.approx(level, rel=0.25)


def test_a_sum_detects_slow_drift_before_a_single_mean(quiet):
    rows = Rows(quiet, pool_of(np.random.default_rng(1).standard_normal((50_000, 1))))
    first, state = {}, {name: {} for name in CHARTS}
    for minute in range(120):
        rows.score(100, rows=[shifted(0.002 * minute)])
        for name in CHARTS:
            monitor = MONITORS.get(name)(every="1m", window="1m")
            if rows.evaluate(monitor, state[name])[f"ml_feature_{name}_drift", "x0"]:
                first.setdefault(name, minute)
    assert first["cusum"] < first["shewhart"]
    assert first["ewma"] < first["shewhart"]


@pytest.mark.parametrize("name", CHARTS)
def test_charts_watch_features_prediction_and_errors(quiet, name):
    """A concept flip moves errors alone, a shift of the input all three."""
    where = {"features": "ml_feature", "prediction": "ml_prediction", "errors": "ml_model_error"}
    for laws, expected in (
        (lambda pool: {"truth": [LabelLaw("flip", 0.3, (1 - pool.label).astype(np.int8))]},
         {"errors"}),
        (lambda pool: {"rows": [shifted(1.0)]}, {"features", "prediction", "errors"}),
        (lambda pool: {}, set()),
    ):  # fmt: skip
        rows, moved, states = Rows(quiet, mixture(100_000), mixture_model()), set(), {}
        for _ in range(10):
            rows.score(500, **laws(rows.params.pool))
            rows.join()
            for on in where:
                monitor = MONITORS.get(name)(every="1m", window="1m", on=on, limit=4.5)
                values = rows.evaluate(monitor, states.setdefault(on, {}))
                drifts = f"{where[on]}_{name}_drifts_total"
                if values[(drifts, "x0") if on == "features" else drifts] > 0:
                    moved.add(on)
        assert moved == expected


def test_a_column_without_variance_has_no_z(quiet):
    columns = (Column("same"), Column("empty"), Column("kind", ("a", "b")))
    table = np.column_stack([np.ones(1000), np.full(1000, np.nan), np.arange(1000) % 2])
    rows = Rows(quiet, pool_of(table, columns=columns))
    rows.score(100)
    for name in CHARTS:
        values = rows.evaluate(MONITORS.get(name)(window="1m"))
        assert {feature for _, feature in values} == {"same", "empty"}
        for feature in ("same", "empty"):
            assert values[f"ml_feature_{name}_drift", feature] == 0
            assert not abs(values[f"ml_feature_{name}", feature]) > 0
        assert values[f"ml_feature_{name}_rows", "same"] == 100
        assert values[f"ml_feature_{name}_rows", "empty"] == 0


def test_a_copy_of_a_runner_is_independent(quiet):
    rows = Rows(quiet, pool_of(np.random.default_rng(1).standard_normal((9000, 1))))
    runner = MonitorRunner(
        [MONITORS.get("cusum")(every="1m")], rows.params.pool.columns, rows.world.now
    )
    for _ in range(5):
        rows.score(100)
        runner.run(rows.world, rows.params)
    other = runner.copy()
    before = copy.deepcopy(runner.values)
    rows.score(100, rows=[shifted(3.0)])
    other.run(rows.world, rows.params)
    assert np.array_equal(runner.values[0], before[0])
    assert runner.states[0]["drifts"] == [0]
    assert other.states[0]["drifts"] == [1]


def test_a_run_computes_its_own_reference(quiet):
    """Version 2 of one seed was trained on other rows than version 2 of another seed."""
    pool = pool_of(np.random.default_rng(1).standard_normal((9000, 1)))
    indices = []
    for shift in (0.0, 3.0):
        rows = Rows(quiet, pool)
        rows.train(np.random.default_rng(2).standard_normal((2000, 1)) + shift)
        rows.score(1000)
        runner = MonitorRunner([MONITORS.get("psi")(every="1m", window="1m")], pool.columns)
        runner.run(rows.world, rows.params)
        indices.append(runner.values[0][0])
    assert indices[0] < 0.1
    assert indices[1] > 1


# -- river ----------------------------------------------------------------------------------


def docstring_stream():
    """The stream of river's own examples: 0 and 1, after 1,000 values 4 to 7."""
    dice = random.Random(12345)
    return dice.choices([0, 1], k=1000) + dice.choices(range(4, 8), k=1000)


@river
@pytest.mark.parametrize(
    "name, args, index",
    [("adwin", {}, 1023), ("page_hinkley", {}, 1006), ("kswin", {"alpha": 1e-4, "seed": 42}, 1016)],
)
def test_river_detects_as_in_its_docstrings(name, args, index):
    stream = MONITORS.get(name)(**args).new_detector()
    drifts = []
    for i, x in enumerate(docstring_stream()):
        stream.update(x)
        if stream.drift_detected:
            drifts.append(i)
    assert drifts == [index]


@river
def test_ddm_detects_as_in_its_docstring():
    dice = random.Random(42)
    values = dice.choices([0, 1], k=1000) + dice.choices([0, 1], k=1000, weights=[0.3, 0.7])
    stream, drifts = MONITORS.get("ddm")().new_detector(), []
    for i, x in enumerate(values):
        stream.update(x)
        if stream.drift_detected:
            drifts.append(i)
    assert drifts == [1334]


@river
@pytest.mark.parametrize("name", ["adwin", "page_hinkley", "ddm"])
def test_river_detects_a_flip_in_the_labelled_errors(quiet, name):
    """Labels of 500 rows a minute: errors go from 16 % to 50 % in the tenth minute."""
    rows, state, totals = Rows(quiet, mixture(100_000), mixture_model()), {}, []
    flip = LabelLaw("flip", 0.5, (1 - rows.params.pool.label).astype(np.int8))
    monitor = MONITORS.get(name)(every="1m", window="1m")
    for minute in range(20):
        rows.score(500, truth=[flip] if minute >= 10 else ())
        rows.join()
        totals.append(rows.evaluate(monitor, state)[f"ml_model_error_{name}_drifts_total"])
    assert totals[9] == 0
    assert totals[12] > 0
    assert state["streams"][0].result.value > 0.4
    again = copy.deepcopy(state["streams"][0])
    again.update(1.0)
    assert again.count != state["streams"][0].count


@river
def test_river_watches_every_column_with_bounded_memory(quiet):
    dice = np.random.default_rng(1)
    rows = Rows(quiet, pool_of(dice.standard_normal((9000, 3))), room=1000)
    state = {name: {} for name in ("adwin", "page_hinkley", "kswin")}
    for minute in range(300):
        rows.score(50, rows=[shifted(2.0, column=1)] if minute >= 150 else ())
        for name, own in state.items():
            delta = {"threshold": 5.0} if name == "page_hinkley" else {}
            values = rows.evaluate(MONITORS.get(name)(on="features", window="1m", **delta), own)
            if minute == 149:
                before = dict(values)
            if minute == 299:
                totals = [values[f"ml_feature_{name}_drifts_total", f"x{i}"] for i in range(3)]
                assert totals[1] > 0, name
                assert totals[0] + totals[2] <= totals[1], name
    assert before["ml_feature_kswin_drifts_total", "x1"] <= 1
    assert len(state["kswin"]["streams"][0].detector.window) <= 100
    assert rows.world.now % MINUTE == 0
