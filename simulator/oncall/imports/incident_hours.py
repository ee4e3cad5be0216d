"""incident.io's working hours as conditions of levels, and their complement."""

from datetime import timedelta

from simulator.oncall.imports.clock import clock_field, span_text, weekday_field
from simulator.oncall.imports.draft import Entry
from simulator.oncall.imports.fields import Fields
from simulator.scenario.local_time import DAY_MINUTES, WEEKDAYS

# Minutes of the day by weekday, 0 is Monday.
Hours = dict[int, list[tuple[int, int]]]


def read_hours(block: Fields) -> Hours:
    """The minutes of each weekday that lie in working hours."""
    hours: Hours = {day: [] for day in range(7)}
    for interval in block.blocks("weekday_intervals"):
        day = weekday_field(interval, "weekday")
        start, end = (
            int(clock_field(interval, f"{e}_time").total_seconds()) // 60 for e in ("start", "end")
        )
        if start < end:
            hours[day].append((start, end))
        else:
            hours[day].append((start, DAY_MINUTES))
            hours[(day + 1) % 7] += [(0, end)] if end else []
    return hours


def complement(hours: Hours) -> Hours:
    """The minutes of each weekday outside of working hours."""
    outside: Hours = {}
    for day, spans in hours.items():
        last, free = 0, list[tuple[int, int]]()
        for start, end in sorted(spans):
            if start > last:
                free.append((last, start))
            last = max(last, end)
        outside[day] = free + ([(last, DAY_MINUTES)] if last < DAY_MINUTES else [])
    return outside


def conditions_of(hours: Hours) -> list[Entry]:
    """Conditions of levels, for the days that have the same hours."""
    days: dict[tuple[int, int], list[str]] = {}
    for day, spans in hours.items():
        for span in spans:
            days.setdefault(span, []).append(WEEKDAYS[day])
    conditions: list[Entry] = []
    for (start, end), names in sorted(days.items()):
        condition: Entry = {}
        if (start, end) != (0, DAY_MINUTES):
            condition["between"] = span_text(timedelta(minutes=start), timedelta(minutes=end))
        if len(names) < 7:
            condition["days"] = names
        conditions.append(condition)
    return conditions
