"""A time limit of feature reads: slots are free sooner, answers are worse."""

import numpy as np
import pytest
from pydantic import ValidationError

from simulator.actions import ACTIONS
from simulator.run.events import ActionEvent
from tests.small.playing import action_outcomes, debts_owed, play_orders, query_value, session_after

SLOW_STORE = {"id": "it", "at": "8m", "fault": "slow_dependency", "args": {"factor": 200.0}}
LIMIT, LIFT = ("limit_reads", {"limit": "50ms"}), ("limit_reads", {"lift": True})


def test_a_limit_saves_the_latency_and_costs_accuracy(drill):
    setting = drill(SLOW_STORE, duration="25m")
    nulls = 'ml_feature_null_ratio{feature="x1"}'
    slowed, limited = session_after(setting), session_after(setting, (10, *LIMIT))
    for session, worse in ((slowed, True), (limited, False)):
        run = session.finish()
        late = run.truth_times > 15 * 60_000
        assert (np.nanmean(run.truth["latency_p95"][late]) > 1.0) == worse
        assert (query_value(session, nulls) < 0.1) == worse
    accuracy = [
        np.nanmean(run.truth["accuracy"][run.truth_times > 15 * 60_000])
        for run in (slowed.finish(), limited.finish())
    ]
    assert accuracy[1] < accuracy[0] - 0.02


def test_it_lasts_until_it_is_lifted(quiet):
    run = play_orders(quiet, (6, *LIMIT), (10, *LIFT), (12, *LIFT))
    assert action_outcomes(run) == [("limit_reads", state) for state in ("done", "done", "failed")]
    assert [e.note for e in run.of(ActionEvent) if e.ends] == [
        "feature reads of at most 50ms",
        "no limit of feature reads",
        "feature reads have no limit: nothing to lift",
    ]
    assert debts_owed(run, 8) == {"defaulted_features"}
    assert debts_owed(run) == set()


def test_without_a_dependency_there_is_nothing_to_limit(drill):
    run = play_orders(
        drill(pipeline__stages__serving__dependency__mean="0s", duration="10m"), (6, *LIMIT)
    )
    assert action_outcomes(run) == [("limit_reads", "failed")]


@pytest.mark.parametrize("args", [{}, {"limit": "50ms", "lift": True}])
def test_it_takes_a_limit_or_ends_one(args):
    with pytest.raises(ValidationError, match="expected a limit, or lift: true to end it"):
        ACTIONS.get("limit_reads").model_validate(args)
