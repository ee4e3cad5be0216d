"""Orders about the batch graph and long training, through a Session."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from simulator.actions import ACTIONS
from simulator.pipeline.jobs import dag
from simulator.run.events import EndedEvent
from simulator.session import Session
from simulator.setting import Setting, load
from simulator.source import SourceError
from tests.small.playing import SMALL, action_outcomes, query_value, session_after

Drill = Callable[..., Setting]
Order = tuple[float, str, dict[str, Any]]


def ends(session: Session) -> list[tuple[str, str]]:
    return action_outcomes(session.finish())


HANG = {"id": "hang", "at": "6m", "fault": "training_hang", "args": {"node": 2}}
DOWN = {"id": "down", "at": "6m", "fault": "scheduler_down"}
FULL = {"id": "full", "at": "6m", "fault": "pool_exhausted", "target": "lane"}
SPOILT = {"id": "spoilt", "at": "6m", "fault": "checkpoint_failure", "target": "bucket"}

OWNED = {"oncall__teams__data__owns": ["bucket", "lane", "scheduler"]}


def test_a_drained_node_ends_a_hang_and_a_restart_alone_does_not(drill: Drill) -> None:
    """Requeued on the same node it hangs again: the tempting wrong move of a lemon."""
    again = session_after(drill(HANG), (10, "restart_training", {"run": "pretrain"}))
    mended = session_after(drill(HANG), (10, "drain_node", {"node": 2}))
    step = "ml_training_step"
    assert query_value(mended, step) > query_value(again, step) + 600
    assert query_value(mended, f"increase({step}[5m]) > 0") > 0
    # All nodes wait at full speed for the one that does not answer.
    busy = again.internals.engine.query("DCGM_FI_DEV_GPU_UTIL", again.now).values
    assert busy.tolist() == [100.0, 100.0, 0.0, 100.0, 0.0]
    assert 2 not in mended.internals.world.trainings.runs[0].nodes
    run = mended.finish()
    assert [e.why for e in run.of(EndedEvent)] == ["fact"]
    assert len(list(again.finish().of(EndedEvent))) == 0


def test_a_drained_node_is_put_back(quiet: Setting) -> None:
    node = {"node": 4}
    session = session_after(
        quiet,
        *((6, "drain_node", node), (8, "drain_node", node), (10, "drain_node", {**node, "back": True})),
    )  # fmt: skip
    assert ends(session) == [
        ("drain_node", "done"),
        ("drain_node", "failed"),
        ("drain_node", "done"),
    ]
    assert not session.internals.world.trainings.fleet.drained.any()


def test_a_restart_while_no_checkpoint_can_be_written_loses_what_was_done(drill: Drill) -> None:
    patient = session_after(drill(SPOILT))
    rash = session_after(drill(SPOILT), (25, "restart_training", {"run": "pretrain"}))
    assert query_value(patient, "ml_training_lost_seconds_total") == 0
    assert query_value(rash, "ml_training_lost_seconds_total") > 18 * 60
    age = "ml_training_last_checkpoint_age_seconds"
    assert query_value(patient, age) > 24 * 60
    fixed = session_after(drill(SPOILT, **OWNED), (8, "page", {"team": "data", "about": "bucket"}))
    assert query_value(fixed, age) < 10 * 60


def test_a_scheduler_that_is_restarted_goes_on(drill: Drill) -> None:
    never, soon = (
        session_after(drill(DOWN)),
        session_after(drill(DOWN), (15, "restart_scheduler", {})),
    )
    assert query_value(never, "increase(airflow_scheduler_heartbeat[10m])") == 0
    assert query_value(soon, "increase(airflow_scheduler_heartbeat[10m])") > 100
    fresh = "feast_feature_freshness_seconds"
    assert query_value(never, fresh) > 22 * 60
    assert query_value(soon, fresh) < 6 * 60
    assert ends(soon) == [("restart_scheduler", "done")]


def test_more_slots_let_runs_through_a_pool_that_others_hold(drill: Drill) -> None:
    stuck = session_after(drill(FULL))
    assert query_value(stuck, 'airflow_pool_open_slots{pool_name="lane"}') == 0
    assert query_value(stuck, 'airflow_pool_starving_tasks{pool_name="lane"}') == 1
    assert query_value(stuck, 'airflow_ti_queued{dag_id="fill"}') == 1
    assert query_value(stuck, 'airflow_dagrun_missed_total{dag_id="fill"}') > 3
    freed = session_after(drill(FULL), (12, "resize_pool", {"pool": "lane", "slots": 2}))
    assert query_value(freed, "feast_feature_freshness_seconds") < 6 * 60
    called = session_after(drill(FULL, **OWNED), (8, "page", {"team": "data", "about": "lane"}))
    assert query_value(called, "feast_feature_freshness_seconds") < 6 * 60


def test_a_backfill_runs_past_due_times_and_only_of_a_schedule(quiet: Setting) -> None:
    session = session_after(
        quiet,
        (6, "backfill", {"job": "fill", "since": "40m", "until": "10m", "at_once": 1}),
        (6, "backfill", {"job": "train"}),
        (7, "backfill", {"job": "fill", "since": "1m"}),
    )
    assert sorted(ends(session)) == [("backfill", "done"), *[("backfill", "failed")] * 2]
    first = query_value(session, 'airflow_dagrun_success_total{dag_id="fill"}')
    usual = query_value(session_after(quiet), 'airflow_dagrun_success_total{dag_id="fill"}')
    assert first == usual + 8


def test_a_run_under_way_is_skipped_and_a_failed_one_cleared(drill: Drill) -> None:
    late = {"id": "late", "at": "6m", "fault": "expired_credential", "target": "store-key"}
    session = session_after(
        drill(late),
        (6, "rerun_job", {"job": "train"}),
        (7, "skip_run", {"job": "train"}),
        (9, "skip_run", {"job": "train"}),
        (10.5, "clear_run", {"job": "fill"}),
    )
    assert [state for _, state in ends(session)] == ["done", "done", "failed", "done"]
    graph, params = session.internals.world.jobs, session.internals.params
    assert graph.skipped[dag.index(params, "train")] == 1
    assert graph.skipped[dag.index(params, "release")] == 1
    assert graph.failed[dag.index(params, "fill")] > 4
    assert session.internals.world.releases.model == 7


@pytest.mark.parametrize(
    ("inject", "complaint"),
    [
        ({**HANG, "args": {"node": 9}}, "there is no node 9; the cluster has 5"),
        ({**FULL, "target": "lain"}, "unknown pool 'lain'; did you mean 'lane'?"),
        ({**SPOILT, "target": "buckt"}, "unknown checkpoint_store 'buckt'; did you mean 'bucket'?"),
    ],
)
def test_a_fault_on_what_is_not_there_is_told(drill: Drill, inject: Any, complaint: str) -> None:
    with pytest.raises(SourceError, match=complaint.replace("?", r"\?")):
        drill(inject)


def test_a_lemon_fails_until_it_is_drained_by_the_name_that_its_failures_carry() -> None:
    # It fails every one and a half minutes, and no repair finds anything.
    lemon = {"id": "lemon", "at": "6m", "fault": "lemon_node", "args": {"node": 2, "factor": 2000}}
    sets = [f"injects={json.dumps([lemon])}", "pipeline.cluster.accelerators.repair=0s"]
    setting = load(SMALL, sets)
    again = session_after(setting, (12, "restart_training", {"run": "pretrain"}))
    worst = again.internals.engine.query(
        "topk(1, ml_training_node_failures_total)", again.now
    ).first()[0]
    assert worst["node"] == "node-2"
    drained = session_after(setting, (12, "drain_node", {"node": worst["node"]}))
    late = "increase(ml_training_restarts_total[15m])"
    assert query_value(again, late) > 5
    assert query_value(drained, late) == 0
    with pytest.raises(ValidationError, match="'the second' is not a node"):
        ACTIONS.get("drain_node").model_validate({"node": "the second"})


def test_a_straggler_slows_all_and_its_clock_tells_which_it_is() -> None:
    slow = {"id": "slow", "at": "6m", "fault": "straggler", "args": {"node": 2, "factor": 3.0}}
    sets = [
        f"injects={json.dumps([slow])}",
        "pipeline.cluster.accelerators={nodes: 5, clock: 1980}",
        "pipeline.stages.pretrain.checkpoint.every=1h",
    ]
    setting = load(SMALL, sets)
    steps = "delta(ml_training_step[5m])"
    again = session_after(setting, (10, "restart_training", {"run": "pretrain"}))
    assert query_value(again, steps) == pytest.approx(100, abs=1)
    clocks = again.internals.engine.query("bottomk(1, DCGM_FI_DEV_SM_CLOCK)", again.now)
    assert (clocks.first()[0]["Hostname"], clocks.first()[1]) == ("node-2", 660.0)
    # Nobody looks idle: who waits spins.
    busy = again.internals.engine.query("DCGM_FI_DEV_GPU_UTIL", again.now).values
    assert busy.tolist() == [99.0, 99.0, 97.0, 99.0, 0.0]
    other = session_after(setting, (10, "drain_node", {"node": 1}))
    assert query_value(other, steps) == pytest.approx(100, abs=1)
    drained = session_after(setting, (10, "drain_node", {"node": "node-2"}))
    assert query_value(drained, steps) == pytest.approx(300, abs=1)
    assert [e.why for e in drained.finish().of(EndedEvent)] == ["fact"]


STUCK = {"id": "stuck", "at": "6m", "fault": "stuck_run", "target": "fill"}


@pytest.mark.parametrize(
    ("kind", "args"),
    [("skip_run", {"job": "fill"}), ("clear_run", {"job": "fill"}), ("restart_scheduler", {})],
)
def test_a_run_that_hangs_is_seen_running_and_ended(
    drill: Drill, kind: str, args: dict[str, Any]
) -> None:
    session = session_after(drill(STUCK), (14, "materialize", {"view": "view"}), (20, kind, args))
    assert ends(session) == [("materialize", "failed"), (kind, "done")]
    assert query_value(session, 'airflow_dagrun_running{dag_id="fill"}', 19) == 1
    assert query_value(session, 'airflow_pool_running_slots{pool_name="lane"}', 19) == 1
    assert query_value(session, 'airflow_dagrun_missed_total{dag_id="fill"}', 19) == 2
    assert query_value(session, "feast_feature_freshness_seconds", 19.5) > 14 * 60
    assert query_value(session, "feast_feature_freshness_seconds") < 6 * 60
    (end,) = session.finish().of(EndedEvent)
    assert (end.why, end.t > 20 * 60_000) == ("fact", True)


def test_a_paused_training_learns_nothing_until_it_is_lifted(drill: Drill) -> None:
    often = {"pipeline__stages__train__every": "6m"}
    pause, lift = {"job": "train"}, {"job": "train", "lift": True}
    session = session_after(
        drill(**often), (5, "pause_job", lift), (7, "pause_job", pause), (27, "pause_job", lift)
    )
    assert [state for _, state in ends(session)] == ["failed", "done", "done"]
    trained = 'airflow_dagrun_success_total{dag_id="train"}'
    assert query_value(session, f"increase({trained}[16m])", 26) == 0
    assert query_value(session, trained) == query_value(session, trained, 26) + 1
