"""Detectors with a memory: textbook run lengths, river's docstrings, what they watch."""

import copy
import random
from itertools import count

import numpy as np
import pytest

from simulator.monitors import MONITORS, Watch, _extras
from simulator.monitors.cusum import Cusum
from simulator.monitors.ewma import Average
from simulator.monitors.shewhart import Chart
from simulator.pipeline.rows import Column, LabelLaw
from tests.monitors.rows import MINUTE, Rows, inside, mixture, mixture_model, pool_of, shifted

CHARTS = ("cusum", "shewhart", "ewma")
RIVER = ("adwin", "page_hinkley", "kswin", "ddm")
river = pytest.mark.skipif(bool(_extras.missing("river", "drift")), reason="needs the extra drift")


def run_lengths(make, shift, runs):
    """After how many values each of many charts finds drift."""
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
    # Lucas and Saccucci's 10.3 is for limits that do not widen at the start: ours see it sooner.
    assert inside(500.0, run_lengths(Average, 0.0, 400), width=0.15)
    assert 7.5 < np.mean(run_lengths(Average, 1.0, 600)) < 9.0


def test_a_standing_sum_is_exceeded_as_often_as_its_p_value_says():
    dice, chart = np.random.default_rng(3), Cusum(limit=1e9)
    found = []
    for x in dice.standard_normal(100_000).tolist():
        chart.update(x)
        found.append(chart.found.pvalue)
    for level in (0.05, 0.01):
        assert np.mean(np.less(found, level)) == pytest.approx(level, rel=0.25)


def test_slow_drift_shows_in_the_sum_before_it_shows_in_a_single_mean(quiet):
    rows = Rows(quiet, pool_of(np.random.default_rng(1).standard_normal((50_000, 1))))
    first, memory = {}, {name: {} for name in CHARTS}
    for minute in range(120):
        rows.score(100, rows=[shifted(0.002 * minute)])
        for name in CHARTS:
            monitor = MONITORS.get(name)(every="1m", window="1m")
            if rows.look(monitor, memory[name])[f"ml_feature_{name}_drift", "x0"]:
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
        rows, moved, kept = Rows(quiet, mixture(100_000), mixture_model()), set(), {}
        for _ in range(10):
            rows.score(500, **laws(rows.params.pool))
            rows.join()
            for on in where:
                monitor = MONITORS.get(name)(every="1m", window="1m", on=on, limit=4.5)
                found = rows.look(monitor, kept.setdefault(on, {}))
                drifts = f"{where[on]}_{name}_drifts_total"
                if found[(drifts, "x0") if on == "features" else drifts] > 0:
                    moved.add(on)
        assert moved == expected


def test_a_column_without_variance_has_no_standard(quiet):
    columns = (Column("same"), Column("empty"), Column("kind", ("a", "b")))
    table = np.column_stack([np.ones(1000), np.full(1000, np.nan), np.arange(1000) % 2])
    rows = Rows(quiet, pool_of(table, columns=columns))
    rows.score(100)
    for name in CHARTS:
        found = rows.look(MONITORS.get(name)(window="1m"))
        assert {feature for _, feature in found} == {"same", "empty"}
        for feature in ("same", "empty"):
            assert found[f"ml_feature_{name}_drift", feature] == 0
            assert not abs(found[f"ml_feature_{name}", feature]) > 0
        assert found[f"ml_feature_{name}_rows", "same"] == 100
        assert found[f"ml_feature_{name}_rows", "empty"] == 0


def test_a_copy_of_a_watch_goes_its_own_way(quiet):
    rows = Rows(quiet, pool_of(np.random.default_rng(1).standard_normal((9000, 1))))
    watch = Watch([MONITORS.get("cusum")(every="1m")], rows.params.pool.columns, rows.world.now)
    for _ in range(5):
        rows.score(100)
        watch.run(rows.world, rows.params)
    other = watch.copy()
    before = copy.deepcopy(watch.values)
    rows.score(100, rows=[shifted(3.0)])
    other.run(rows.world, rows.params)
    assert np.array_equal(watch.values[0], before[0])
    assert watch.memories[0]["drifts"] == [0]
    assert other.memories[0]["drifts"] == [1]


def test_what_was_computed_for_one_run_is_not_told_to_another(quiet):
    """Version 2 of one seed was trained on other rows than version 2 of another seed."""
    pool = pool_of(np.random.default_rng(1).standard_normal((9000, 1)))
    found = []
    for shift in (0.0, 3.0):
        rows = Rows(quiet, pool)
        rows.train(np.random.default_rng(2).standard_normal((2000, 1)) + shift)
        rows.score(1000)
        watch = Watch([MONITORS.get("psi")(every="1m", window="1m")], pool.columns)
        watch.run(rows.world, rows.params)
        found.append(watch.values[0][0])
    assert found[0] < 0.1
    assert found[1] > 1


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
def test_river_says_what_its_docstrings_print(name, args, index):
    stream = MONITORS.get(name)(**args).stream()
    found = []
    for i, x in enumerate(docstring_stream()):
        stream.update(x)
        if stream.drift_detected:
            found.append(i)
    assert found == [index]


@river
def test_ddm_says_what_its_docstring_prints():
    dice = random.Random(42)
    values = dice.choices([0, 1], k=1000) + dice.choices([0, 1], k=1000, weights=[0.3, 0.7])
    stream, found = MONITORS.get("ddm")().stream(), []
    for i, x in enumerate(values):
        stream.update(x)
        if stream.drift_detected:
            found.append(i)
    assert found == [1334]


@river
@pytest.mark.parametrize("name", ["adwin", "page_hinkley", "ddm"])
def test_river_finds_a_flip_in_the_labelled_errors(quiet, name):
    """Labels of 500 rows a minute: errors go from 16 % to 50 % in the tenth minute."""
    rows, memory, found = Rows(quiet, mixture(100_000), mixture_model()), {}, []
    flip = LabelLaw("flip", 0.5, (1 - rows.params.pool.label).astype(np.int8))
    monitor = MONITORS.get(name)(every="1m", window="1m")
    for minute in range(20):
        rows.score(500, truth=[flip] if minute >= 10 else ())
        rows.join()
        found.append(rows.look(monitor, memory)[f"ml_model_error_{name}_drifts_total"])
    assert found[9] == 0
    assert found[12] > 0
    assert memory["streams"][0].found.value > 0.4
    again = copy.deepcopy(memory["streams"][0])
    again.update(1.0)
    assert again.count != memory["streams"][0].count


@river
def test_river_watches_every_column_and_remembers_a_bounded_past(quiet):
    dice = np.random.default_rng(1)
    rows = Rows(quiet, pool_of(dice.standard_normal((9000, 3))), room=1000)
    memory = {name: {} for name in ("adwin", "page_hinkley", "kswin")}
    for minute in range(300):
        rows.score(50, rows=[shifted(2.0, column=1)] if minute >= 150 else ())
        for name, kept in memory.items():
            delta = {"threshold": 5.0} if name == "page_hinkley" else {}
            found = rows.look(MONITORS.get(name)(on="features", window="1m", **delta), kept)
            if minute == 149:
                before = dict(found)
            if minute == 299:
                totals = [found[f"ml_feature_{name}_drifts_total", f"x{i}"] for i in range(3)]
                assert totals[1] > 0, name
                assert totals[0] + totals[2] <= totals[1], name
    assert before["ml_feature_kswin_drifts_total", "x1"] <= 1
    assert len(memory["kswin"]["streams"][0].detector.window) <= 100
    assert rows.world.now % MINUTE == 0
