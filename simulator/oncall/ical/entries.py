"""The events of a calendar file: who is on call, when, and when again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator.oncall.ical.lines import CalendarComponent
from simulator.oncall.ical.properties import EventProperties, EventProperty
from simulator.oncall.ical.recurrence_rules import Recurrence, parse_recurrence
from simulator.oncall.ical.summaries import SummaryReader, level_of
from simulator.oncall.ical.values import CalendarTime, CalendarZones, parse_length
from simulator.scenario.schedule import instant_ms
from simulator.units import format_value

LENGTH_MAX = timedelta(days=3660)


@dataclass(frozen=True)
class CalendarEntry:
    """An event: somebody is on call for a time, once or again and again.

    Parameters
    ----------
    number : int
        The line on which it begins.
    level : int
        Its priority: a higher one wins.
    person : str or None
        None if the event is cancelled: it then only replaces an occurrence.
    clock, exact : timedelta
        Its length: first by the clock of its zone, so that a shift that recurs until 09:00 ends
        at 09:00 on both sides of a change of the clock; then the hours of a DURATION.
    end_ms : int
        The end of its first occurrence, ms since 1970.
    more, excluded : tuple of CalendarTime
        The occurrences of RDATE and of EXDATE.
    replaces : CalendarTime or None
        The occurrence of the event with the same UID that this one stands for.
    """

    number: int
    level: int
    uid: str
    person: str | None
    start: CalendarTime
    clock: timedelta
    exact: timedelta
    end_ms: int
    recurrence: Recurrence | None
    more: tuple[CalendarTime, ...]
    excluded: tuple[CalendarTime, ...]
    replaces: CalendarTime | None

    def end(self, local: datetime) -> int:
        """The end of the occurrence that starts at a local time, ms since 1970."""
        if local == self.start.local:
            return self.end_ms
        exact_ms = round(self.exact.total_seconds() * 1000)
        return instant_ms(local + self.clock, self.start.zone) + exact_ms


class EntryReader:
    """Reads the events of a file.

    Parameters
    ----------
    name : str
        The file's name, for complaints.
    """

    def __init__(self, name: str, zones: CalendarZones, people: SummaryReader) -> None:
        self.name, self.zones, self.people = name, zones, people

    def entry(self, component: CalendarComponent) -> CalendarEntry:
        """An event.

        Raises
        ------
        SourceError
            With its first mistake.
        """
        properties = EventProperties(self.name, component)
        summary, begin = properties.required("SUMMARY"), properties.required("DTSTART")
        status = properties.single.get("STATUS")
        person = None
        if status is None or status.value.upper() != "CANCELLED":
            with summary.complaining():
                person = self.people.person(summary.value)
        start = self._times(begin)[0]
        clock, exact, end_ms = self._length(properties, start)
        rule, replaces = (properties.single.get(key) for key in ("RRULE", "RECURRENCE-ID"))
        recurrence = None
        if rule is not None:
            with rule.complaining():
                recurrence = parse_recurrence(
                    rule.value, start, lambda text: self._until(text, start)
                )
        more, excluded = (
            tuple(time for line in properties.repeated[key] for time in self._times(line))
            for key in ("RDATE", "EXDATE")
        )
        if replaces is not None and "RANGE" in replaces.parameters:
            raise replaces.error("a RANGE of occurrences is not supported; list them one by one")
        return CalendarEntry(
            component.number, level_of(summary.value),
            properties.single["UID"].value if "UID" in properties.single else "",
            person, start, clock, exact, end_ms, recurrence, more, excluded,
            self._times(replaces)[0] if replaces is not None else None,
        )  # fmt: skip

    def _times(self, line: EventProperty) -> list[CalendarTime]:
        with line.complaining():
            return self.zones.times(line.parameters, line.value)

    def _until(self, text: str, start: CalendarTime) -> CalendarTime:
        until, *more = self.zones.times({}, text)
        if more:
            raise ValueError(f"UNTIL {format_value(text)} is not one date or time")
        return until if text.endswith("Z") else until._replace(zone=start.zone)

    def _length(
        self, properties: EventProperties, start: CalendarTime
    ) -> tuple[timedelta, timedelta, int]:
        """The length by the clock and its exact rest, and the end of the first occurrence."""
        ending, lasting = (properties.single.get(key) for key in ("DTEND", "DURATION"))
        clock, exact = timedelta(days=1), timedelta()
        line = ending or lasting or properties.single["DTSTART"]
        if ending is not None:
            end = self._times(ending)[0]
            clock, end_ms = end.by_clock_of(start.zone) - start.local, end.ms
        else:
            if lasting is not None:
                with lasting.complaining():
                    length = parse_length(lasting.value)
                clock, exact = timedelta(days=length.days), length - timedelta(days=length.days)
            elif not start.is_date:
                raise line.error("the event has no end: expected DTEND or DURATION")
            if clock > LENGTH_MAX:
                raise line.error("the event lasts longer than ten years")
            end_ms = instant_ms(start.local + clock, start.zone)
            end_ms += round(exact.total_seconds() * 1000)
        if end_ms <= start.ms:
            raise line.error("the event ends before it begins")
        if clock > LENGTH_MAX:
            raise line.error("the event lasts longer than ten years")
        return clock, exact, end_ms
