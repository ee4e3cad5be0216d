"""Times at which a schedule has nobody.

Schedules that one level pages together may cover each other's holes, as those of three regions
do. A person beside a schedule does not: nobody is meant to be on call for ever.
"""

from collections.abc import Iterator

from simulator.lint.local_times import format_next
from simulator.lint.oncall_year import OnCallYear
from simulator.lint.paging_reach import PagingReach
from simulator.lint.time_spans import Span, difference, union
from simulator.scenario.policy import Level
from simulator.source import Complaint, Key

# More levels than that are not named.
_LEVELS_MAX = 3


def warnings(year: OnCallYear, paging: PagingReach) -> Iterator[Complaint]:
    """The next hole of every schedule, and whom it leaves without a page."""
    for name, schedule in year.oncall.schedules.items():
        holes = _uncovered(year, name)
        if holes:
            spans = format_next(holes, year, schedule.zone)
            text = f"nobody is on call {spans}{_consequence(year, paging, name, holes[0])}"
            path: tuple[Key, ...] = ("schedules", name)
            if schedule.ical is not None:
                yield year.complaint((*path, "ical"), text)
            elif len(schedule.layers) == 1:
                yield year.complaint((*path, "layers", 0), text)
            else:
                yield year.complaint(path, text, key=True)


def _uncovered(year: OnCallYear, schedule: str) -> list[Span]:
    """The holes of a schedule that the others of a level do not cover, in any of its levels."""
    holes = year.holes(schedule)
    levels = [level for _, _, level in year.levels_of[schedule]]
    if not holes or not levels:
        return holes
    spans = union(
        span
        for level in levels
        for span in difference(holes, _others_staffed(year, schedule, level))
    )
    return year.in_year(spans, year.oncall.schedules[schedule].zone)


def _others_staffed(year: OnCallYear, schedule: str, level: Level) -> list[Span]:
    names = {target.schedule for target in level.page} - {schedule, None}
    return union(span for name in sorted(map(str, names)) for span in year.staffed[name])


def _consequence(year: OnCallYear, paging: PagingReach, schedule: str, hole: Span) -> str:
    """The levels that page nobody in a hole."""
    silent = [
        f"level {number + 1} of {policy}"
        for policy, number, _ in year.levels_of[schedule]
        if any(start < hole[1] and hole[0] < end for start, end in paging.silent(policy, number))
    ]
    if not silent:
        return ""
    if len(silent) > _LEVELS_MAX:
        return f": {len(silent)} levels page nobody then"
    return f": {' and '.join(silent)} page{'s' if len(silent) == 1 else ''} nobody then"
