"""The readers whom a run had to keep informed."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from simulator.analysis.incident_span import first_onset, incident_span
from simulator.analysis.need_record import NeedRecord, line_numbers
from simulator.analysis.order_records import facilitators
from simulator.analysis.run_record import RunRecord
from simulator.analysis.severity_path import SeverityChange, severity_path
from simulator.run.events import ActionEvent, PageEvent
from simulator.run.header import Need


def reader_records(record: RunRecord) -> Iterator[NeedRecord]:
    """A record for each reader who had to be informed, in the order of the header."""
    path = severity_path(record)
    for need in record.header.needs:
        if need.reason == "inform":
            times = _times(record, need, path)
            if times is not None:
                yield from (_record(record, need, reader, *times) for reader in need.teams)


def _times(record: RunRecord, need: Need, path: Sequence[SeverityChange]) -> tuple[int, int] | None:
    """From when until when a need was there, ms; None if it never was."""
    if need.severity is None:
        span = incident_span(record)
        return None if span is None else (span.start + (need.since or 0), span.end)
    ends = [change.t for change in path[1:]] + [record.end]
    spans = [
        (change.t, end)
        for change, end in zip(path, ends, strict=True)
        if change.severity == need.severity
    ]
    return (spans[0][0], spans[-1][1]) if spans else None


def _record(record: RunRecord, need: Need, reader: str, t: int, until: int) -> NeedRecord:
    # An update before the impact is early; a severity that has risen is news.
    start = t if need.severity is not None else min(t, first_onset(record))
    news = [event for event in _news(record, reader) if event.t >= start]
    return NeedRecord(
        need,
        t,
        until,
        met=news[0].t if news else None,
        team=reader,
        longest_wait=None if need.every is None else longest_wait(t, until, [e.t for e in news]),
        lines=line_numbers(record.run, news),
    )


def longest_wait(t: int, until: int, times: Sequence[int]) -> int:
    """The longest time without an update between two moments, their edges included.

    Examples
    --------
    >>> longest_wait(0, 120, [10, 40, 70, 100]), longest_wait(0, 120, [])
    (30, 120)
    """
    edges = [t, *(time for time in times if time < until), until]
    return max(later - earlier for earlier, later in pairwise(edges))


def _news(record: RunRecord, reader: str) -> list[ActionEvent | PageEvent]:
    """What a reader got: updates, and for a team pages, in order."""
    left_out = facilitators(record.run)
    updates = [
        event
        for event in record.run.of(ActionEvent)
        if (event.action, event.state) == ("status_update", "done")
        and event.who not in left_out
        and reader in event.result.get("to", ())
    ]
    pages = [
        event
        for event in record.run.of(PageEvent)
        if event.state == "delivered" and event.reached_team == reader
    ]
    return sorted([*updates, *pages], key=lambda event: event.t)
