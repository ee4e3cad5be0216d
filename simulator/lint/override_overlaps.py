"""Overrides of a schedule that overlap: the later in the file wins."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import numpy as np

from simulator.lint.local_times import format_span
from simulator.lint.oncall_year import OnCallYear
from simulator.scenario.schedule import Schedule
from simulator.source import Complaint


def warnings(year: OnCallYear) -> Iterator[Complaint]:
    """Every override that takes time from an earlier one, from the year's start on."""
    for name, schedule in year.oncall.schedules.items():
        for number, text in _overlaps(year, schedule):
            yield year.complaint(("schedules", name, "overrides", number), text)


def _overlaps(year: OnCallYear, schedule: Schedule) -> Iterator[tuple[int, str]]:
    overrides, zone = schedule.overrides, schedule.zone
    if len(overrides) < 2:
        return
    since = year.span(zone)[0]
    bounds = np.array([override.span(ZoneInfo(zone)) for override in overrides])
    people = np.array([override.person for override in overrides])
    starts, ends = bounds[:, 0], bounds[:, 1]
    for number, override in enumerate(overrides):
        first = np.maximum(starts[:number], starts[number])
        last = np.minimum(ends[:number], ends[number])
        # The same person is on call either way.
        overlap = (first < last) & (last > since) & (people[:number] != override.person)
        earlier = np.flatnonzero(overlap)
        if not len(earlier):
            continue
        loser = int(earlier[0])
        span = int(first[loser]), int(last[loser])
        more = f", and over {len(earlier) - 1} more" if len(earlier) > 1 else ""
        text = f"wins over overrides[{loser}] of {overrides[loser].person}{more}"
        yield number, f"{text} {format_span(span, zone)}: the later in the file counts"
