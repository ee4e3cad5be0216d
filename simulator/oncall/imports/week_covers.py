"""The parts of a week that shifts cover, as the parts of days that layers have."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from simulator.oncall.imports.rotas import DAY, WEEK


class Cover(NamedTuple):
    """A part of the day, on some weekdays: minutes since midnight; None is the whole day."""

    between: tuple[int, int] | None
    weekdays: tuple[int, ...]


def steady_week(
    begin: datetime, spans: list[tuple[datetime, datetime]]
) -> list[tuple[datetime, datetime]]:
    """The spans of a week in which the rota has begun, or the whole week."""
    week = begin + WEEK
    if any(start <= week and end >= week + WEEK for start, end in spans):
        return [(week, week + WEEK)]
    return [span for span in spans if week <= span[0] < week + WEEK]


def covers_of(spans: list[tuple[datetime, datetime]]) -> list[Cover]:
    """The parts of the week that some spans of a week cover."""
    if any(end - start == WEEK for start, end in spans):
        return [Cover(None, tuple(range(7)))]
    days: dict[tuple[int, int] | None, set[int]] = defaultdict(set)
    for start, end in spans:
        for day, between in _day_parts(start, end):
            days[between].add(day)
    return [Cover(between, tuple(sorted(numbers))) for between, numbers in days.items()]


def _day_parts(start: datetime, end: datetime) -> Iterator[tuple[int, tuple[int, int] | None]]:
    """A span by weekdays; a part overnight stays one part."""
    minute, minutes = minute_of(start), int((end - start) / timedelta(minutes=1))
    if minutes < 24 * 60:
        last = (minute + minutes) % (24 * 60) or 24 * 60
        yield start.weekday(), (minute, last)
        return
    day = start.replace(hour=0, minute=0)
    while day < end:
        first = minute if day < start else 0
        last = min(24 * 60, int((end - day) / timedelta(minutes=1)))
        whole = (first, last) == (0, 24 * 60)
        yield day.weekday(), None if whole else (first, last)
        day += DAY


def minute_of(moment: datetime) -> int:
    """The minute of a day."""
    return moment.hour * 60 + moment.minute
