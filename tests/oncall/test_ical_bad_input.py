"""Calendar files that are cut, huge, hostile or no calendars: one clear line, bounded work."""

import tracemalloc

import pytest

from simulator.oncall.ical.calendar_events import OCCURRENCES_MAX, read_calendar
from simulator.oncall.ical.lines import EVENTS_MAX
from simulator.source import SourceError
from simulator.units import DAY_MS

START, LENGTH = "DTSTART:20260105T090000Z", "DURATION:PT12H"
NEVER = "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"


def calendar(*lines, summary="ana", events=1):
    """A calendar of events, the first on lines 2 to 5 and more."""
    text = "\n".join(("BEGIN:VEVENT", f"SUMMARY:{summary}", *lines, "END:VEVENT", ""))
    return f"BEGIN:VCALENDAR\n{text * events}END:VCALENDAR\n"


def complaints(text, days=1000):
    """The complaints of reading a calendar, and of its shifts over a time span."""
    with pytest.raises(SourceError) as caught:
        read_calendar(text, "team.ics", ("ana", "ben"), "UTC").shifts(20_000 * DAY_MS, (20_000 + days) * DAY_MS)  # fmt: skip
    return [str(complaint) for complaint in caught.value.complaints]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1: the file is empty"),
        ("\n \n", "1:1: the file is empty"),
        ("oncall: 1\n", "1:1: is not a calendar file: expected BEGIN:VCALENDAR"),
        ("BEGIN:VEVENT\nEND:VEVENT\n", "1:1: is not a calendar file: expected BEGIN:VCALENDAR"),
        (calendar(START, LENGTH)[:60], "2:1: VEVENT has no END: is the file cut?"),
        (calendar(START, LENGTH)[:-5], "7:1: END of 'VCALE', expected that of VCALENDAR, begun on line 1"),
        (calendar(START, "LENGTH"), "5:1: 'LENGTH' is not a line of a calendar: expected NAME:value"),
        ("BEGIN:VCALENDAR\n" * 9, "9:1: is nested deeper than 8 components"),
        (calendar(START, LENGTH, events=EVENTS_MAX + 1), f"{2 + 5 * EVENTS_MAX}:1: the file has more than 10,000 events"),
        (calendar(START, LENGTH, "EXDATE:" + "20260105T090000Z," * 5000), "6:1: the line is longer than 64 KiB"),
        ("BEGIN:VCALENDAR\nX-WR-TIMEZONE:Europe/Berln\nEND:VCALENDAR", "2:1: X-WR-TIMEZONE: unknown time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_calendar_or_cut_is_refused_with_its_line(text, message):
    assert complaints(text) == [f"team.ics:{message}"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([LENGTH], "2:1: the event has no DTSTART"),
        ([START], "4:1: DTSTART: the event has no end: expected DTEND or DURATION"),
        ([START, "DTEND:20260105T090000Z"], "5:1: DTEND: the event ends before it begins"),
        ([START, "DURATION:-PT1H"], "5:1: DURATION: the event ends before it begins"),
        ([START, "DURATION:12h"], "5:1: DURATION: '12h' is not a duration (for example PT12H or P7D)"),
        ([START, "DURATION:P99999999D"], "5:1: DURATION: the event lasts longer than ten years"),
        ([START, "DTEND:21000105T090000Z"], "5:1: DTEND: the event lasts longer than ten years"),
        ([START, START, LENGTH], "5:1: DTSTART: stands twice in the event"),
        ([START, LENGTH, "EXRULE:FREQ=DAILY"], "6:1: EXRULE: is not supported; list the dates as EXDATE"),
        ([START, LENGTH, "RECURRENCE-ID;RANGE=THISANDFUTURE:20260105T090000Z"], "6:1: RECURRENCE-ID: a RANGE of occurrences is not supported; list them one by one"),
        ([START, LENGTH, "RDATE:20260105T090000Z,tomorrow"], "6:1: RDATE: 'tomorrow' is not a date or time (for example 20260309T180000Z or 20260309)"),
        (["DTSTART:20260230T090000Z", LENGTH], "4:1: DTSTART: '20260230T090000Z' is not a date or time (for example 20260309T180000Z or 20260309)"),
        (["DTSTART:08000105T090000Z", LENGTH], "4:1: DTSTART: '08000105T090000Z' is not between the years 1970 and 2200"),
        (["DTSTART;TZID=Mars/Olympus:20260105T090000", LENGTH], "4:1: DTSTART: unknown time zone 'Mars/Olympus'; expected an IANA name (for example 'Europe/Berlin')"),
        (["DTSTART;TZID=../../etc/passwd:20260105T090000", LENGTH], "4:1: DTSTART: unknown time zone '../../etc/passwd'; expected an IANA name (for example 'Europe/Berlin')"),
    ],
)  # fmt: skip
def test_an_event_that_cannot_be_read_is_named_by_its_line(lines, message):
    assert complaints(calendar(*lines)) == [f"team.ics:{message}"]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("FREQ=SECONDLY", "'SECONDLY' is not one of the frequencies HOURLY, DAILY, WEEKLY, MONTHLY, YEARLY"),
        ("FREQ=MINUTELY;COUNT=1000000000", "'MINUTELY' is not one of the frequencies HOURLY, DAILY, WEEKLY, MONTHLY, YEARLY"),
        ("COUNT=3", "'' is not one of the frequencies HOURLY, DAILY, WEEKLY, MONTHLY, YEARLY"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL '0' is not a number above 0"),
        ("FREQ=DAILY;COUNT=-1", "COUNT '-1' is not a number above 0"),
        ("FREQ=DAILY;UNTIL=never", "'NEVER' is not a date or time (for example 20260309T180000Z or 20260309)"),
        ("FREQ=DAILY;UNTIL=20260301,20260401", "UNTIL '20260301,20260401' is not one date or time"),
        ("FREQ=DAILY;BYDAY=XX", "'FREQ=DAILY;BYDAY=XX' is not a rule: invalid 'BYDAY': XX"),
        ("FREQ=DAILY;BYMINUTE=" + ",".join(map(str, range(60))) + ";BYHOUR=1,2", "has more than 96 starts a day"),
        # A second rule, that dateutil would read and nobody would check.
        ("FREQ=DAILY RRULE:FREQ=SECONDLY", "'FREQ=DAILY RRULE:FREQ=SECONDLY' is not a rule (for example FREQ=WEEKLY;BYDAY=MO)"),
    ],
)  # fmt: skip
def test_a_rule_that_is_none_or_far_too_fast_is_refused(rule, message):
    assert complaints(calendar(START, LENGTH, f"RRULE:{rule}")) == [
        f"team.ics:6:1: RRULE: {message}"
    ]


