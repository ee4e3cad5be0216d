"""ORACLES.md, "Drift and model quality", through the whole pipeline.

Rows come from a user's file, are requested by traffic, scored by a model that was fitted on
them, logged, joined with their labels by a job, measured by monitors, scraped, and queried with
PromQL, under a fault of the catalogue. Every exact value must lie in the 99.9 % interval of
measurements that share no row, and the interval must be narrow.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from scipy import integrate, stats

from simulator.director.injects import BoundInject
from simulator.faults import FAULTS
from tests.oracles.drift_drill import MINUTE, SERVED, drill, measure, mixture

ROWS = 2400 * 5  # of a measurement
SLOW = pytest.mark.slow


@pytest.fixture(scope="module")
def exact(tmp_path_factory):
    """The quiet drill, m = 1."""
    return drill(tmp_path_factory.mktemp("exact"), mixture(), 130)


def with_fault(setting, name, at=0, **args):
    """The same setting with one fault."""
    fault = FAULTS.get(name)(**args)
    inject = BoundInject(
        id="it", type="fault", name=name, at=at * MINUTE, target="", args={}, fault=fault
    )
    return dataclasses.replace(setting, injects=(inject,))


def shifted(setting, by, feature):
    """Every value of a column is larger by `by`; the labels are unchanged."""
    return with_fault(setting, "bad_tenant", target="feed", feature=feature, factor=1.0, offset=by)


def assert_contains(exact, values, width=0.08):
    """Assert that the 99.9 % interval of the mean contains the exact value and is narrow."""
    values = np.asarray(values)
    half = stats.t.ppf(0.9995, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5
    assert half <= width * abs(exact), (values.mean(), half)
    assert abs(values.mean() - exact) <= half, (exact, values.mean(), half)


def psi_of(d, bins=10):
    """The population stability index of N(0, 1) against N(d, 1) in reference deciles."""
    edges = stats.norm.ppf(np.arange(bins + 1) / bins)
    p, q = np.full(bins, 1 / bins), np.diff(stats.norm.cdf(edges - d))
    return float(((q - p) * np.log(q / p)).sum())


def test_the_closed_form_gives_the_published_values():
    assert [round(psi_of(d), 5) for d in (0.25, 0.5, 1.0)] == [0.05982, 0.23775, 0.92614]


@pytest.mark.parametrize(
    "d",
    [
        0.25,
        pytest.param(0.5, marks=SLOW),
        pytest.param(1.0, marks=SLOW),
        pytest.param(-0.7, marks=SLOW),
    ],
)
def test_a_shift_has_its_exact_psi_and_ks_distance(exact, d):
    queries = {"psi": "ml_feature_psi{feature='z0'}", "ks": "ml_feature_ks_distance{feature='z0'}",
               "rows": "ml_feature_rows", "unshifted": "ml_feature_psi{feature='x'}"}  # fmt: skip
    answers = measure(shifted(exact, d, "z0"), queries, 5, 11)
    assert answers["rows"] == pytest.approx(ROWS, rel=0.05)
    # The index of n rows against m is too large by 9 (1/n + 1/m) on average.
    assert_contains(psi_of(d), answers["psi"] - 9 * (1 / answers["rows"] + 1 / SERVED))
    assert_contains(2 * stats.norm.cdf(abs(d) / 2) - 1, answers["ks"])
    assert answers["unshifted"].max() < 0.01


@pytest.mark.slow
@pytest.mark.parametrize(
    "minutes, rows",
    [(1, 200), pytest.param(2, 400, marks=SLOW), pytest.param(5, 1000, marks=SLOW)],
)
def test_psi_without_drift_is_chi_squared(tmp_path, minutes, rows):
    """PSI/(1/n + 1/m) has 9 degrees of freedom: over 200 rows values above .1 are not rare."""
    monitor = {"monitor": "psi", "window": f"{minutes}m", "every": f"{minutes}m"}
    quiet = drill(
        tmp_path, mixture(more=12), 40 * minutes,
        pipeline__monitors=[{**monitor, "correction": "none"}], pipeline__logged="200/min",
    )  # fmt: skip
    queries = {f"z{i}": f"ml_feature_psi{{feature='z{i}'}}" for i in range(12)}
    answers = measure(quiet, queries, minutes, minutes + 1)
    values = np.concatenate(list(answers.values())) / (1 / rows + 1 / SERVED)
    # The last bin's logarithm is curved: over few rows the mean lies a little above 9.
    assert values.mean() == pytest.approx(9.0, abs=4 * 18**0.5 / len(values) ** 0.5 + 150 / rows)
    for limit in (0.05, 0.1):
        share = stats.chi2.sf(limit / (1 / rows + 1 / SERVED), 9)
        spread = math.sqrt(share * (1 - share) / len(values))
        measured = float((values > limit / (1 / rows + 1 / SERVED)).mean())
        assert abs(measured - share) < 4 * spread + 0.01, (limit, measured, share)


@pytest.mark.parametrize(
    "s", [0.0, 1.0, pytest.param(0.5, marks=SLOW), pytest.param(-1.5, marks=SLOW)]
)
def test_a_shift_lowers_accuracy_and_not_auc(exact, s):
    queries = {"accuracy": "ml_model_accuracy", "auc": "ml_model_auc"}
    answers = measure(shifted(exact, s, "x"), queries, 5, 16)
    assert_contains((stats.norm.cdf(1 + s) + stats.norm.cdf(1 - s)) / 2, answers["accuracy"], 0.02)
    assert_contains(stats.norm.cdf(2**0.5), answers["auc"], 0.02)


@pytest.mark.parametrize("m", [0.6, pytest.param(1.4, marks=SLOW)])
def test_the_distance_of_classes_gives_accuracy_and_auc(tmp_path, m):
    queries = {"accuracy": "ml_model_accuracy", "auc": "ml_model_auc"}
    answers = measure(drill(tmp_path, mixture(m), 60), queries, 5, 16)
    assert_contains(stats.norm.cdf(m), answers["accuracy"], 0.02)
    assert_contains(stats.norm.cdf(2**0.5 * m), answers["auc"], 0.02)


@pytest.mark.parametrize("p", [0.2, pytest.param(0.5, marks=SLOW)])
def test_a_concept_flip_moves_no_input(exact, p):
    a = stats.norm.cdf(1)
    queries = {"accuracy": "ml_model_accuracy", "x": "ml_feature_psi{feature='x'}",
               "ks": "ml_feature_ks_pvalue{feature='x'}", "yes": "ml_prediction_positive_ratio"}  # fmt: skip
    answers = measure(with_fault(exact, "concept_drift", feature="x", share=p), queries, 5, 16)
    assert_contains(a * (1 - p) + (1 - a) * p, answers["accuracy"], 0.03)
    assert answers["x"].max() < 0.01
    assert answers["ks"].min() > 0.05
    assert_contains(0.5, answers["yes"], 0.03)


@pytest.mark.parametrize(
    "share, outcome",
    [
        (0.4, "positive"),
        *(
            pytest.param(*case, marks=SLOW)
            for case in ((0.8, "positive"), (0.4, "negative"), (0.8, "negative"))
        ),
    ],
)
def test_a_prior_shift_moves_predictions_and_not_accuracy(exact, share, outcome):
    """Both classes are equally hard, so accuracy is constant while predictions and x move."""
    a, towards = stats.norm.cdf(1), 1.0 if outcome == "positive" else -1.0
    prior = 0.5 + towards * share / 2
    queries = {"accuracy": "ml_model_accuracy", "yes": "ml_prediction_positive_ratio",
               "x": "ml_feature_ks_distance{feature='x'}", "z": "ml_feature_psi{feature='z0'}"}  # fmt: skip
    answers = measure(
        with_fault(exact, "prior_shift", share=share, outcome=outcome), queries, 5, 16
    )
    assert_contains(a, answers["accuracy"], 0.02)
    assert_contains(prior * a + (1 - prior) * (1 - a), answers["yes"], 0.03)
    # The weights of the mixture move: the gap is largest at 0, share / 2 of that of the classes.
    assert_contains(share / 2 * (2 * a - 1), answers["x"])
    assert answers["z"].max() < 0.01


def test_corrupted_labels_lower_the_measured_accuracy(exact):
    """30 % of the positive half are recorded as negative."""
    a = stats.norm.cdf(1)
    setting = with_fault(exact, "label_corruption", target="feed", share=0.3)
    answers = measure(setting, {"accuracy": "ml_model_accuracy"}, 5, 16)
    assert_contains((a + 0.7 * a + 0.3 * (1 - a)) / 2, answers["accuracy"], 0.02)


@pytest.mark.parametrize(
    "delay, window, threshold",
    [
        (10, 20, 0.7),
        pytest.param(30, 30, 0.75, marks=SLOW),
        pytest.param(60, 20, 0.65, marks=SLOW),
        pytest.param(10, 60, 0.8, marks=SLOW),
    ],
)
def test_delayed_labels_delay_the_drop_of_accuracy(tmp_path, delay, window, threshold):
    """A step from a0 to a1 shows after D + W (a0 - th) / (a0 - a1), and the minute of the join."""
    a0, onset = stats.norm.cdf(1), 20
    due = delay + window * (a0 - threshold) / (a0 - 0.5)
    setting = drill(
        tmp_path, mixture(), round(onset + due + 20),
        pipeline__data__label_after=f"{delay}m", history="2h", pipeline__logged="2400/min",
        pipeline__monitors=[{"monitor": "accuracy", "window": f"{window}m", "every": "1m"}],
    )  # fmt: skip
    answers = measure(
        with_fault(setting, "concept_drift", at=onset, feature="x", factor=-1.0, share=0.5),
        {"accuracy": "ml_model_accuracy"}, 1, 1,
    )["accuracy"]  # fmt: skip
    first = 1 + int(np.flatnonzero(answers < threshold)[0])
    # Join, monitor and scrape each take up to a minute; a window's accuracy has its own noise,
    # which a slope of (a0 - a1) / W turns into minutes.
    noise = 4 * math.sqrt(0.25 / (2400 * window)) * window / (a0 - 0.5)
    assert due - noise <= first - onset <= due + noise + 4


def test_the_example_of_the_formula_takes_thirty_hours():
    """a0 = .9, a1 = .7, D = W = 24 h, th = .85."""
    assert pytest.approx(30) == 24 + 24 * (0.9 - 0.85) / (0.9 - 0.7)


def test_the_usual_thresholds_of_psi_as_shifts():
    """.1 is a shift of .32347, .25 a shift of .51283; KS is the largest gap of the integrals."""
    assert psi_of(0.32347) == pytest.approx(0.1, abs=1e-5)
    assert psi_of(0.51283) == pytest.approx(0.25, abs=1e-5)
    gap, _ = integrate.quad(lambda x: stats.norm.pdf(x + 0.25) - stats.norm.pdf(x - 0.25), -9, 0)
    assert gap == pytest.approx(2 * stats.norm.cdf(0.25) - 1)
