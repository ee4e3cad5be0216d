"""Local times as authors write them: zones, spans of a day, weekdays, hand-offs, moments."""

import re
from datetime import datetime
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

from simulator.scenario.base import Text
from simulator.units import UnitError, did_you_mean, format_value

DAY_MINUTES = 24 * 60
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = did_you_mean(name, available_timezones())
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
        example = "for example '18:00-08:00'"
        raise UnitError(f"{format_value(value)} is not a span of a day ({example})")
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
        example = "for example 'Mon 09:00', or '09:00'"
        raise UnitError(f"{format_value(value)} is not a time of hand-off ({example})")
    weekday = None if match[1] is None else WEEKDAYS.index(_parse_weekday(match[1]))
    return HandOffTime(weekday, int(match[2]) * 60 + int(match[3]))


def _parse_weekday(value: Any) -> str:
    short = value[:3].capitalize() if isinstance(value, str) else ""
    if short not in WEEKDAYS or value.lower() not in (short.lower(), _LONG[short]):
        hint = did_you_mean(str(value), WEEKDAYS)
        raise UnitError(f"{format_value(value)} is not a weekday (Mon to Sun){hint}")
    return short


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
LocalMoment = Annotated[
    datetime,
    BeforeValidator(_parse_local),
    PlainSerializer(lambda moment: moment.isoformat(), when_used="json-unless-none"),
    WithJsonSchema({"type": "string", "examples": ["2026-03-09T18:00"]}),
]