def test_a_billion_occurrences_end_with_the_horizon():
    text = calendar(START, LENGTH, "RRULE:FREQ=DAILY;COUNT=1000000000")
    shifts = read_calendar(text, "team.ics", ("ana",), "UTC").shifts(0, 20_500 * DAY_MS)
    assert len(shifts) == 20_500 - 20_458  # days since 1970; 2026-01-05 is 20,458


def test_rules_that_never_come_true_cost_a_bounded_number_of_days(monkeypatch):
    monkeypatch.setattr("simulator.oncall.ical.recurrence_rules.STEPS_MAX", 5000)
    message = "the event recurs too often, or never: more than 5,000 days looked at"
    assert complaints(calendar(START, LENGTH, NEVER, events=9)) == [f"team.ics:2:1: {message}"]


def test_a_file_has_a_bounded_number_of_shifts():
    text = calendar(START, LENGTH, "RRULE:FREQ=HOURLY")
    assert complaints(text, days=OCCURRENCES_MAX / 24 + 500) == [
        "team.ics:2:1: the event takes the file to more than 20,000 shifts"
    ]


def test_unknown_people_are_named_with_the_nearest_and_at_most_twenty_times():
    assert complaints(calendar(START, LENGTH, summary="On Call - Bn - Primary")) == [
        "team.ics:3:1: SUMMARY: names nobody of the on-call file: 'Bn'; did you mean 'ben'?"
    ]
    [line] = complaints(calendar(START, LENGTH, summary="Ben / Ana"))
    assert "names several people, ben and ana; " in line
    assert len(complaints(calendar(START, LENGTH, summary="zoe", events=300))) == 20


def test_a_large_file_takes_little_memory():
    text = "BEGIN:VCALENDAR\n" + " folded\n" * 500_000
    tracemalloc.start()
    try:
        assert complaints(text) == ["team.ics:1:1: the line is longer than 64 KiB"]
        assert tracemalloc.get_traced_memory()[1] < 64 * 1024**2
    finally:
        tracemalloc.stop()
