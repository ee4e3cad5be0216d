"""Orders about the model: its decision threshold, hyperparameters, and rows of a retraining."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from simulator.actions import ACTIONS
from simulator.run.events import ActionEvent
from simulator.source import SourceError, format_issues
from tests.small.playing import (
    MINUTE,
    debts_owed,
    query_value,
    sample_bytes,
    session_after,
    small_setting,
)

# -- the threshold --------------------------------------------------------------------------


def test_a_higher_threshold_predicts_fewer_positives_until_it_is_lifted(quiet):
    orders = (10, "set_threshold", {"threshold": 0.9}), (20, "set_threshold", {"lift": True})
    raised, calm = session_after(quiet, *orders), session_after(quiet)
    log, same = raised.internals.world.log, calm.internals.world.log
    assert np.array_equal(log.score, same.score)
    during = (log.at > 10.6 * MINUTE) & (log.at <= 20.5 * MINUTE)
    assert np.array_equal(log.positive[~during], same.positive[~during])
    assert np.array_equal(log.positive[during], log.score[during] > np.log(9.0))
    assert log.positive[during].mean() < same.positive[during].mean() - 0.05
    ratio = "ml_prediction_positive_ratio"
    assert query_value(raised, ratio, 20) < query_value(calm, ratio, 20) - 0.05
    assert query_value(raised, ratio, 9) == query_value(calm, ratio, 9)


def test_a_threshold_as_before_changes_no_sample(quiet):
    run = session_after(quiet, (10, "set_threshold", {"threshold": 0.5})).finish()
    calm = session_after(quiet).finish()
    assert sample_bytes(run) == sample_bytes(calm)
    assert debts_owed(run) == set()


def test_a_pipeline_declares_its_threshold():
    world = session_after(small_setting({"pipeline.model.threshold": 0.8})).internals.world
    scored = world.log.at >= world.log.at.max() - 20 * MINUTE
    assert np.array_equal(world.log.positive[scored], world.log.score[scored] > np.log(4.0))
    with pytest.raises(SourceError, match="threshold: given 1, expected more than 0 and less"):
        small_setting({"pipeline.model.threshold": 1})


# -- hyperparameters ------------------------------------------------------------------------


LIFT = {"lift": True}


@pytest.fixture(scope="module")
def brief(drill):
    """A drill that ends after a retrain of minute 6."""
    return drill(duration="12m")


@pytest.fixture(scope="module")
def retrained(brief):
    """The version of a retrain in minute 6, and its facts."""
    return newest(session_after(brief, (6, "retrain", {})))


def newest(session):
    """The newest version, and the facts of its training."""
    world = session.internals.world
    version = max(world.versions)
    return world.versions[version], world.trained.get(version, {})


def test_hyperparameters_change_nothing_before_a_retrain(quiet):
    values = {"half_life": "20m", "parameters": {"ridge": 100}}
    changed = session_after(quiet, (5, "change_hyperparameters", values))
    assert sample_bytes(changed.finish()) == sample_bytes(session_after(quiet).finish())
    assert debts_owed(changed.finish()) == {"changed_hyperparameters"}


@pytest.mark.parametrize(
    "values",
    [
        {"half_life": "10m"},
        {"window": "3h"},
        {"positive_weight": 3},
        {"parameters": {"ridge": 200}},
    ],
    ids=lambda values: next(iter(values)),
)
def test_the_next_retrain_uses_changed_hyperparameters(quiet, retrained, brief, values):
    order = (4, "change_hyperparameters", values)
    plain, facts = retrained
    model, changed = newest(session_after(brief, order, (6, "retrain", {})))
    pool = quiet.params.pool
    assert facts["hyperparameters"] == {} != changed["hyperparameters"]
    assert not np.array_equal(model.logit(pool.rows), plain.logit(pool.rows))
    assert (changed["rows"] > facts["rows"]) == ("window" in values)
    if "positive_weight" in values:
        assert model.logit(pool.rows).mean() > plain.logit(pool.rows).mean() + 0.3


def test_a_retrain_after_the_lift_uses_those_of_the_pipeline(quiet, retrained, brief):
    values = {"window": "3h", "half_life": "10m", "positive_weight": 3, "parameters": {"ridge": 9}}
    order, lift = (3, "change_hyperparameters", values), (4.5, "change_hyperparameters", LIFT)
    lifted, _ = newest(session_after(brief, order, lift, (6, "retrain", {})))
    rows = quiet.params.pool.rows
    assert np.array_equal(lifted.logit(rows), retrained[0].logit(rows))


@pytest.mark.parametrize(
    ("kind", "args", "why"),
    [
        ("change_hyperparameters", {"halflife": "1h"},
         "halflife: unknown key; did you mean 'half_life'?"),
        ("change_hyperparameters", {}, "changes nothing; expected a hyperparameter or lift"),
        ("retrain", {"exclude": "x1"},
         "exclude needs low or high; without them every row is left out"),
        ("retrain", {"low": 0}, "low and high are of a segment: exclude is missing"),
        ("retrain", {"skip_since": "1h", "skip_until": "2h"},
         "skip_until lies before skip_since: nothing is left out"),
        ("set_threshold", {"threshold": 1},
         "threshold: given 1, expected more than 0 and less than 1"),
        ("set_threshold", {}, "threshold is missing; expected threshold or lift"),
    ],
)  # fmt: skip
def test_an_invalid_order_is_rejected(kind, args, why):
    cls = ACTIONS.get(kind)
    with pytest.raises(ValidationError) as caught:
        cls.model_validate(args)
    assert format_issues(caught.value, cls) == why


IMPOSSIBLE = [
    ("change_hyperparameters", {"parameters": {"rigde": 1}},
     "trainings here have no hyperparameter 'rigde'; did you mean 'ridge'?"),
    ("change_hyperparameters", {"parameters": {"depth": 1}},
     "trainings here have no hyperparameter 'depth'; "
     "expected one of window, half_life, positive_weight, ridge"),
    ("change_hyperparameters", {"parameters": {"ridge": -1}},
     "ridge: given -1, expected a number above 0"),
    ("change_hyperparameters", LIFT, "all hyperparameters are as declared: nothing to lift"),
    ("set_threshold", LIFT, "the threshold is 0.5 as declared: nothing to lift"),
]  # fmt: skip


def test_impossible_orders_fail_and_change_nothing(quiet):
    session = session_after(quiet, *((2, kind, args) for kind, args, _ in IMPOSSIBLE))
    failed = [e for e in session.finish().of(ActionEvent) if e.state == "failed"]
    assert [(e.action, e.note) for e in failed] == [(kind, why) for kind, _, why in IMPOSSIBLE]
    assert session.internals.world.tuning == quiet.world.tuning


def test_a_retrain_leaves_out_a_segment_and_a_span_of_time(quiet):
    args = {"exclude": "x1", "low": 0, "skip_since": "90m", "skip_until": "60m"}
    session = session_after(quiet, (6, "retrain", args))
    _, facts = newest(session)
    assert facts["reference"][:, 1].max() < 0
    at = session.internals.world.log.at
    ordered = 6 * MINUTE + 10_000
    assert ((at > ordered - 90 * MINUTE) & (at <= ordered - 60 * MINUTE)).any()
    age = ordered - facts["reference_at"]
    assert not ((age < 89 * MINUTE) & (age > 61 * MINUTE)).any()
    assert (age > 91 * MINUTE).any()


def test_a_change_of_an_unknown_hyperparameter_is_told_at_check():
    inject = {"at": "5m", "change": "change_hyperparameters", "args": {"parameters": {"rigde": 1}}}
    with pytest.raises(SourceError, match="unknown hyperparameter 'rigde'; did you mean 'ridge'"):
        small_setting({"injects": [inject]})
