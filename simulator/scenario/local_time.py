"""Local times as authors write them: zones, spans of a day, weekdays, hand-offs, moments."""

import re
from datetime import datetime
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

from simulator.scenario.base import Text
from simulator.scenario.intended_times import intended_hand_off, intended_span, intended_weekdays
from simulator.units import UnitError, did_you_mean, format_value

DAY_MINUTES = 24 * 60
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # The closest name to an offset is that of another one, or of none.
        # So is that of an abbreviation, of which there may be several: PST, IST.
        is_other = re.search(r"[+-]\d|\d:\d", name) or re.fullmatch(r"[A-Z]{2,5}", name)
        hint = "" if is_other else did_you_mean(name, available_timezones())
        hint = hint or "; expected an IANA name (for example 'Europe/Berlin')"
        raise ValueError(f"unknown time zone {format_value(name)}{hint}") from None
    return name


class DaySpan(NamedTuple):
    """A part of a day by the clock, in minutes; one that ends before it starts is overnight."""

    start: int
    end: int

    def contains(self, minute: int) -> bool:
        """Whether a minute of a day lies in it; its end does not.

        Examples
        --------
        >>> night = DaySpan(23 * 60, 7 * 60)
        >>> night.contains(0), night.contains(7 * 60), night.contains(12 * 60)
        (True, False, False)
        """
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end)}"


class HandOffTime(NamedTuple):
    """When a shift ends: a minute of a day, on a weekday for weekly rotations."""

    weekday: int | None  # 0 is Monday
    minute: int

    def __str__(self) -> str:
        day = "" if self.weekday is None else f"{WEEKDAYS[self.weekday]} "
        return day + _clock(self.minute)


_CLOCK = r"([01]\d|2[0-3]):([0-5]\d)"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _parse_span(value: Any) -> DaySpan:
    if isinstance(value, DaySpan):
        return value
    match = re.fullmatch(rf"{_CLOCK}\s*-\s*(?:{_CLOCK}|(24):(00))", str(value))
    if not match:
        ends = [*value.values()] if isinstance(value, dict) else value
        pair = isinstance(ends, list) and len(ends) == 2
        meant = intended_span(" - ".join(map(str, ends)) if pair else str(value))
        raise UnitError(
            f"{format_value(value)} is not a span of a day{_hint(meant, '18:00-08:00')}"
        )
    hours = match[3] or match[5]
    start, end = int(match[1]) * 60 + int(match[2]), int(hours) * 60 + int(match[4] or 0)
    if start == end % DAY_MINUTES and (start, end) != (0, DAY_MINUTES):
        raise UnitError(f"{format_value(value)} is empty; leave it out for the whole day")
    return DaySpan(start, end)


def _parse_hand_off(value: Any) -> HandOffTime:
    if isinstance(value, HandOffTime):
        return value
    match = re.fullmatch(rf"(?:([A-Za-z]+)\s+)?{_CLOCK}", str(value))
    if not match:
        hint = _hint(intended_hand_off(str(value)), "Mon 09:00' or '09:00")
        raise UnitError(f"{format_value(value)} is not a time of hand-off{hint}")
    weekday = None if match[1] is None else WEEKDAYS.index(_parse_weekday(match[1]))
    return HandOffTime(weekday, int(match[2]) * 60 + int(match[3]))


def _hint(meant: str, example: str) -> str:
    return f"; did you mean {meant!r}?" if meant else f" (for example '{example}')"


def _parse_weekday(value: Any) -> str:
    short = value[:3].capitalize() if isinstance(value, str) else ""
    if short not in WEEKDAYS or value.lower() not in (short.lower(), _LONG[short]):
        hint = did_you_mean(str(value), WEEKDAYS)
        raise UnitError(f"{format_value(value)} is not a weekday (Mon to Sun){hint}")
    return short


def _parse_weekdays(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    days = intended_weekdays(value, WEEKDAYS)
    hint = f"; did you mean [{', '.join(days)}]?" if days else " (for example [Sat, Sun])"
    raise UnitError(f"given {format_value(value)}, expected a list of weekdays{hint}")


_LONG = dict(
    zip(
        WEEKDAYS,
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
        strict=True,
    )
)


def _parse_local(value: Any) -> datetime:
    """A moment, in the schedule's zone unless it has one of its own."""
    if isinstance(value, datetime):
        return value
    text = f"{format_value(value)} is not a moment (for example 2026-03-09T18:00)"
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        text = f"{value!r} has no time of day; did you mean {value + 'T00:00'!r}?"
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", value):
        raise UnitError(text)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise UnitError(text) from None
    if not 1970 <= moment.year <= 2200:
        raise UnitError(f"{format_value(value)} is not between the years 1970 and 2200")
    return moment


Zone = Annotated[Text, AfterValidator(_zone)]
# Local times; one that ends before it starts lasts until the next day.
TimeOfDaySpan = Annotated[
    DaySpan,
    BeforeValidator(_parse_span),
    PlainSerializer(str, when_used="json-unless-none"),
    WithJsonSchema({"type": "string", "pattern": r"^\d\d:\d\d\s*-\s*\d\d:\d\d$"}),
]
HandOff = Annotated[
    HandOffTime,
    BeforeValidator(_parse_hand_off),
    PlainSerializer(str, when_used="json-unless-none"),
    WithJsonSchema({"type": "string", "pattern": r"^([A-Za-z]+\s+)?\d\d:\d\d$"}),
]
Weekday = Annotated[str, BeforeValidator(_parse_weekday), WithJsonSchema({"enum": list(WEEKDAYS)})]
Weekdays = Annotated[tuple[Weekday, ...], BeforeValidator(_parse_weekdays)]
LocalMoment = Annotated[
    datetime,
    BeforeValidator(_parse_local),
    PlainSerializer(lambda moment: moment.isoformat(), when_used="json-unless-none"),
    WithJsonSchema({"type": "string", "examples": ["2026-03-09T18:00"]}),
]
