"""Profiles of columns, precision and recall: against numpy and counts by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from simulator.monitors import MONITORS, Column, exported_series
from simulator.monitors._levels import OTHER, UNKNOWN, ValueGroups
from simulator.monitors.column_profile import PROBABILITIES, distinct_values, profile_numbers
from simulator.pipeline.model.labels import LabelCounts
from simulator.pipeline.rows import RowLaw
from tests.monitors.rows import MINUTE, Rows, mixture, mixture_model, model_of, normal_grid, pool_of

PROFILE, ACCURACY = MONITORS.get("column_profile"), MONITORS.get("accuracy")
CITIES = Column("city", ("Bern", "Genf", "Lyon", OTHER), by_frequency=(3, 2, 0, 1))
NUMBERS = some.floats(-1e6, 1e6, allow_subnormal=False)


@given(some.lists(some.one_of(NUMBERS, some.just(0.0)), min_size=1, max_size=60))
def test_moments_and_quantiles_equal_numpys(values):
    mean, stddev, zeros, least, greatest, *quantiles = profile_numbers(np.sort(values))
    scale = max(1.0, np.abs(values).max()) * 1e-12
    assert math.isclose(mean, np.mean(values), rel_tol=1e-12, abs_tol=scale)
    assert math.isclose(stddev, np.std(values), rel_tol=1e-9, abs_tol=scale)
    assert zeros == np.mean(np.equal(values, 0.0))
    assert (least, greatest) == (min(values), max(values))
    expected = np.quantile(values, PROBABILITIES)
    assert quantiles == pytest.approx(expected, rel=1e-12, abs=scale)
    assert distinct_values(np.sort(values)) == len(set(values))


@given(
    some.lists(some.sampled_from([*range(6), -1.0, 0.5, math.nan]), max_size=40),
    some.integers(1, 6),
)
def test_every_value_is_in_one_group(values, top):
    groups = ValueGroups.of_levels(Column("c", tuple("abcde")), top)
    numbers = np.bincount(groups.of(np.array(values, float)), minlength=len(groups.names))
    count = dict(zip(groups.names, numbers.tolist(), strict=True))
    present = np.sort([value for value in values if not math.isnan(value)])
    nulls = len(values) - len(present)
    assert groups.count(present).tolist() == [*numbers[:-1], numbers[-1] - nulls]
    assert sum(count.values()) == len(values)
    for code, name in enumerate("abcde"[:top]):
        assert count[name] == values.count(code)
    assert count[UNKNOWN] == sum(value not in range(5) for value in values)
    assert (OTHER in count) == (top < 5)


def test_levels_are_listed_by_frequency_and_none_twice():
    """A user's file may itself have a level `(other)`: it is among the others."""
    assert ValueGroups.of_levels(CITIES, 2).names == ("Lyon", "Bern", OTHER, UNKNOWN)
    series = exported_series(PROFILE(top=2), [CITIES])
    assert len({(name, *labels.items()) for name, labels in series}) == len(series)
    # Whole numbers above a million keep their digits, so that bounds never share a name.
    assert ValueGroups.of_bounds([1234567.0, 1234568.0]).names[1] == "[1234567, 1234568)"


@pytest.fixture
def cities(quiet):
    """A number and a category, equally frequent levels."""
    rows = np.column_stack([60.0 + normal_grid(400), np.arange(400) % 3])
    return Rows(quiet, pool_of(rows, columns=(Column("delay"), CITIES)))


def label(rows):
    """Join the labels: those of a minute when it is over."""
    rows.world.now += MINUTE
    rows.join()


def values_of(rows, monitor):
    """A monitor's values by metric, feature and the last label."""
    view = rows.view
    series = monitor.series(view.columns)
    values = monitor.evaluate(view, np.full(len(series), np.nan))
    return {
        (name, *labels.values()): value
        for (name, labels), value in zip(series, values.tolist(), strict=True)
    }


def test_a_change_of_unit_is_the_factor_of_the_mean(cities):
    """A median of minutes in hours is a sixtieth: nothing else need be known."""
    before = (cities.score(400), values_of(cities, PROFILE(window="1m")))[1]
    hours = RowLaw("hours", 0, 1.0, factor=1 / 60)
    after = (cities.score(400, rows=[hours]), values_of(cities, PROFILE(window="1m")))[1]
    for series in (("ml_feature_mean", "delay"), ("ml_feature_quantile", "delay", "0.5")):
        assert before[series] / after[series] == pytest.approx(60.0, rel=0.01)
    assert after["ml_feature_present_rows", "delay"] == 400


