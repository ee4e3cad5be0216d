"""Contingent injects of any kind: they wait for a condition, or are dropped by one."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.analysis import Timeline
from simulator.run import Run
from simulator.run.events import DroppedEvent, InjectEvent, ObjectiveEvent
from simulator.score import grade
from tests.small.playing import MINUTE, play_orders

DECLARE = (8, "declare", {"severity": "SEV3"})
BACK = (14, "rollback", {"target": "serving"})
# The same condition for an inject of each kind; none of them concerns latency.
KINDS: dict[str, dict[str, Any]] = {
    "fault": {"fault": "expired_credential", "target": "store-key"},
    "change": {"change": "release", "args": {"target": "fill", "build": 9}},
    "message": {"message": {"from": "support", "to": "primary", "text": "It is slow."}},
}
# The build of 10m is eight times slower: latency is breached until it is rolled back.
RELEASE = {"at": "10m", "change": "release", "args": {"target": "serving", "build": 9}}
SLOW = {"id": "slow", "at": "10m", "fault": "slow_build", "args": {"build": 9, "factor": 8}}


def quiet(drill: Any, condition: dict[str, Any], *orders: Any) -> Run:
    """A run without other faults, of 12 minutes."""
    injects = [{"id": kind, **condition, **inject} for kind, inject in KINDS.items()]
    return play_orders(drill(*injects, duration="12m"), *orders)


def slowed(drill: Any, condition: dict[str, Any], *orders: Any) -> Run:
    """A run with the slow build."""
    injects = [{"id": kind, **condition, **inject} for kind, inject in KINDS.items()]
    return play_orders(drill(RELEASE, SLOW, *injects, duration="26m"), *orders)


def started(run: Run) -> float | None:
    """The minute at which the contingent injects of a run have started, all of them; else None."""
    minutes = [e.t / MINUTE for e in run.of(InjectEvent) if e.id in KINDS]
    if not minutes:
        return None
    assert minutes == [minutes[0]] * len(KINDS)
    return minutes[0]


def breach(run: Run) -> tuple[float, float]:
    """The minutes at which latency was breached, and was inside again."""
    events = [e for e in run.of(ObjectiveEvent) if e.name == "latency_p95"]
    assert [event.state for event in events] == ["breached", "held"]
    return events[0].t / MINUTE, events[1].t / MINUTE


def test_unless_an_event_has_happened_by_its_time(drill: Any) -> None:
    condition = {"unless": {"event": "declared", "by": "10m"}}
    assert started(quiet(drill, condition)) == 10
    assert started(quiet(drill, condition, DECLARE)) is None
    assert started(quiet(drill, condition, (11, *DECLARE[1:]))) == 10


def test_when_an_event_has_happened(drill: Any) -> None:
    condition = {"when": {"event": "declared", "after": "3m"}}
    assert started(quiet(drill, condition)) is None
    assert started(quiet(drill, condition, DECLARE)) == pytest.approx(11, abs=0.5)


def test_when_an_objective_has_been_breached_for_a_while(drill: Any) -> None:
    run = slowed(drill, {"when": {"objective": "latency_p95", "breached": "3m"}}, BACK)
    assert started(run) == breach(run)[0] + 3
    assert started(quiet(drill, {"when": {"objective": "latency_p95", "breached": "3m"}})) is None


def test_a_breach_that_was_shorter_does_not_count(drill: Any) -> None:
    run = slowed(drill, {"when": {"objective": "latency_p95", "breached": "11m"}}, BACK)
    start, end = breach(run)
    assert end - start < 11
    assert started(run) is None


def test_when_every_objective_holds_again(drill: Any) -> None:
    run = slowed(drill, {"when": {"mitigated": True}}, BACK)
    held = [event for event in run.of(ObjectiveEvent) if event.state == "held"]
    assert len(held) > 1
    assert started(run) == held[-1].t / MINUTE


def test_when_an_objective_has_held_for_a_while(drill: Any) -> None:
    run = slowed(drill, {"at": "16m", "when": {"objective": "latency_p95", "held": "2m"}}, BACK)
    assert started(run) == breach(run)[1] + 2


@pytest.mark.parametrize(
    ("at", "by", "minute"), [("15m", "16m", 15), ("1m", "15m", 13), ("1m", "12m", None)]
)
def test_it_starts_between_its_earliest_and_its_latest_time(
    drill: Any, at: str, by: str, minute: float | None
) -> None:
    when = {"objective": "latency_p95", "breached": "2m", "by": by}
    assert started(slowed(drill, {"at": at, "when": when})) == minute


def test_none_waits_for_its_condition_in_the_warm_up_only(drill: Any) -> None:
    assert started(quiet(drill, {"when": {"objective": "accuracy", "held": "1m"}})) == 5


def test_at_a_time_unless_it_is_mitigated(drill: Any) -> None:
    condition = {"at": "24m", "unless": {"mitigated": True}}
    assert started(slowed(drill, condition)) == 24
    assert started(slowed(drill, condition, BACK)) is None


def test_at_a_time_unless_an_objective_is_breached(drill: Any) -> None:
    condition = {"at": "11m45s", "unless": {"objective": "latency_p95", "breached": "30s"}}
    assert started(slowed(drill, condition)) is None
    assert started(quiet(drill, condition)) == 11.75


def test_a_fault_that_waits_for_a_condition_has_no_planned_time(drill: Any) -> None:
    planned = quiet(drill, {"at": "6m", "when": {"event": "declared"}}).header.faults
    assert [(fault.id, fault.at) for fault in planned] == [("fault", None)]


def test_when_a_condition_holds_unless_another_does(drill: Any) -> None:
    condition = {
        "when": {"objective": "latency_p95", "breached": "3m"},
        "unless": {"event": "declared"},
    }
    assert started(slowed(drill, condition)) is not None
    assert started(slowed(drill, condition, DECLARE)) is None


@pytest.mark.parametrize(
    ("condition", "t", "why"),
    [
        ({"unless": {"event": "declared", "by": "10m"}}, 10, "declared"),
        ({"when": {"event": "told", "after": "1m", "by": "9m"}}, 9, "not from 5m to 9m: 1m after told"),
        ({"when": {"objective": "accuracy", "breached": "2m"}}, 12, "not from 5m to the end: accuracy breached for 2m"),
    ],
)  # fmt: skip
def test_the_log_says_why_it_was_dropped(
    drill: Any, condition: dict[str, Any], t: int, why: str
) -> None:
    run = quiet(drill, condition, DECLARE)
    assert [(e.id, e.t / MINUTE, e.why) for e in run.of(DroppedEvent)] == [
        (kind, t, why) for kind in KINDS
    ]
    assert [reason for reason in grade(Timeline(run)).why if "injected" in reason.text] == []
