"""Orders about the contents of the feature store and of the offline store, through a Session."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from simulator.actions import ACTIONS
from simulator.lint import playbook_steps, snapshot_ages
from simulator.scenario import Playbook
from simulator.session import Session
from simulator.setting import Setting, parse
from simulator.setting.bind import bind_names
from tests.small.playing import (
    MINUTE,
    NULLS,
    SMALL,
    action_outcomes,
    debts_owed,
    query_value,
    session_after,
)

Drill = Callable[..., Setting]
MISSING = {"id": "gone", "at": "6m", "fault": "missing_input", "target": "feed"}
FRESHNESS = "feast_feature_freshness_seconds"
NULL_READS = "increase(feast_online_features_status_total{status='NULL_VALUE'}[2m])"
PIN = {"view": "view", "before": "6m"}
RESTORE = {"view": "view", "log": True, "before": "9m"}


def ends(session: Session) -> list[str]:
    return [state for _, state in action_outcomes(session.finish())]


@pytest.mark.parametrize(
    ("kind", "args"), [("rerun_job", {"job": "fill"}), ("materialize", {"view": "view"})]
)
def test_a_forced_run_on_a_missing_partition_overwrites_good_features(
    drill: Drill, kind: str, args: dict[str, Any]
) -> None:
    asked = session_after(drill(MISSING), (14.5, kind, args))
    assert query_value(asked, NULL_READS, 20) == 0
    assert query_value(asked, FRESHNESS, 20) > 14 * 60
    forced = session_after(drill(MISSING), (14.5, kind, {**args, "force": True}))
    assert query_value(forced, NULL_READS, 20) > 200
    # It looks fresh, and wrote no row.
    assert query_value(forced, FRESHNESS, 20) < 7 * 60
    rows = "feast_materialization_rows_total"
    assert query_value(forced, rows) == query_value(forced, rows, 14)
    run = forced.finish()
    assert "stale_values" in debts_owed(run, 20) - debts_owed(asked.finish(), 20)


def test_once_the_source_delivers_the_next_run_pays_for_a_forced_one(drill: Drill) -> None:
    order = (14.5, "materialize", {"view": "view", "force": True})
    session = session_after(drill({**MISSING, "for": "12m"}), order)
    assert query_value(session, NULL_READS, 18) > 200
    assert query_value(session, NULL_READS, 25) == 0


def test_a_plain_run_reads_half_a_partition_once_it_exists(drill: Drill) -> None:
    """It does so from minute 15 to minute 18, with four tenths of its rows."""
    half = {**MISSING, "for": "12m", "args": {"partial_after": "9m", "missing": 0.6}}
    early = session_after(drill(half), (13, "materialize", {"view": "view"}))
    assert query_value(early, NULL_READS, 15) == 0
    assert query_value(early, FRESHNESS, 15) > 6 * 60
    session = session_after(drill(half), (15.5, "materialize", {"view": "view"}))
    reads = "sum(increase(feast_online_features_status_total[2m]))"
    share = query_value(session, NULL_READS, 19) / query_value(session, reads, 19)
    assert share == pytest.approx(0.6, abs=0.05)
    assert query_value(session, NULL_READS, 25) == 0, "the next run reads all of it"


def test_a_volume_check_counts_the_rows_of_a_partition(drill: Drill) -> None:
    half = {**MISSING, "for": "12m", "args": {"partial_after": "9m", "missing": 0.6}}
    checked = drill(half, pipeline__monitors=[{"monitor": "batch_input", "every": "1m"}])
    session = session_after(checked)
    shares = [query_value(session, "ml_batch_input_rows_ratio", t) for t in (5, 10, 17, 20)]
    assert shares == [1.0, 0.0, pytest.approx(0.4), 1.0]


def test_a_pinned_view_serves_older_good_rows_which_age(drill: Drill) -> None:
    """Nulls arrive from minute 10; the run of minute 12 brings them into the store."""
    lift = {"view": "view", "lift": True}
    session = session_after(
        drill(NULLS),
        (5, "pin_features", lift),
        (16, "pin_features", PIN),
        (25, "pin_features", lift),
    )
    assert ends(session) == ["failed", "done", "done"]
    assert query_value(session, NULL_READS, 15.5) > 200
    assert query_value(session, NULL_READS, 20) == 0
    assert query_value(session, NULL_READS, 29) > 200
    # The snapshot of minute 8 is served, and the runs behind it go on.
    assert query_value(session, FRESHNESS, 24) == 16 * 60
    succeeded = 'airflow_dagrun_success_total{dag_id="fill"}'
    assert query_value(session, f"increase({succeeded}[8m])", 24) > 1
    run = session.finish()
    assert "pinned_features" in debts_owed(run, 24)
    assert "pinned_features" not in debts_owed(run)


def test_a_snapshot_that_is_too_old_is_refused_with_the_oldest(drill: Drill) -> None:
    few = {"pipeline__stages__view__snapshots": 2}
    session = session_after(drill(**few), (10, "pin_features", {"view": "view", "before": "20m"}))
    (outcome,) = [e for e in session.finish().events if getattr(e, "state", "") == "failed"]
    assert "nothing of view is 20m old: its oldest snapshot was taken" in outcome.note
    assert not session.internals.world.store.pinned
    none = session_after(
        drill(pipeline__stages__view__snapshots=0), (10, "pin_features", {"view": "view"})
    )
    assert ends(none) == ["failed"]


def test_a_restored_store_has_its_former_rows_and_training_does_not_read_the_lost(
    drill: Drill,
) -> None:
    pause = (14, "pause_job", {"job": "fill"})
    session = session_after(drill(NULLS), pause, (17, "restore_data", RESTORE))
    world = session.internals.world
    assert query_value(session, NULL_READS, 16) > 200
    assert query_value(session, NULL_READS, 25) == 0
    assert world.store.row_laws["view"] == ()
    lost = world.log.at[world.log.lost]
    assert lost.min() > 8 * MINUTE
    assert lost.max() <= 18.5 * MINUTE
    assert "lost_rows" in debts_owed(session.finish())


def test_a_replay_reads_the_lost_rows_as_their_source_delivers_them(drill: Drill) -> None:
    order = {"log": True, "before": "12m", "replay": True}
    early = session_after(drill({**NULLS, "for": "8m"}), (15, "restore_data", order))
    late = session_after(
        drill({**NULLS, "for": "8m"}), (22, "restore_data", {**order, "before": "13m"})
    )
    for session, bent in ((early, True), (late, False)):
        log = session.internals.world.log
        replayed = (log.at > 10 * MINUTE) & (log.at <= 15 * MINUTE)
        assert bool(log.bent[replayed].any()) == bent
        assert not log.lost.any()
        assert "lost_rows" not in debts_owed(session.finish())


def test_only_a_store_without_a_guard_lets_old_rows_overwrite_newer_ones(drill: Drill) -> None:
    old = (10, "backfill", {"job": "fill", "since": "60m", "until": "50m"})
    guarded = session_after(drill(), old)
    bare = session_after(drill(pipeline__stages__view__keeps_newer=False), old)
    assert query_value(guarded, FRESHNESS, 11.5) < 5 * 60
    assert query_value(bare, FRESHNESS, 11.5) > 50 * 60
    assert query_value(bare, FRESHNESS) < 6 * 60


@pytest.mark.parametrize(
    ("kind", "args", "text"),
    [
        ("restore_data", {"before": "5m"}, "nothing to restore"),
        ("restore_data", {"before": "5m", "view": "view", "replay": True}, "expected log"),
        ("restore_data", {"before": "5m", "until": "6m", "log": True}, "is not after before"),
        ("pin_features", {"view": "view", "before": "5m", "lift": True}, "takes no before"),
    ],
)
def test_an_order_that_contradicts_itself_is_rejected(
    kind: str, args: dict[str, Any], text: str
) -> None:
    with pytest.raises(ValidationError, match=text):
        ACTIONS.get(kind).model_validate(args)


def test_a_snapshot_that_cannot_be_so_old_is_a_warning_where_a_file_asks_for_it() -> None:
    orders = [{"pin_features": {"view": "view", "before": before}} for before in ("96m", "97m")]
    changes = [{"at": "10m", "change": k, "args": v} for order in orders for k, v in order.items()]
    steps = [{"act": order} for order in orders]
    responder = {"playbook": 1, "name": "pins", "title": "Pins", "steps": steps}
    sets = [f"injects={json.dumps(changes)}", f"responder={json.dumps(responder)}"]
    document, scenario = parse(SMALL, sets)
    bound = bind_names(document, scenario)
    assert isinstance(scenario.responder, Playbook)
    complaints = [
        *snapshot_ages.warnings(document, bound),
        *playbook_steps.warnings(
            document, ("responder",), scenario.responder, bound, 2, scenario.duration
        ),
    ]
    text = "view keeps 24 snapshots, the oldest at most 96m old: none is 97m old"
    assert {complaint.path: complaint.text for complaint in complaints} == {
        "injects[1].args.before": text,
        "responder.steps[1].act.pin_features.before": text,
    }
