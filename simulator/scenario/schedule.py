"""The format of schedules: layers of rotations, overrides, holidays, calendars."""

from datetime import UTC, date, datetime
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, model_validator

from simulator.scenario.base import Day, Frozen, Name, Text
from simulator.scenario.local_time import HandOff, LocalMoment, TimeOfDaySpan, Weekdays, Zone
from simulator.source import Issue, raise_issues
from simulator.units import DAY_MS, Duration, format_ms

# The first Monday since 1970: shifts without a start are counted from its hand-off.
FIRST_MONDAY = date(1970, 1, 5)
WEEK_MS = 7 * DAY_MS


class Layer(Frozen):
    """A rotation: one person after the other, the whole time or in a part of the week."""

    other_words: ClassVar = {
        **dict.fromkeys(("users", "user", "members", "member", "person", "participants"), "people"),
        **dict.fromkeys(("rotation", "length", "shift", "interval", "duration", "turn"), "every"),
        **dict.fromkeys(("restrictions", "hours"), "between"),
        **dict.fromkeys(("end", "ends"), "until"),
    }

    people: tuple[Name, ...] = Field(min_length=1)
    """The people in the order of their shifts."""
    every: Duration = WEEK_MS
    """The length of a shift: whole days, or a part of a day that divides it."""
    hand_off: HandOff | None = None
    """When shifts end, in the schedule's zone; by default Mon 00:00."""
    starts: Day | None = None
    """The day of the first person's first shift, at the hand-off; the layer has nobody before."""
    until: Day | None = None
    """The day from which, at the hand-off, the layer has nobody."""
    between: TimeOfDaySpan | None = None
    """The part of a day that it covers; one that ends before it starts lasts until the next day."""
    days: Weekdays = ()
    """The weekdays on which that part begins; a holiday counts as a Sunday."""

    @model_validator(mode="after")
    def _shifts(self) -> Self:
        issues = []
        every, hand_off = self.every, self.hand_off
        if every < 60_000 or (every % DAY_MS and DAY_MS % every):
            text = f"given {format_ms(every)!r}, expected whole days, or a part that divides a day"
            issues.append(Issue(("every",), f"{text} (12h, 8h, 6h)"))
        elif hand_off is not None and hand_off.weekday is not None and every % WEEK_MS:
            meant = str(hand_off._replace(weekday=None))
            text = f"given '{hand_off}', but only shifts of whole weeks end on a weekday"
            issues.append(Issue(("hand_off",), f"{text}; did you mean {meant!r}?"))
        if self.starts is not None and self.until is not None and self.until <= self.starts:
            issues.append(
                Issue(("until",), f"given {self.until}, not after the start, {self.starts}")
            )
        raise_issues(issues)
        return self


class Override(Frozen):
    """Somebody takes the schedule for a time; later ones win over earlier ones."""

    model_config = ConfigDict(serialize_by_alias=True)
    other_words: ClassVar = {
        **dict.fromkeys(("start", "starts", "since"), "from"),
        **dict.fromkeys(("end", "ends", "to"), "until"),
        **dict.fromkeys(("people", "user", "users", "by"), "person"),
    }

    from_: LocalMoment = Field(alias="from")
    """Its start, in the schedule's zone."""
    until: LocalMoment
    """Its end."""
    person: Name
    """Who takes it."""

    def span(self, zone: ZoneInfo) -> tuple[int, int]:
        """Its start and end, ms since 1970."""
        return instant_ms(self.from_, zone), instant_ms(self.until, zone)


class Schedule(Frozen):
    """Who is on call at any time."""

    other_words: ClassVar = {
        **dict.fromkeys(("rotations", "rotation", "shifts"), "layers"),
        **dict.fromkeys(("calendar", "ics"), "ical"),
    }

    zone: Zone = "UTC"
    """The zone of its times (IANA)."""
    layers: tuple[Layer, ...] = ()
    """Rotations; later ones win where they have somebody."""
    ical: Text | None = None
    """A calendar file (.ics) in place of layers: the summary of an event is who is on call."""
    overrides: tuple[Override, ...] = ()
    """Exceptions, which win over layers and calendar."""
    holidays: tuple[Day, ...] = ()
    """Days that count as Sundays to a layer's `days`."""

    @staticmethod
    def meant_by(value: object) -> str:
        """The schedule meant by bare layers, or by a calendar file."""
        if isinstance(value, str):
            return f"{{ical: {value}}}"
        return "{layers: […]}" if isinstance(value, list) else ""

    @model_validator(mode="after")
    def _spans(self) -> Self:
        issues = []
        if self.layers and self.ical is not None:
            issues.append(Issue(("ical",), "takes the place of layers, and there are some"))
        if not (self.layers or self.overrides or self.ical):
            text = "expected layers, overrides, or a calendar file under ical"
            issues.append(Issue((), text))
        zone = ZoneInfo(self.zone)
        for number, override in enumerate(self.overrides):
            start, end = override.span(zone)
            if end <= start:
                text = f"given {override.until.isoformat(timespec='minutes')}, not after its start"
                issues.append(Issue(("overrides", number, "until"), text))
        raise_issues(issues)
        return self


def instant_ms(moment: datetime, zone: ZoneInfo) -> int:
    """A local moment in ms since 1970, as RFC 5545 has it.

    A time that does not exist, when clocks go forward, is read with the offset before the gap;
    of a time that exists twice, when they go back, the first is meant.

    Examples
    --------
    >>> zone = ZoneInfo("America/New_York")
    >>> at = instant_ms(datetime(2026, 3, 8, 2, 30), zone)  # does not exist
    >>> datetime.fromtimestamp(at / 1000, zone).isoformat()
    '2026-03-08T03:30:00-04:00'
    """
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return round((moment - _EPOCH).total_seconds() * 1000)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
