"""Whole drills on a batch graph: catch-up after an outage, and days of 23 and 25 hours."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.run import Run
from simulator.run.events import LineEvent
from simulator.session import Session
from tests.small.playing import LATE, query_value, query_values, session_after, small_setting


def unanswered(**sets: Any) -> Session:
    """The small drill with these values set, without a responder."""
    return session_after(
        small_setting({path.replace("__", "."): value for path, value in sets.items()})
    )


def after_an_outage(at_once: int) -> Session:
    """An hour without a scheduler; then catch-up on a pool with capacity for two runs."""
    down = {"id": "down", "at": "6m", "fault": "scheduler_down", "for": "60m"}
    return unanswered(
        duration="100m",
        injects=[down],
        pipeline__pools={"lane": {"slots": 64, "full_speed": 2}},
        pipeline__stages__fill__every="2m",
        pipeline__stages__fill__catch_up=True,
        pipeline__stages__fill__at_once=at_once,
        pipeline__stages__fill__timeout="4m",
        pipeline__stages__fill__retries=0,
    )


@pytest.mark.slow
def test_missed_runs_caught_up_at_once_are_all_late() -> None:
    unbounded, capped = after_an_outage(0), after_an_outage(2)
    failed = 'airflow_dagrun_failed_total{dag_id="fill"}'
    # Thirty runs of 30 s with capacity for two last 7.5 min; the timeout is 4 min.
    assert query_value(unbounded, failed) >= 30
    assert query_value(capped, failed) == 0
    peak = 'max_over_time(airflow_ti_running{dag_id="fill"}[100m])'
    assert query_value(unbounded, peak) >= 30
    assert query_value(capped, peak) == 2
    assert query_value(
        unbounded, "max_over_time(feast_feature_freshness_seconds[30m])"
    ) > query_value(capped, "max_over_time(feast_feature_freshness_seconds[30m])")


@pytest.mark.parametrize(
    ("starts_at", "schedule", "ends"),
    [
        # In New York the hour from two to three does not exist: the run starts at three.
        ("2026-03-08T06:00:00Z", {"cron": "30 2 * * *"}, [60.5]),
        ("2026-03-08T06:00:00Z", {"daily_at": "02:30"}, [60.5]),
        # The hour from one to two comes twice: the run starts in the first only.
        ("2026-11-01T05:00:00Z", {"cron": "30 1 * * *"}, [30.5]),
        ("2026-11-01T05:00:00Z", {"daily_at": "01:30"}, [30.5]),
    ],
)
def test_a_nightly_job_runs_once_on_days_of_23_and_25_hours(
    starts_at: str, schedule: dict[str, str], ends: list[float]
) -> None:
    fill = {"kind": "job", "does": "materialize", "view": "view", "duration": "30s", **schedule}
    fill |= {"credential": "store-key"}
    session = unanswered(
        starts_at=starts_at,
        duration="3h",
        tick="30s",
        scrape_interval="30s",
        pipeline__zone="America/New_York",
        pipeline__stages__fill=fill,
    )
    run: Run = session.finish()
    filled = [e.t / 60_000 for e in run.of(LineEvent) if "Materializing" in e.text]
    assert filled == ends


def test_the_failure_of_the_last_run_shows_until_the_next_ends(drill: Any) -> None:
    """If it ended with the next start, an alert on it would flap with every run."""
    session = session_after(drill(LATE))
    assert (
        max(query_values(session, 'max_over_time(airflow_dagrun_running{dag_id="fill"}[14m])', 30))
        == 1.0
    )
    assert query_values(
        session, 'min_over_time(airflow_dagrun_failed_last{dag_id="fill"}[14m])', 30
    ) == [1.0]


def test_a_gate_without_a_new_version_fails_and_logs_it() -> None:
    inject = {"at": "6m", "change": "rerun_job", "args": {"job": "gate"}}
    gate = {"kind": "job", "does": "evaluate", "duration": "30s"}
    session = unanswered(duration="12m", injects=[inject], pipeline__stages__gate=gate)
    texts = [line.text for line in session.internals.lines.search("gate", session.now, session.now)]
    assert any("FAILED" in text and "no version has been trained" in text for text in texts)
