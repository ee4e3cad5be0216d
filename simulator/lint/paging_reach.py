"""When the levels of policies are used, and when they page anybody."""

from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from simulator.lint.oncall_year import OnCallYear
from simulator.lint.time_spans import (
    ALWAYS,
    Span,
    Spans,
    complement,
    difference,
    intersection,
    union,
)
from simulator.oncall.schedules.zone_offsets import zone_offsets
from simulator.scenario.local_time import DAY_MINUTES, WEEKDAYS, DaySpan
from simulator.scenario.policy import Level, PageTarget
from simulator.scenario.schedule import instant_ms
from simulator.units import DAY_MS


class PagingReach:
    """Whom the policies of a file can page in a year.

    Levels that need a number of alerts are taken as used.
    """

    def __init__(self, year: OnCallYear) -> None:
        self.year = year
        self._first_levels: dict[str, Spans] = {}
        self._silent: dict[tuple[str, int], list[Span]] = {}

    def used(self, policy: str, level: Level) -> list[Span]:
        """When a level of a policy is used, in the year and its margins."""
        zone = self.year.oncall.policies[policy].zone
        whole = self.year.margins(zone)
        if level.between is None and not level.days:
            return [whole]
        return _used(whole, zone, level.between, level.days)

    def paged(self, level: Level) -> Spans:
        """When the targets of a level are anybody."""
        if len(level.page) == 1:
            return self._target(level.page[0])
        return union(span for target in level.page for span in self._target(target))

    def silent(self, policy: str, number: int) -> list[Span]:
        """When a level is used and pages nobody, if that is in the year."""
        if (policy, number) not in self._silent:
            model = self.year.oncall.policies[policy]
            level = model.levels[number]
            spans = difference(self.used(policy, level), self.paged(level))
            self._silent[policy, number] = self.year.in_year(spans, model.zone)
        return self._silent[policy, number]

    def reached(self, policy: str) -> list[Span]:
        """When any level of a policy pages anybody."""
        levels = self.year.oncall.policies[policy].levels
        return union(
            span
            for level in levels
            for span in intersection(self.used(policy, level), self.paged(level))
        )

    def gaps(self, policy: str) -> list[Span]:
        """When a policy reaches nobody, if that is in the year."""
        zone = self.year.oncall.policies[policy].zone
        return self.year.in_year(complement(self.reached(policy), self.year.margins(zone)), zone)

    def _target(self, target: PageTarget) -> Spans:
        """When a target is somebody."""
        if target.schedule is not None:
            return self.year.staffed[target.schedule]
        policy = None if target.team is None else self.year.oncall.teams[target.team].policy
        if policy is None:
            return [ALWAYS]
        if policy not in self._first_levels:
            first = self.year.oncall.policies[policy].levels[0]
            self._first_levels[policy] = self.paged(first)
        return self._first_levels[policy]


@lru_cache(maxsize=256)
def _used(whole: Span, zone: str, between: DaySpan | None, days: tuple[str, ...]) -> list[Span]:
    """When a part of a day, on some weekdays, is now by the clock of a zone."""
    info = ZoneInfo(zone)
    minutes = {0} if between is None else {0, between.start, between.end % DAY_MINUTES}
    first = datetime.fromtimestamp(whole[0] / 1000, info).replace(hour=0, minute=0, second=0)
    nights = (whole[1] - whole[0]) // DAY_MS + 3
    midnights = (first.replace(tzinfo=None) + timedelta(days=day) for day in range(nights))
    edges = {
        instant_ms(midnight + timedelta(minutes=minute), info)
        for midnight in midnights
        for minute in minutes
    }
    # A change of the clock may begin or end it, too.
    edges |= {change.at for change in zone_offsets(zone, *whole).changes}
    points = sorted({whole[0], whole[1], *(edge for edge in edges if whole[0] < edge < whole[1])})
    spans = []
    for start, end in pairwise(points):
        local = datetime.fromtimestamp(start / 1000, info)
        minute = local.hour * 60 + local.minute
        within = between is None or between.contains(minute)
        if within and (not days or WEEKDAYS[local.weekday()] in days):
            spans.append((start, end))
    return union(spans)
