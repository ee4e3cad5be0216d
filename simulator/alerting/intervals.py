"""Alertmanager's time intervals: when routes are muted or active."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from simulator.alerting.yamlfile import Problems, Value

DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
MONTHS = tuple(name.lower() for name in calendar.month_name)[1:]
FIELDS = ("times", "weekdays", "days_of_month", "months", "years", "location")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Range = tuple[int, int]


class Interval(NamedTuple):
    """A part of the calendar; what is not given does not limit.

    Examples
    --------
    >>> office = Interval(times=((540, 1020),), weekdays=((1, 5),))
    >>> office.contains(datetime(2026, 3, 9, 10, tzinfo=UTC))
    True
    >>> office.contains(datetime(2026, 3, 8, 10, tzinfo=UTC))
    False
    """

    times: tuple[Range, ...] = ()  # minutes of the day, the end not included
    weekdays: tuple[Range, ...] = ()  # 0 is a Sunday
    days_of_month: tuple[Range, ...] = ()  # from the end where negative
    months: tuple[Range, ...] = ()
    years: tuple[Range, ...] = ()
    zone: tzinfo = UTC

    def contains(self, moment: datetime) -> bool:
        """Whether a moment lies in it."""
        local = moment.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        if self.times and not any(start <= minute < end for start, end in self.times):
            return False
        if self.days_of_month and not self._day(local):
            return False
        weekday = (local.weekday() + 1) % 7
        facts = ((self.months, local.month), (self.weekdays, weekday), (self.years, local.year))
        return all(not ranges or _within(ranges, value) for ranges, value in facts)

    def _day(self, local: datetime) -> bool:
        last = calendar.monthrange(local.year, local.month)[1]
        for low, high in self.days_of_month:
            begin = low if low > 0 else last + low + 1
            end = high if high > 0 else last + high + 1
            if begin > last or end < begin:
                continue
            if max(begin, 1) <= local.day <= min(end, last):
                return True
        return False


def _within(ranges: tuple[Range, ...], value: int) -> bool:
    return any(low <= value <= high for low, high in ranges)


class TimeIntervals(NamedTuple):
    """Intervals by name; a name holds when any of its intervals does."""

    named: dict[str, tuple[Interval, ...]]

    def any_at(self, names: tuple[str, ...], epoch_ms: int) -> bool:
        """Whether one of these holds at a time, ms since 1970."""
        moment = EPOCH + timedelta(milliseconds=epoch_ms)
        return any(i.contains(moment) for name in names for i in self.named.get(name, ()))


def interval(value: Value, where: str, problems: Problems) -> Interval:
    """One interval of the configuration."""
    entries = problems.map(value, where, FIELDS)

    def ranges(field: str, parse: Callable[[str], Range]) -> tuple[Range, ...]:
        found = []
        for item in problems.list(entries.get(field), f"{where}.{field}"):
            try:
                found.append(parse(problems.text(item, where)))
            except ValueError as problem:
                problems.add(item, f"{where}.{field}", str(problem))
        return tuple(found)

    times = tuple(
        _times(item, where, problems) for item in problems.list(entries.get("times"), where)
    )
    zone = _zone(entries.get("location"), where, problems)
    return Interval(
        times,
        ranges("weekdays", lambda text: _named(text, DAYS, 0)),
        ranges("days_of_month", _days_of_month),
        ranges("months", lambda text: _named(text, MONTHS, 1)),
        ranges("years", _years),
        zone,
    )


def _times(value: Value, where: str, problems: Problems) -> Range:
    entries = problems.map(value, where, ("start_time", "end_time"))
    minutes = []
    for key in ("start_time", "end_time"):
        text = problems.text(entries.get(key), where)
        found = re.fullmatch(r"(?:([01]\d|2[0-3]):([0-5]\d))|(24):(00)", text)
        if not found:
            problems.add(value, f"{where}.{key}", f"couldn't parse timestamp {text!r}; write 17:30")
            return 0, 0
        minutes.append(int(found[1] or found[3]) * 60 + int(found[2] or found[4]))
    if minutes[0] >= minutes[1]:
        problems.add(value, where, "start time cannot be equal or greater than end time")
    return minutes[0], minutes[1]


def _zone(value: Value | None, where: str, problems: Problems) -> tzinfo:
    name = problems.text(value, where)
    if value is None or name in ("", "UTC", "Local"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problems.add(value, where, f"unknown time zone {name!r}")
        return UTC


def _named(text: str, names: tuple[str, ...], base: int) -> Range:
    ends = []
    for part in text.lower().split(":"):
        if part in names:
            ends.append(names.index(part) + base)
        elif base and part.isdigit() and 1 <= int(part) <= len(names):
            ends.append(int(part))
        else:
            raise ValueError(f"{part!r} is none of {', '.join(names)}")
    return _range(ends, text)


def _days_of_month(text: str) -> Range:
    low, high = _range([_integer(part) for part in text.split(":")], text, ordered=False)
    for day in (low, high):
        if day == 0 or abs(day) > 31:
            raise ValueError(f"{day} is not a valid day of the month: out of range")
    if (low > 0 > high and low > 31 + high + 1) or ((low < 0) == (high < 0) and low > high):
        raise ValueError(f"end day of {text!r} is before its start")
    if low < 0 < high:
        raise ValueError("end day must be negative if start day is negative")
    return low, high


def _years(text: str) -> Range:
    return _range([_integer(part) for part in text.split(":")], text)


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"not a number: {text!r}") from None


def _range(ends: list[int], text: str, ordered: bool = True) -> Range:
    if not 1 <= len(ends) <= 2:
        raise ValueError(f"couldn't parse range {text!r}")
    if ordered and ends[-1] < ends[0]:
        raise ValueError(f"end of range {text!r} is before its start")
    return ends[0], ends[-1]
