"""Injects against what they bite on: what could never land is refused in the file."""

from __future__ import annotations

import pytest

from simulator.source import SourceError
from tests.small.story import bound, played

MORE = {"id": "more", "at": "6m", "fault": "overload", "args": {"rate": "8/s"}}
KEY = {"id": "key", "at": "6m", "fault": "expired_credential", "target": "feed-key"}


def test_a_fault_of_no_one_thing_takes_no_target() -> None:
    with pytest.raises(SourceError, match=r"injects\[0\]\.target: overload bites on no one thing"):
        bound({"injects": [{**MORE, "target": "serving"}]})


def test_the_key_of_a_source_stops_the_jobs_that_read_it() -> None:
    run = played(bound({"injects": [KEY], "duration": "12m"}))
    assert [event.data["name"] for event in run.of("landed")] == ["expired_credential"]
    assert {event.who for event in run.of("line") if "'feed-key' has expired" in event.data["text"]} == {"fill"}  # fmt: skip


def test_a_key_with_which_no_job_reads_cannot_expire() -> None:
    with pytest.raises(SourceError, match="unknown credential 'feed-key'"):
        bound({"injects": [KEY], "pipeline.stages.fill.needs": []})
