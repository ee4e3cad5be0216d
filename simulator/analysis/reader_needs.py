"""The readers whom a run had to keep informed."""

from collections.abc import Iterator, Sequence, Set
from itertools import pairwise
from typing import NamedTuple

from simulator.analysis.incident_span import first_onset, incident_span
from simulator.analysis.need_record import NeedRecord, line_numbers
from simulator.analysis.order_records import facilitators
from simulator.analysis.run_record import RunRecord
from simulator.analysis.severity_path import NO_INCIDENT, SeverityChange, severity_path
from simulator.analysis.team_calls import REACHED
from simulator.run.events import ActionEvent, PageEvent
from simulator.run.need import Need
from simulator.units import Severity


def reader_records(record: RunRecord) -> Iterator[NeedRecord]:
    """A record for each reader who had to be informed, in the order of the header."""
    needs = [need for need in record.needs if need.reason == "inform"]
    informed = {need.severity: need.teams for need in needs}
    path = severity_path(record)
    for need in needs:
        for reader in need.teams:
            times = _times_of_author(record, need)
            if need.severity is not None:
                readers = {severity for severity, teams in informed.items() if reader in teams}
                times = _times_of_severity(path, need.severity, readers, record.end)
                times = times and times._replace(news_since=_news_since(record, path, times.t))
            if times is not None:
                yield _record(record, need, reader, times)


class ReaderTimes(NamedTuple):
    """When a reader must be informed, ms.

    Attributes
    ----------
    t, until : int
        From when until when.
    news_since : int
        The earliest update that counts.
    """

    t: int
    until: int
    news_since: int


def _times_of_author(record: RunRecord, need: Need) -> ReaderTimes | None:
    span = incident_span(record)
    if span is None:
        return None
    # An update before the impact is early.
    start = span.start + (need.since or 0)
    return ReaderTimes(start, span.end, min(start, first_onset(record)))


def _news_since(record: RunRecord, path: Sequence[SeverityChange], t: int) -> int:
    """The earliest update that counts for a severity from a time on, ms.

    A severity that has risen is news. The first of an incident may come minutes after the breach,
    from which on updates are about it.
    """
    span = incident_span(record)
    is_first = all(change.severity == NO_INCIDENT for change in path if change.t < t)
    return span.start if span is not None and is_first and span.start < t else t


def _times_of_severity(
    path: Sequence[SeverityChange], severity: Severity, informed: Set[Severity | None], end: int
) -> ReaderTimes | None:
    """From when until when a reader must be told of a severity; None if never.

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
    return ReaderTimes(news[0], ends[spans[-1]], news[0]) if news else None


def _record(record: RunRecord, need: Need, reader: str, times: ReaderTimes) -> NeedRecord:
    t, until, news_since = times
    news = [event for event in _news(record, reader) if event.t >= news_since]
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

    Earlier updates do not count.

    Examples
    --------
    >>> longest_wait(0, 120, [10, 40, 70, 100]), longest_wait(0, 120, [])
    (30, 120)
    """
    edges = [t, *(time for time in times if t < time < until), until]
    return max(later - earlier for earlier, later in pairwise(edges))


def _news(record: RunRecord, reader: str) -> list[ActionEvent | PageEvent]:
    """What a reader got: updates, and for a team pages that somebody saw, in order."""
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
        if event.state in REACHED and event.reached_team == reader
    ]
    return sorted([*updates, *pages], key=lambda event: event.t)
