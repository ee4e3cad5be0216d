"""Injects are checked against the pipeline: one that could never land is an error."""

from __future__ import annotations

import pytest

from simulator.run.events import LandedEvent, LineEvent
from simulator.source import SourceError
from tests.small.playing import play_orders, small_setting

OVERLOAD = {"id": "more", "at": "6m", "fault": "overload", "args": {"rate": "8/s"}}
EXPIRED = {"id": "key", "at": "6m", "fault": "expired_credential", "target": "feed-key"}


def test_a_fault_without_a_target_kind_takes_no_target() -> None:
    with pytest.raises(SourceError, match=r"injects\[0\]\.target: overload has no target"):
        small_setting({"injects": [{**OVERLOAD, "target": "serving"}]})


def test_the_expired_credential_of_a_source_stops_its_jobs() -> None:
    run = play_orders(small_setting({"injects": [EXPIRED], "duration": "12m"}))
    assert [event.name for event in run.of(LandedEvent)] == ["expired_credential"]
    assert {event.who for event in run.of(LineEvent) if "'feed-key' has expired" in event.text} == {"fill"}  # fmt: skip


def test_a_credential_that_no_job_needs_cannot_expire() -> None:
    with pytest.raises(SourceError, match="unknown credential 'feed-key'"):
        small_setting({"injects": [EXPIRED], "pipeline.stages.fill.needs": []})


MESSAGE = {"message": {"from": "support", "to": "primary", "text": "It is slow."}}


@pytest.mark.parametrize(
    "inject", [MESSAGE, OVERLOAD, {"change": "release", "args": {"version": 7}}]
)
@pytest.mark.parametrize(
    ("key", "condition", "text"),
    [
        ("when", {"event": "declred"}, r"\.event: unknown event 'declred'; did you mean 'declared'\?"),
        ("unless", {"objective": "acuracy", "held": "1m"}, r"\.objective: unknown objective 'acuracy'; did you mean 'accuracy'\?"),
    ],
)  # fmt: skip
def test_the_names_in_conditions_are_checked(
    inject: dict[str, object], key: str, condition: dict[str, str], text: str
) -> None:
    with pytest.raises(SourceError, match=rf"injects\[0\]\.{key}{text}"):
        small_setting({"injects": [{**inject, "at": "6m", key: condition}]})
