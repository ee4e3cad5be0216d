"""Schedules compiled to shifts: a table worked out by hand, and laws."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.oncall.schedules.compile import compile_schedule
from simulator.oncall.schedules.shifts import Shift
from simulator.oncall.schedules.zone_offsets import zone_offsets
from simulator.scenario.schedule import Schedule, instant_ms
from tests.oncall.schedule_reference import FIRST_YEAR, LAST_YEAR, ZONES, on_call, schedules
from tests.oncall.schedule_table import ROWS, TABLE

HOUR = 3_600_000
INSTANTS = st.datetimes(datetime(FIRST_YEAR, 1, 1), datetime(LAST_YEAR, 12, 1)).map(
    lambda moment: instant_ms(moment, ZoneInfo("UTC"))
)


@pytest.mark.parametrize("zone, moment, person", ROWS)
def test_who_is_on_call_as_worked_out_by_hand(zone, moment, person):
    at = instant_ms(datetime.fromisoformat(moment), ZoneInfo(zone))
    shifts = compile_schedule(TABLE[zone], at - 24 * HOUR, at + 24 * HOUR)
    assert shifts.on_call(at) == person


@given(schedules(), INSTANTS, st.integers(1, 400 * 24), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_shifts_are_those_of_the_straightforward_reference(schedule, since, hours, dice):
    until = since + hours * HOUR
    shifts = compile_schedule(schedule, since, until)
    edges = [span.start for span in shifts.spans()]
    near = [edge + near for edge in dice.sample(edges, min(10, len(edges))) for near in (-1, 0)]
    for at in near + [dice.randrange(since, until) for _ in range(20)]:
        if since <= at < until:
            assert shifts.on_call(at) == on_call(schedule, at)


@given(schedules(), INSTANTS, st.integers(1, 60 * 24))
@settings(max_examples=50, deadline=None)
def test_shifts_cover_the_horizon_in_order_with_at_most_one_person(schedule, since, hours):
    spans = list(compile_schedule(schedule, since, since + hours * HOUR).spans())
    assert spans[0].start == since
    assert spans[-1].end == since + hours * HOUR
    assert all(span.start < span.end for span in spans)
    assert all(a.end == b.start and a.person != b.person for a, b in pairwise(spans))


@given(schedules(), INSTANTS, st.integers(1, 90 * 24), st.integers(1, 90 * 24))
@settings(max_examples=50, deadline=None)
def test_a_horizon_may_be_cut_anywhere(schedule, since, hours, more):
    middle, until = since + hours * HOUR, since + (hours + more) * HOUR
    whole = compile_schedule(schedule, since, until)
    first = compile_schedule(schedule, since, middle)
    assert [whole.on_call(shift.start) for shift in first.spans()] == [
        shift.person for shift in first.spans()
    ]
    second = compile_schedule(schedule, middle, until)
    assert [span.end for span in second.spans()] == [span.end for span in whole.spans(middle)]


@given(st.sampled_from(ZONES), st.datetimes(datetime(1975, 1, 1), datetime(2190, 1, 1)))
@settings(deadline=None)
def test_local_times_in_bulk_are_those_of_single_moments(zone, moment):
    local = np.array([instant_ms(moment, ZoneInfo("UTC"))]) + HOUR // 4 * np.arange(400)
    offsets = zone_offsets(zone, int(local[0]), int(local[-1]))
    singles = [
        instant_ms(datetime.fromtimestamp(at / 1000, UTC).replace(tzinfo=None), ZoneInfo(zone))
        for at in local.tolist()
    ]
    assert offsets.instants(local).tolist() == singles


def test_a_gap_in_the_night_is_listed_as_a_hole():
    schedule = Schedule.model_validate({"layers": [{"people": ["ana"], "between": "08:00-20:00"}]})
    shifts = compile_schedule(schedule, 0, 48 * HOUR)
    assert list(shifts.holes(since=30 * HOUR)) == [
        Shift(20 * HOUR, 32 * HOUR, None),
        Shift(44 * HOUR, 48 * HOUR, None),
    ]


def test_later_shifts_of_a_calendar_win_and_overrides_win_over_them():
    schedule = Schedule.model_validate(
        {
            "ical": "x.ics",
            "overrides": [
                {"from": "1970-01-01T02:00", "until": "1970-01-01T03:00", "person": "chi"}
            ],
        }
    )
    calendar = [Shift(-HOUR, 4 * HOUR, "ana"), Shift(HOUR, 9 * HOUR, "ben")]
    shifts = compile_schedule(schedule, 0, 5 * HOUR, calendar)
    assert list(shifts.shifts()) == [
        Shift(0, HOUR, "ana"),
        Shift(HOUR, 2 * HOUR, "ben"),
        Shift(2 * HOUR, 3 * HOUR, "chi"),
        Shift(3 * HOUR, 5 * HOUR, "ben"),
    ]


def test_an_instant_outside_of_the_horizon_is_an_error():
    shifts = compile_schedule(Schedule.model_validate({"layers": [{"people": ["ana"]}]}), 0, HOUR)
    for outside in (-1, HOUR):
        with pytest.raises(ValueError, match="outside of the horizon"):
            shifts.on_call(outside)
