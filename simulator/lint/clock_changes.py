"""Local times that do not exist, or are twice, when clocks change.

They are read as RFC 5545 has it (see `simulator.scenario.schedule.instant_ms`); but who wrote them
may not have thought of the night in question.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from simulator.lint.local_times import local_time
from simulator.lint.oncall_year import OnCallYear
from simulator.oncall.schedules.layers import local_anchor
from simulator.oncall.schedules.zone_offsets import ClockChange, zone_offsets
from simulator.scenario.local_time import WEEKDAYS
from simulator.scenario.schedule import Layer, Schedule, instant_ms
from simulator.source import Complaint, Key
from simulator.units import DAY_MS

MINUTE_MS = 60_000
Place = tuple[tuple[Key, ...], str]


def warnings(year: OnCallYear) -> Iterator[Complaint]:
    """Overrides at such times from the year's start on, and the next one of every layer."""
    for name, schedule in year.oncall.schedules.items():
        places = [*_overrides(year, schedule), *_layers(year, schedule)]
        for path, text in places:
            yield year.complaint(("schedules", name, *path), text)


def _overrides(year: OnCallYear, schedule: Schedule) -> Iterator[Place]:
    zone = ZoneInfo(schedule.zone)
    since = year.span(schedule.zone)[0]
    for number, override in enumerate(schedule.overrides):
        for key, moment in (("from", override.from_), ("until", override.until)):
            if moment.tzinfo is not None or instant_ms(moment, zone) < since:
                continue
            first = moment.replace(tzinfo=zone, fold=0).utcoffset()
            second = moment.replace(tzinfo=zone, fold=1).utcoffset()
            if first is None or second is None or first == second:
                continue
            at = instant_ms(moment, zone)
            yield ("overrides", number, key), _explain(moment, at, second > first, schedule.zone)


def _layers(year: OnCallYear, schedule: Schedule) -> Iterator[Place]:
    """The next hand-off of every layer at such a time, and the next edge of its part of a day."""
    zone = schedule.zone
    since, until = year.span(zone)
    changes = [c for c in zone_offsets(zone, since, until).changes if since <= c.at < until]
    for number, layer in enumerate(schedule.layers):
        for key, edge in (("hand_off", _hand_off), ("between", _edge)):
            local, change = next(
                ((at, c) for c in changes if (at := edge(layer, schedule, c)) is not None),
                (None, None),
            )
            if local is None or change is None:
                continue
            moment = datetime.fromtimestamp(local / 1000, UTC).replace(tzinfo=None)
            at = instant_ms(moment, ZoneInfo(zone))
            text = _explain(moment, at, change.after > change.before, zone)
            path: tuple[Key, ...] = ("layers", number)
            if getattr(layer, key) is not None:
                path = (*path, key)
            yield path, text


def _window(change: ClockChange) -> tuple[int, int]:
    """The local times that do not exist at a change, or are twice."""
    return change.at + min(change[1:]), change.at + max(change[1:])


def _hand_off(layer: Layer, schedule: Schedule, change: ClockChange) -> int | None:
    """The local time of a hand-off in a change's window."""
    low, high = _window(change)
    anchor = local_anchor(layer)
    local = anchor - (anchor - low) // layer.every * layer.every
    return local if len(layer.people) > 1 and local < high and _is_on(layer, local) else None


def _edge(layer: Layer, schedule: Schedule, change: ClockChange) -> int | None:
    """The local start or end of a layer's part of a day in a change's window."""
    if layer.between is None:
        return None
    low, high = _window(change)
    start, end = layer.between
    edges = (
        (day * DAY_MS + minute * MINUTE_MS, day - days)
        for minute, days in ((start, 0), (end, int(end <= start)))
        for day in (low // DAY_MS, high // DAY_MS)
    )
    return next(
        (
            local
            for local, begins in edges
            if low <= local < high
            and _is_on(layer, local)
            and _is_day(layer, schedule, _day(begins * DAY_MS))
        ),
        None,
    )


def _day(local: int) -> date:
    return datetime.fromtimestamp(local / 1000, UTC).date()


def _is_day(layer: Layer, schedule: Schedule, day: date) -> bool:
    """Whether a layer's part of a day begins on a day; a holiday counts as a Sunday."""
    weekday = "Sun" if day in schedule.holidays else WEEKDAYS[day.weekday()]
    return not layer.days or weekday in layer.days


def _is_on(layer: Layer, local: int) -> bool:
    day = _day(local)
    return (layer.starts is None or layer.starts <= day) and (
        layer.until is None or day <= layer.until
    )


def _explain(local: datetime, at: int, is_skipped: bool, zone: str) -> str:
    clock, day = f"{local:%H:%M}", f"{local:%a %Y-%m-%d}"
    if is_skipped:
        read = local_time(at, zone)
        return f"{clock} does not exist on {day} in {zone}: {read:%H:%M} counts"
    return f"{clock} is twice on {day} in {zone}: the first counts"
