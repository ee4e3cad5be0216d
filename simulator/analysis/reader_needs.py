"""The readers whom a run had to keep informed."""

from collections.abc import Iterator, Sequence, Set
from itertools import pairwise

from simulator.analysis.incident_span import first_onset, incident_span
from simulator.analysis.need_record import NeedRecord, line_numbers
from simulator.analysis.order_records import facilitators
from simulator.analysis.run_record import RunRecord
from simulator.analysis.severity_path import SeverityChange, severity_path
from simulator.run.events import ActionEvent, PageEvent
from simulator.run.header import Need
from simulator.units import Severity


def reader_records(record: RunRecord) -> Iterator[NeedRecord]:
    """A record for each reader who had to be informed, in the order of the header."""
    needs = [need for need in record.header.needs if need.reason == "inform"]
    informed = {need.severity: need.teams for need in needs}
    path = severity_path(record)
    for need in needs:
        for reader in need.teams:
            times = _times_of_author(record, need)
            if need.severity is not None:
                readers = {severity for severity, teams in informed.items() if reader in teams}
                times = _times_of_severity(path, need.severity, readers, record.end)
            if times is not None:
                yield _record(record, need, reader, *times)


def _times_of_author(record: RunRecord, need: Need) -> tuple[int, int] | None:
    span = incident_span(record)
    return None if span is None else (span.start + (need.since or 0), span.end)


def _times_of_severity(
    path: Sequence[SeverityChange], severity: Severity, informed: Set[Severity | None], end: int
) -> tuple[int, int] | None:
    """From when until when a reader must be told of a severity, ms; None if never.

    Somebody who has to know of the worse one before need not be told that it is less severe now.

    Parameters
    ----------
    informed : set of Severity
        Of which the reader must be told.
    end : int
        Of the drill, ms.
    """
    ends = [change.t for change in path[1:]] + [end]
    spans = [n for n, change in enumerate(path) if change.severity == severity]
    news = [
        path[n].t
        for n in spans
        if n == 0 or path[n - 1].severity > severity or path[n - 1].severity not in informed
    ]
    return (news[0], ends[spans[-1]]) if news else None


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
