"""Alertmanager's time intervals: when routes are muted or active."""

import calendar
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from simulator.alerting.decoder import Decoder
from simulator.source import YamlNode

DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
MONTHS = tuple(name.lower() for name in calendar.month_name)[1:]
FIELDS = ("times", "weekdays", "days_of_month", "months", "years", "location")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Range = tuple[int, int]


class Interval(NamedTuple):
    """A part of the calendar; an empty field does not limit.

    Examples
    --------
    >>> office = Interval(times=((540, 1020),), weekdays=((1, 5),))
    >>> office.contains(datetime(2026, 3, 9, 10, tzinfo=UTC))
    True
    >>> office.contains(datetime(2026, 3, 8, 10, tzinfo=UTC))
    False
    """

    times: tuple[Range, ...] = ()  # minutes of the day, end excluded
    weekdays: tuple[Range, ...] = ()  # 0 is a Sunday
    days_of_month: tuple[Range, ...] = ()  # negative days count from the end
    months: tuple[Range, ...] = ()
    years: tuple[Range, ...] = ()
    zone: tzinfo = UTC

    def contains(self, moment: datetime) -> bool:
        """Whether a moment is in the interval."""
        local = moment.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        if self.times and not any(start <= minute < end for start, end in self.times):
            return False
        if self.days_of_month and not self._contains_day(local):
            return False
        weekday = (local.weekday() + 1) % 7
        limits = ((self.months, local.month), (self.weekdays, weekday), (self.years, local.year))
        return all(
            not ranges or any(low <= value <= high for low, high in ranges)
            for ranges, value in limits
        )

    def _contains_day(self, local: datetime) -> bool:
        last = calendar.monthrange(local.year, local.month)[1]
        for low, high in self.days_of_month:
            begin = low if low > 0 else last + low + 1
            end = high if high > 0 else last + high + 1
            if begin > last or end < begin:
                continue
            if max(begin, 1) <= local.day <= min(end, last):
                return True
        return False


class TimeIntervals(NamedTuple):
    """Intervals by name; a name is active when any of its intervals is."""

    named: dict[str, tuple[Interval, ...]]

    def any_at(self, names: tuple[str, ...], epoch_ms: int) -> bool:
        """Whether any of these names is active at a time, ms since 1970."""
        moment = EPOCH + timedelta(milliseconds=epoch_ms)
        return any(i.contains(moment) for name in names for i in self.named.get(name, ()))


def decode_interval(node: YamlNode, where: str, decoder: Decoder) -> Interval:
    """One interval of the configuration."""
    entries = decoder.mapping(node, where, FIELDS)

    def ranges(field: str, parse: Callable[[str], Range]) -> tuple[Range, ...]:
        parsed = []
        for item in decoder.sequence(entries.get(field), f"{where}.{field}"):
            try:
                parsed.append(parse(decoder.text(item, where)))
            except ValueError as error:
                decoder.complain(item, f"{where}.{field}", str(error))
        return tuple(parsed)

    times = decoder.sequence(entries.get("times"), where)
    return Interval(
        tuple(_decode_times(item, where, decoder) for item in times),
        ranges("weekdays", lambda text: _parse_names(text, DAYS, 0)),
        ranges("days_of_month", _parse_days_of_month),
        ranges("months", lambda text: _parse_names(text, MONTHS, 1)),
        ranges("years", _parse_years),
        _decode_zone(entries.get("location"), where, decoder),
    )


def _decode_times(node: YamlNode, where: str, decoder: Decoder) -> Range:
    entries = decoder.mapping(node, where, ("start_time", "end_time"))
    minutes = []
    for key in ("start_time", "end_time"):
        text = decoder.text(entries.get(key), where)
        match = re.fullmatch(r"(?:([01]\d|2[0-3]):([0-5]\d))|(24):(00)", text)
        if not match:
            text = f"couldn't parse timestamp {text!r}; write 17:30"
            decoder.complain(node, f"{where}.{key}", text)
            return 0, 0
        minutes.append(int(match[1] or match[3]) * 60 + int(match[2] or match[4]))
    if minutes[0] >= minutes[1]:
        decoder.complain(node, where, "start time cannot be equal or greater than end time")
    return minutes[0], minutes[1]


def _decode_zone(node: YamlNode | None, where: str, decoder: Decoder) -> tzinfo:
    name = decoder.text(node, where)
    if node is None or name in ("", "UTC", "Local"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        decoder.complain(node, where, f"unknown time zone {name!r}")
        return UTC


def _parse_names(text: str, names: tuple[str, ...], base: int) -> Range:
    ends = []
    for part in text.lower().split(":"):
        if part in names:
            ends.append(names.index(part) + base)
        elif base and part.isdigit() and 1 <= int(part) <= len(names):
            ends.append(int(part))
        else:
            raise ValueError(f"{part!r} is none of {', '.join(names)}")
    return _range(ends, text)


def _parse_days_of_month(text: str) -> Range:
    low, high = _range([_integer(part) for part in text.split(":")], text, ordered=False)
    for day in (low, high):
        if day == 0 or abs(day) > 31:
            raise ValueError(f"{day} is not a valid day of the month: out of range")
    if (low > 0 > high and low > 31 + high + 1) or ((low < 0) == (high < 0) and low > high):
        raise ValueError(f"end day of {text!r} is before its start")
    if low < 0 < high:
        raise ValueError("end day must be negative if start day is negative")
    return low, high


def _parse_years(text: str) -> Range:
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