def test_an_unknown_level_and_nulls_are_told_apart(cities):
    cities.score(300, rows=[RowLaw("garbled", 1, 1.0, factor=0.0, offset=4.0)])
    cities.score(100, rows=[RowLaw("lost", 1, 1.0, null=True)])
    values = values_of(cities, PROFILE())
    assert values["ml_feature_level_ratio", "city", UNKNOWN] == 1.0
    assert values["ml_feature_level_ratio", "city", "Lyon"] == 0.0
    assert values["ml_feature_present_rows", "city"] == 300
    assert values["ml_feature_distinct_values", "city"] == 1


def test_without_rows_a_profile_has_no_mean_and_no_rows(cities):
    values = values_of(cities, PROFILE())
    assert values["ml_feature_present_rows", "delay"] == 0
    assert math.isnan(values["ml_feature_mean", "delay"])
    assert math.isnan(values["ml_feature_level_ratio", "city", "Bern"])


# -- precision and recall --------------------------------------------------------------------


@given(some.lists(some.tuples(some.booleans(), some.booleans()), max_size=30))
def test_precision_and_recall_equal_a_count(pairs):
    """Pairs of a prediction and a label."""
    true_positive = pairs.count((True, True))
    counts = LabelCounts(
        float(len(pairs)),
        float(sum(predicted == label for predicted, label in pairs)),
        float(sum(label for _, label in pairs)),
        float(true_positive),
    )
    predicted = sum(predicted for predicted, _ in pairs)
    assert counts.predicted_positive == predicted
    assert counts.precision == true_positive / predicted if predicted else counts.precision
    assert math.isnan(counts.precision) == (predicted == 0)
    assert math.isnan(counts.recall) == (counts.positive == 0)


def test_live_quality_equals_that_of_scikit_learn(quiet):
    metrics = pytest.importorskip("sklearn.metrics")
    rows = Rows(quiet, mixture(4000), mixture_model())
    rows.score(3000)
    label(rows)
    quality, labelled = values_of(rows, ACCURACY()), rows.view.labelled(3_600_000)
    for name in ("accuracy", "precision", "recall"):
        expected = getattr(metrics, f"{name}_score")(labelled.label, labelled.positive)
        assert quality[(f"ml_model_{name}",)] == pytest.approx(expected, rel=1e-12)
    # The model is the law of the data: three standard errors of 1,500 positives are .08.
    assert quality[("ml_model_calibration_ratio",)] == pytest.approx(1.0, abs=0.08)


def test_a_decision_for_nobody_has_no_precision(quiet):
    rows = Rows(quiet, mixture(400), model_of([0.0]))
    rows.score(400)
    label(rows)
    quality = values_of(rows, ACCURACY())
    assert math.isnan(quality[("ml_model_precision",)])
    assert quality[("ml_model_recall",)] == 0.0


def test_segments_add_up_to_the_whole(quiet):
    """Both segments of the feature see what the whole model sees together, not alone."""
    rows = Rows(quiet, mixture(4000), mixture_model())
    rows.score(3000)
    label(rows)
    whole, parts = values_of(rows, ACCURACY()), values_of(rows, ACCURACY(by="x0", bounds=(0.0,)))
    names = ("(-inf, 0)", "[0, inf)", UNKNOWN)
    count = [parts["ml_segment_labels_in_window", "x0", name] for name in names]
    share = [parts["ml_segment_accuracy", "x0", name] for name in names[:2]]
    assert sum(count) == whole[("ml_model_labels_in_window",)]
    assert np.dot(share, count[:2]) / sum(count) == pytest.approx(whole[("ml_model_accuracy",)])
    # Below zero the model says no and above yes, so that recall is 0 there and 1 here.
    assert [parts["ml_segment_recall", "x0", name] for name in names[:2]] == [0.0, 1.0]
    assert count[2] == 0
    assert math.isnan(parts["ml_segment_accuracy", "x0", UNKNOWN])


def test_a_segment_shows_a_flipped_concept_that_the_whole_hides(cities):
    """Labels of one city are wrong: its segment falls alone."""
    pool = cities.params.pool
    truth = (pool.rows[:, 0] > 60).astype(np.int8)
    flipped = np.where(pool.rows[:, 1] == 2, 1 - truth, truth)
    object.__setattr__(pool, "label", flipped.astype(np.int8))
    cities.world.versions[1] = model_of([1.0, 0.0])
    object.__setattr__(cities.world.versions[1], "intercept", -60.0)
    cities.score(900)
    label(cities)
    values = values_of(cities, ACCURACY(by="city"))
    assert values["ml_segment_accuracy", "city", "Lyon"] == 0.0
    assert values["ml_segment_accuracy", "city", "Bern"] == 1.0
