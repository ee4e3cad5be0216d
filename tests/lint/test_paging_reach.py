"""When levels are used and page somebody: the lint agrees with the pager at any instant."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.lint.oncall_year import year_of
from simulator.lint.paging_reach import PagingReach
from simulator.lint.time_spans import Spans, complement, difference, intersection, union
from simulator.oncall.paging.policies import PolicyRoute
from simulator.scenario import OnCall
from simulator.scenario.local_time import WEEKDAYS
from simulator.source import Document, parse_text
from simulator.units import DAY_MS

few_spans = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6)


def points(spans: Spans) -> set[int]:
    return {point for start, end in spans for point in range(start, end)}


@given(few_spans, few_spans)
def test_spans_are_sets(a: list[tuple[int, int]], b: list[tuple[int, int]]) -> None:
    first, second = union(a), union(b)
    assert points(first) == points(a)
    assert all(left[1] < right[0] for left, right in pairwise(first))
    assert points(intersection(first, second)) == points(a) & points(b)
    assert points(difference(first, second)) == points(a) - points(b)
    assert points(complement(first, (5, 20))) == set(range(5, 20)) - points(a)


clocks = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from((0, 15, 30)))
parts_of_a_day = st.tuples(clocks, clocks).filter(lambda ends: ends[0] != ends[1]).map("-".join)
weekdays = st.lists(st.sampled_from(WEEKDAYS), unique=True, max_size=4)
zones = st.sampled_from(("America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "UTC"))


@st.composite
def organisations(draw: st.DrawFn) -> OnCall:
    """A policy of two levels: a schedule, and a team whose first level pages another one."""

    def schedule() -> dict[str, object]:
        layer = {"people": ["ana", "ben"], "between": draw(parts_of_a_day), "days": draw(weekdays)}
        return {"zone": draw(zones), "layers": [layer]}

    level = {"between": draw(parts_of_a_day), "days": draw(weekdays)}
    return OnCall.model_validate({
        "oncall": 1, "name": "org", "people": {"ana": {}, "ben": {}},
        "schedules": {"a": schedule(), "b": schedule()},
        "policies": {
            "serving": {"zone": draw(zones), "levels": [
                {"page": [{"schedule": "a"}], **level}, {"page": [{"team": "data"}]},
            ]},
            "data": {"levels": [{"page": [{"schedule": "b"}]}]},
        },
        "teams": {"ml": {"policy": "serving"}, "data": {"policy": "data"}},
    })  # fmt: skip


def within(spans: Spans, instant: int) -> bool:
    number = bisect_right(spans, (instant, 2**62)) - 1
    return number >= 0 and spans[number][0] <= instant < spans[number][1]


@settings(max_examples=40)
@given(organisations(), st.lists(st.integers(0, 365 * DAY_MS - 1), min_size=30, max_size=30))
def test_levels_are_used_and_page_as_the_pager_does(oncall: OnCall, offsets: list[int]) -> None:
    root, _ = parse_text("oncall: 1", Path("a.yaml"))
    document = Document(Path("a.yaml"), root, Path())
    year = year_of(document, (), oncall, datetime(2026, 1, 5), {})
    paging, route = PagingReach(year), year.organisation.route("ml")
    assert isinstance(route, PolicyRoute)
    levels = oncall.policies["serving"].levels
    since = year.span(oncall.policies["serving"].zone)[0]
    # Edges of the hours, and instants of the year.
    edges = [start for spans in map(paging.paged, levels) for start, _ in spans[:20]]
    for instant in (*(since + offset for offset in offsets), *edges):
        if not since <= instant < since + 365 * DAY_MS:
            continue
        for number, level in enumerate(levels):
            used = route.applies(number, instant, lambda window: 0)
            assert within(paging.used("serving", level), instant) == used
            paged = bool(route.recipients(number, instant, 1))
            assert within(paging.paged(level), instant) == paged
