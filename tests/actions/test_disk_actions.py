"""A volume fills up: what fails with it, what buys time, what ends it."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.run.events import LineEvent
from simulator.setting import Setting
from simulator.source import SourceError
from tests.small.playing import (
    action_outcomes,
    debts_owed,
    query_value,
    session_after,
    small_setting,
)

FILL = {"id": "full", "at": "6m", "fault": "disk_filling", "target": "scratch"}


def setting(**more: Any) -> Setting:
    """Five gigabytes are free, of which a run needs one: full after less than four minutes."""
    sets: dict[str, Any] = {
        "injects": [FILL],
        "oncall.teams.data.owns": ["scratch"],
        "duration": "40m",
        **more,
    }
    return small_setting(sets)


@pytest.fixture(scope="module")
def filling() -> Setting:
    return setting()


AVAIL = 'node_filesystem_avail_bytes{mountpoint="/scratch"}'
FAILED = 'airflow_dagrun_failed_total{dag_id="fill"}'
AGE = "feast_feature_freshness_seconds"
CALL = ("page", {"team": "data", "about": "scratch", "text": "What fills scratch?"})


def test_a_volume_fills_at_its_rate_and_then_runs_fail(filling: Setting) -> None:
    session = session_after(filling)
    before, after = (query_value(session, AVAIL, minute) for minute in (6, 8))
    assert before == 5 * 2**30
    assert before - after == pytest.approx(120 * 20e6, rel=0.13)  # a scrape to and fro
    assert query_value(session, AVAIL) == 0
    assert query_value(session, "node_filesystem_size_bytes") == 20 * 2**30
    ahead = f"predict_linear({AVAIL}[2m], 600) < 0"
    assert query_value(session, ahead, 8.5) < 0
    assert query_value(session, FAILED, 9) == 0
    assert query_value(session, FAILED) > 5
    run = session.finish()
    lines = [e.text for e in run.of(LineEvent) if e.who == "fill"]
    assert any("[Errno 28] No space left on device: '/scratch/fill'" in text for text in lines)
    assert debts_owed(run) == {"full_volume", "backlog"}


def test_cleaning_up_buys_time_and_the_owner_ends_it(filling: Setting) -> None:
    clean = (16, "clean_disk", {"volume": "scratch"})
    bought = session_after(filling, clean)
    assert query_value(bought, AGE, 25) < 6 * 60
    assert query_value(bought, AVAIL) == 0
    assert query_value(bought, FAILED) > query_value(bought, FAILED, 25)
    mended = session_after(filling, (16, *CALL), (30, "clean_disk", {"volume": "scratch"}))
    assert query_value(mended, AVAIL) == 5 * 2**30
    assert query_value(mended, AGE) < 6 * 60
    assert debts_owed(mended.finish()) == set()


def test_what_was_written_before_the_owner_came_lies_there(filling: Setting) -> None:
    """Neither the fix alone nor another try makes room."""
    session = session_after(filling, (16, *CALL), (30, "clear_run", {"job": "fill"}))
    assert [e.why for e in session.log.events if e.kind == "ended"] == ["fact"]
    assert query_value(session, AVAIL) < 2**30
    assert query_value(session, FAILED) > query_value(session, FAILED, 30)


def test_checkpoints_on_a_full_volume_are_lost_in_their_own_time() -> None:
    checkpoint = {"every": "1m", "write": "10s", "store": "scratch", "size": "2GiB"}
    lossy = setting(**{"pipeline.stages.pretrain.checkpoint": checkpoint})
    session = session_after(lossy, (30, "clean_disk", {"volume": "scratch"}))
    failures = "ml_training_checkpoint_failures_total"
    assert query_value(session, failures, 8) == 0
    assert query_value(session, failures, 30) >= 15
    age = "ml_training_last_checkpoint_age_seconds"
    assert query_value(session, age, 30) > 20 * 60
    # Cleaned at minute 32: there is room for two minutes and a half.
    assert query_value(session, age, 34) < 2 * 60
    assert action_outcomes(session.finish()) == [("clean_disk", "done")]


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("stages.fill.volume", "skratch", "volume: unknown volume 'skratch'; did you mean 'scra"),
        ("stages.fill.writes", "6GiB", "writes: given '6GiB', but scratch has 5GiB"),
        ("stages.train.writes", "1GiB", "writes: stands without volume: where to"),
        ("volumes.scratch.used", "21GiB", "used: given '21GiB', above size \\(20GiB\\)"),
    ],
)
def test_a_volume_has_room_for_those_who_work_on_it(path: str, value: str, complaint: str) -> None:
    with pytest.raises(SourceError, match=complaint):
        setting(**{f"pipeline.{path}": value})
