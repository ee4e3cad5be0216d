"""Calendar files as schedules: the summary of an event is who is on call.

Read are the exports of PagerDuty, Opsgenie, Grafana OnCall and of calendars: single events and
events that recur (RRULE, RDATE, EXDATE, RECURRENCE-ID), in zones, in UTC, or floating; whole days,
too. Floating times are by the clock of the calendar's X-WR-TIMEZONE, or else of the schedule's
zone. Where events overlap, the one of the higher priority ("[L1]") wins, else the one that begins
later, else the later one in the file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from simulator.oncall.ical.entries import CalendarEntry, EntryReader
from simulator.oncall.ical.lines import error, read_components
from simulator.oncall.ical.recurrence_rules import StepBudget
from simulator.oncall.ical.summaries import SummaryReader
from simulator.oncall.ical.values import CalendarTime, CalendarZones
from simulator.oncall.schedules.shifts import Shift
from simulator.source import Complaints, Document, Key, display_path, find_file, read_file

# Twenty years of three hand-offs a day.
OCCURRENCES_MAX = 20_000
COMPLAINTS_MAX = 20


@dataclass(frozen=True)
class OnCallCalendar:
    """A calendar file, read and checked.

    Parameters
    ----------
    name : str
        The file's name, for complaints.
    text : str
        Its content.
    """

    name: str
    text: str
    entries: tuple[CalendarEntry, ...]

    def shifts(self, since: int, until: int) -> list[Shift]:
        """The occurrences that overlap a horizon, later ones win; whole ones, not cut to it.

        Parameters
        ----------
        since, until : int, ms since 1970

        Raises
        ------
        SourceError
            An event recurs too often.
        """
        replaced: dict[str, ExcludedTimes] = {}
        for entry in self.entries:
            if entry.replaces is not None and entry.uid:
                replaced.setdefault(entry.uid, ExcludedTimes()).add(entry.replaces)
        budget, ranked = StepBudget(), list[tuple[int, int, int, Shift]]()
        for place, entry in enumerate(self.entries):
            if entry.person is None:
                continue
            others = replaced.get(entry.uid) if entry.replaces is None else None
            try:
                for start, end in _occurrences(entry, others, until, budget):
                    if end > since:
                        ranked.append((entry.level, start, place, Shift(start, end, entry.person)))
                    if len(ranked) > OCCURRENCES_MAX:
                        raise ValueError(f"takes the file to more than {OCCURRENCES_MAX:,} shifts")
            except ValueError as problem:
                raise error(self.name, entry.number, f"the event {problem}") from None
        return [shift for *_, shift in sorted(ranked)]


class ExcludedTimes:
    """Occurrences that do not take place: by their start, or by its day."""

    def __init__(self, times: Iterable[CalendarTime] = ()) -> None:
        self.instants, self.days = set[int](), set[date]()
        for time in times:
            self.add(time)

    def add(self, time: CalendarTime) -> None:
        self.instants.add(time.ms)
        if time.is_date:
            self.days.add(time.local.date())

    def contains(self, instant: int, local: datetime) -> bool:
        """Whether an occurrence does not take place, by its start and that by the clock."""
        return instant in self.instants or local.date() in self.days


def _occurrences(
    entry: CalendarEntry, replaced: ExcludedTimes | None, until: int, budget: StepBudget
) -> Iterator[tuple[int, int]]:
    """The starts and ends of an event's occurrences that start before an instant."""
    excluded = ExcludedTimes(entry.excluded)
    for local in _starts(entry, until, budget):
        start = CalendarTime(local, entry.start.zone).ms
        if start >= until or excluded.contains(start, local):
            continue
        if replaced is None or not replaced.contains(start, local):
            yield start, entry.end(local)


def _starts(entry: CalendarEntry, until: int, budget: StepBudget) -> Iterator[datetime]:
    """The starts of an event's occurrences by the clock, each once."""
    more = dict.fromkeys(time.by_clock_of(entry.start.zone) for time in entry.more)
    recurring: Iterable[datetime] = (entry.start.local,)
    if entry.recurrence is not None:
        recurring = entry.recurrence.starts(entry.start, until, budget)
    for local in recurring:
        more.pop(local, None)
        yield local
    yield from more


def load_calendar(
    document: Document, path: tuple[Key, ...], people: Iterable[str], zone: str
) -> OnCallCalendar:
    """The calendar file that a schedule names, beside the file that names it.

    Parameters
    ----------
    document : Document
        The on-call file, or a scenario with one in place.
    path : path
        From its root to the schedule's `ical`.
    people : iterable of str
        The people of the on-call file.
    zone : str
        The schedule's zone.

    Raises
    ------
    SourceError
    """
    position = document.position(path)
    name = str(document.plain(path))
    file = find_file(name, None, position.file.parent, document.home, position, path)
    return read_calendar(read_file(file), display_path(file), people, zone)


def read_calendar(text: str, name: str | Path, people: Iterable[str], zone: str) -> OnCallCalendar:
    """A calendar file's events.

    Raises
    ------
    SourceError
        With the first twenty errors, each with its line.

    Examples
    --------
    >>> text = '''BEGIN:VCALENDAR
    ... BEGIN:VEVENT
    ... SUMMARY:On Call - Ana - Primary
    ... DTSTART:20260309T090000Z
    ... DURATION:P1D
    ... RRULE:FREQ=WEEKLY;COUNT=2
    ... END:VEVENT
    ... END:VCALENDAR'''
    >>> calendar = read_calendar(text, "a.ics", ["ana", "ben"], "UTC")
    >>> [shift.person for shift in calendar.shifts(0, 2**41)]
    ['ana', 'ana']
    >>> read_calendar(text, "a.ics", ["anna", "ben"], "UTC")
    Traceback (most recent call last):
    simulator.source.complaint.SourceError: a.ics:3:1: SUMMARY: names nobody of the on-call file:
    'Ana'; did you mean 'anna'?
    """
    name = str(name)
    components = read_components(text, name)
    reader = EntryReader(name, CalendarZones(name, components, zone), SummaryReader(people))
    complaints, entries = Complaints(), list[CalendarEntry]()
    for component in components:
        if component.kind == "VEVENT" and len(complaints.items) < COMPLAINTS_MAX:
            with complaints.collecting():
                entries.append(reader.entry(component))
    complaints.raise_if_any()
    return OnCallCalendar(name, text, tuple(entries))
