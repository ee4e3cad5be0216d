"""Grafana OnCall's shifts: single events, recurring ones, and people who roll through them."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from simulator.oncall.imports.clock import moment_field, optional_moment, zone_field
from simulator.oncall.imports.directory import Directory
from simulator.oncall.imports.fields import Fields
from simulator.oncall.imports.recurrence import RuleSet, make_rule
from simulator.oncall.imports.rotas import DAY, WEEK, Rota, RuleRota
from simulator.oncall.imports.tracks import overlapping
from simulator.units import did_you_mean, format_value

_FREQUENCIES = ("hourly", "daily", "weekly", "monthly")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class LevelShift(NamedTuple):
    """A shift with its priority: a higher one takes the place of lower ones."""

    level: int
    rota: Rota


Turn = Callable[[datetime, int], int]


def read_shifts(fields: Fields, schedule_zone: str, users: Directory[str]) -> list[LevelShift]:
    """The rotas of a shift: one for each of the people who have it at the same time.

    Times are by the clock of the shift's zone, or else its schedule's. `rolling_users` go from
    group to group with every period of the frequency, and day by day where days are selected
    for a daily one.
    """
    zone = zone_field(fields, "time_zone", schedule_zone)
    start = moment_field(fields, "start", zone)
    until = optional_moment(fields, "until", zone)
    length = timedelta(seconds=fields.number("duration"))
    kind, name = fields.text("type"), fields.optional_text("name")
    level, first = fields.number("level", 0), fields.number("start_rotation_from_user_index", 0)
    groups = fields.groups("rolling_users")
    users_of_event = fields.texts("users")
    if kind == "rolling_users":
        groups = (*groups[first:], *groups[:first])
    else:
        groups = (users_of_event,)
    rule, turn = _rule(fields, start, zone, kind)
    named = [
        users.find_all(group, fields, "rolling_users" if kind == "rolling_users" else "users")
        for group in groups
    ]
    if rule is None or length <= timedelta() or not any(named):
        return []
    by_days = fields.optional_text("frequency") == "daily" and bool(fields.texts("by_day"))
    stride = max(fields.number("interval", 1), 1) if by_days else 1
    # By weeks, all days of a week are one turn.
    cycle = rule._replace(in_period=rule.in_period if by_days else 1).cycle(len(named) * stride)
    shifts = []
    for place in range(max(map(len, named))):
        # Of a smaller group the last one stands in several tracks: a page reaches them once.
        people = tuple(group[min(place, len(group) - 1)] if group else None for group in named)
        rota = RuleRota(name, zone, people, rule.starts, length, turn, start, until, cycle)
        shifts.append(LevelShift(level, rota))
    return shifts


def _rule(fields: Fields, start: datetime, zone: str, kind: str) -> tuple[RuleSet | None, Turn]:
    """The occurrences of a shift, and whose turn each is."""
    frequency = fields.optional_text("frequency")
    interval = max(fields.number("interval", 1), 1)
    days = _weekdays(fields, "by_day", fields.texts("by_day"))
    week_start = _weekdays(fields, "week_start", (fields.optional_text("week_start") or "SU",))
    parts = [f"WKST={_WEEKDAYS[number]}" for number in week_start]
    for name, values in (
        ("BYDAY", [_WEEKDAYS[number] for number in days]),
        ("BYMONTH", [str(number) for number in fields.numbers("by_month")]),
        ("BYMONTHDAY", [str(number) for number in fields.numbers("by_monthday")]),
    ):
        if values:
            parts.append(f"{name}={','.join(values)}")
    by_days = frequency == "daily" and bool(days)
    turn = _turn(frequency, interval, start, week_start[0] if week_start else 6, by_days)
    if kind == "single_event" or (kind == "rolling_users" and not frequency):
        return make_rule(fields, "start", "FREQ=DAILY;COUNT=1", start, zone), turn
    if kind not in ("recurrent_event", "rolling_users"):
        fields.complain("type", f"unknown type {format_value(kind)} of a shift")
        return None, turn
    if frequency not in _FREQUENCIES:
        hint = did_you_mean(frequency, _FREQUENCIES)
        fields.complain("frequency", f"unknown frequency {format_value(frequency)}{hint}")
        return None, turn
    parts += [f"FREQ={frequency.upper()}", f"INTERVAL={1 if by_days else interval}"]
    return make_rule(fields, "frequency", ";".join(parts), start, zone), turn


def _turn(frequency: str, interval: int, start: datetime, week_start: int, by_days: bool) -> Turn:
    """Whose turn an occurrence is: that of its day, week or month, counted from the first."""
    if by_days:
        return lambda moment, number: number // interval
    midnight = start.replace(hour=0, minute=0, second=0)
    week = midnight - timedelta(days=(start.weekday() - week_start) % 7)
    counts: dict[str, Turn] = {
        "hourly": lambda moment, number: number,
        "daily": lambda moment, number: (moment - midnight) // DAY // interval,
        "weekly": lambda moment, number: (moment - week) // WEEK // interval,
        "monthly": lambda moment, number: (
            (moment.year - start.year) * 12 + moment.month - start.month
        ) // interval,
    }  # fmt: skip
    return counts.get(frequency, lambda moment, number: 0)


def _weekdays(fields: Fields, key: str, names: Sequence[str]) -> list[int]:
    numbers = []
    for name in names:
        if name in _WEEKDAYS:
            numbers.append(_WEEKDAYS.index(name))
        else:
            fields.complain(
                key, f"unknown weekday {format_value(name)}{did_you_mean(name, _WEEKDAYS)}"
            )
    return sorted(numbers)


def split_levels(shifts: Sequence[LevelShift]) -> list[list[Rota]]:
    """Tracks of a schedule: shifts of one level side by side, those of higher levels above them.

    A shift of a higher level stands in every track in which it takes the place of somebody.
    """
    tracks: list[list[LevelShift]] = []
    for shift in sorted(shifts, key=lambda shift: shift.level):
        free = [track for track in tracks if not _meets(shift, track, shift.level)]
        if not free:
            free = [[]]
            tracks += free
        # Where another shift of its level is on call already, that one takes the place.
        for number, track in enumerate(free):
            if number == 0 or any(_meets(shift, track, lower.level) for lower in track):
                track.append(shift)
    return [[shift.rota for shift in track] for track in tracks]


def _meets(shift: LevelShift, track: list[LevelShift], level: int) -> bool:
    """Whether a shift overlaps one of a level in a track."""
    return any(overlapping(shift.rota, other.rota) for other in track if other.level == level)
