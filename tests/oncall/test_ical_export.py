"""What is exported as a calendar is on call at the same instants when it is read again."""

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.oncall.ical.calendar_events import read_calendar
from simulator.oncall.ical.export_ical import export_ical
from simulator.oncall.schedules.compile import compile_schedule
from simulator.scenario.schedule import Schedule, instant_ms
from tests.oncall.schedule_reference import schedules
from tests.oncall.schedule_table import ROWS, TABLE

UTC = ZoneInfo("UTC")


def read_again(shifts, zone):
    """The shifts of a schedule whose calendar is the export of these."""
    text = export_ical(shifts, "primary", zone)
    calendar = read_calendar(text, "primary.ics", shifts.people(), zone)
    schedule = Schedule(zone=zone, ical="primary.ics")
    horizon = shifts.since, shifts.until
    return compile_schedule(schedule, *horizon, calendar.shifts(*horizon))


@cache
def exported(zone):
    years = [instant_ms(datetime(year, 1, 1), UTC) for year in (2026, 2029)]
    return read_again(compile_schedule(TABLE[zone], *years), zone)


@pytest.mark.parametrize(("zone", "moment", "person"), ROWS)
def test_the_table_worked_out_by_hand_holds_in_the_export(zone, moment, person):
    at = instant_ms(datetime.fromisoformat(moment), ZoneInfo(zone))
    assert exported(zone).on_call(at) == person


@given(schedules(), st.datetimes(datetime(2011, 1, 1), datetime(2031, 1, 1)), st.integers(1, 2000))
@settings(max_examples=30, deadline=None)
def test_an_export_read_again_is_the_same_schedule(schedule, moment, hours):
    since = instant_ms(moment.replace(microsecond=0), UTC)
    shifts = compile_schedule(schedule, since, since + hours * 3_600_000)
    assert read_again(shifts, schedule.zone) == shifts


def test_the_same_schedule_exports_the_same_file():
    shifts = compile_schedule(TABLE["Europe/Berlin"], 1773000000000, 1776000000000)
    assert export_ical(shifts, "primary") == export_ical(shifts, "primary")
    assert export_ical(shifts, "primary").count("BEGIN:VEVENT\r\n") == len(list(shifts.shifts()))
