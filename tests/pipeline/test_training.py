"""Fits with weights and hyperparameters, and the rows that a training reads."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.pipeline.model import labels, learner
from simulator.pipeline.model.learner import LogisticLearner
from simulator.pipeline.model.training_rows import select_rows
from simulator.pipeline.rows import Column

MINUTE = 60_000
COLUMNS = (Column("x"), Column("y"), Column("shop", ("a", "b", "c")))


def some_rows(seed, count=300):
    """Rows with nulls and a category, and their labels."""
    dice = np.random.default_rng(seed)
    rows = np.column_stack([dice.standard_normal((count, 2)), dice.integers(0, 3, count)])
    label = rows[:, 0] + dice.standard_normal(count) > 0.3 * rows[:, 2]
    rows[dice.random(rows.shape) < 0.05] = np.nan
    return rows, label.astype(np.int8), dice


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_a_row_of_weight_n_counts_as_n_rows(seed):
    rows, label, dice = some_rows(seed)
    times = dice.integers(0, 4, len(rows))
    again = np.repeat(np.arange(len(rows)), times)
    weighted = learner.fit(rows, label, COLUMNS, 1, times.astype(np.float64), ridge=0.5)
    repeated = learner.fit(rows[again], label[again], COLUMNS, 1, ridge=0.5)
    assert weighted.logit(rows) == pytest.approx(repeated.logit(rows), abs=1e-6)


def test_weights_of_one_change_nothing():
    rows, label, _ = some_rows(1)
    weighted = learner.fit(rows, label, COLUMNS, 1, np.ones(len(rows)))
    assert weighted.logit(rows) == pytest.approx(learner.fit(rows, label, COLUMNS, 1).logit(rows))


@pytest.mark.parametrize("ridge", [0.1, 10.0, 1000.0])
def test_the_weighted_fit_is_that_of_scikit_learn(ridge):
    linear_model = pytest.importorskip("sklearn.linear_model")
    dice = np.random.default_rng(5)
    rows = dice.standard_normal((400, 3)) * [1.0, 5.0, 0.2] + [0.0, 3.0, -1.0]
    label = (rows[:, 0] + dice.standard_normal(400) > 0.4).astype(np.int8)
    weight = dice.exponential(size=400)
    model = LogisticLearner(ridge)(rows, label, tuple(map(Column, "abc")), 1, weight)
    mean = np.average(rows, axis=0, weights=weight)
    spread = np.sqrt(np.average((rows - mean) ** 2, axis=0, weights=weight))
    judge = linear_model.LogisticRegression(C=1.0 / ridge, tol=1e-10, max_iter=1000)
    judge.fit((rows - mean) / spread, label, sample_weight=weight)
    expected = judge.decision_function((rows - mean) / spread)
    # The built-in fit also has a penalty of 0.001 on its intercept.
    assert model.logit(rows) == pytest.approx(expected, abs=1e-4)


def test_a_ridge_penalty_shrinks_the_slopes_and_not_the_base_rate():
    rows, label, _ = some_rows(2)
    label[:100] = 1
    free, tight = (LogisticLearner(r)(rows, label, COLUMNS, 1) for r in (1e-3, 1e6))
    assert np.abs(tight.slope).max() < 1e-3 < np.abs(free.slope).max()
    base = np.log(label.mean() / (1 - label.mean()))
    assert tight.logit(rows) == pytest.approx(np.full(len(rows), base), abs=0.02)


def filled_log():
    """Ten rows, one a minute, the sixth twice; the last one has no label yet."""
    log = labels.empty_log(20, 1)
    for minute in range(1, 11):
        ids = np.full(1 + (minute == 6), float(minute))
        nothing = np.zeros(len(ids), bool)
        at = np.full(len(ids), minute * MINUTE + (minute == 10))
        labels.log_rows(
            *(log, minute * MINUTE, ids, ids[:, None], ids, nothing),
            *(nothing.astype(np.int8), at, ~nothing, nothing, nothing),
        )
    return log


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({}, [3, 4, 5, 6, 6, 7, 8, 9]),
        ({"deduplicate": True}, [3, 4, 5, 6, 7, 8, 9]),
        ({"exclude": (0, 4.0, 7.0)}, [3, 8, 9]),
        ({"skip": (3 * MINUTE, 0)}, [3, 4, 5, 6, 6, 7]),
        ({"skip": (5 * MINUTE, 2 * MINUTE)}, [3, 4, 5, 9]),
        ({"skip": (5 * MINUTE, 2 * MINUTE), "exclude": (0, -np.inf, 4.0)}, [5, 9]),
    ],
)
def test_a_training_leaves_rows_out(args, expected):
    log = filled_log()
    rows = select_rows(log, args, window=8 * MINUTE, until=10 * MINUTE)
    assert log.id[rows].tolist() == expected
