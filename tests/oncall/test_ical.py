"""Calendar files as schedules: what on-call tools and calendars export."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from simulator.oncall.ical.calendar_events import load_calendar, read_calendar
from simulator.oncall.schedules.compile import compile_schedule
from simulator.scenario.schedule import Schedule, instant_ms
from simulator.source import SourceError, load

PEOPLE = ("ana", "ben-okri", "chi")
SINCE, UNTIL = datetime(2026, 3, 1), datetime(2026, 4, 30)


def shifts_of(text, zone="UTC", since=SINCE, until=UNTIL):
    """`(start, end, person)` by the clock of a zone, of the calendar with such events."""
    whole = (
        text if text.startswith("BEGIN:VCALENDAR") else f"BEGIN:VCALENDAR\n{text}\nEND:VCALENDAR\n"
    )
    calendar = read_calendar(whole, "team.ics", PEOPLE, zone)
    info = ZoneInfo(zone)
    horizon = instant_ms(since, info), instant_ms(until, info)
    compiled = compile_schedule(
        Schedule(zone=zone, ical="team.ics"), *horizon, calendar.shifts(*horizon)
    )

    def local(at):
        return f"{datetime.fromtimestamp(at / 1000, info):%m-%d %H:%M}"

    return [(local(shift.start), local(shift.end), shift.person) for shift in compiled.shifts()]


def event(*lines, summary="ana"):
    return "\n".join(("BEGIN:VEVENT", "UID:a", f"SUMMARY:{summary}", *lines, "END:VEVENT"))


PAGERDUTY = """BEGIN:VCALENDAR\r
PRODID;X-RICAL-TZSOURCE=TZINFO:-//com.denhaven2/NONSGML ri_cal gem//EN\r
CALSCALE:GREGORIAN\r
VERSION:2.0\r
X-WR-CALNAME:On Call Schedule for Platform\r
BEGIN:VTIMEZONE\r
TZID;X-RICAL-TZSOURCE=TZINFO:America/New_York\r
BEGIN:DAYLIGHT\r
DTSTART:20260308T020000\r
RDATE:20260308T020000\r
TZOFFSETFROM:-0500\r
TZOFFSETTO:-0400\r
TZNAME:EDT\r
END:DAYLIGHT\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
DTSTART;TZID=America/New_York;VALUE=DATE-TIME:20260302T090000\r
DTEND;TZID=America/New_York;VALUE=DATE-TIME:20260309T090000\r
UID:Q1\r
URL:https://platform.example.org/schedules#PI7DH85\r
ATTENDEE:mailto:ben@example.org\r
SUMMARY:On Call - Ben Ok\r
 ri - Platform Primary\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART;TZID=America/New_York;VALUE=DATE-TIME:20260309T090000\r
DTEND;TZID=America/New_York;VALUE=DATE-TIME:20260316T090000\r
UID:Q2\r
SUMMARY:On Call - Ana - Platform Primary\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_pagerduty_names_the_person_between_words_of_its_own():
    assert shifts_of(PAGERDUTY, "America/New_York") == [
        ("03-02 09:00", "03-09 09:00", "ben-okri"),
        ("03-09 09:00", "03-16 09:00", "ana"),
    ]


def test_opsgenie_names_people_by_name_or_address():
    text = "\n".join((
        event("DTSTART:20260302T080000Z", "DTEND:20260302T200000Z", summary="Ben  Ókri"),
        event("DTSTART:20260302T200000Z", "DTEND:20260303T080000Z", summary="Chi@example.org"),
    ))  # fmt: skip
    assert shifts_of(text) == [
        ("03-02 08:00", "03-02 20:00", "ben-okri"),
        ("03-02 20:00", "03-03 08:00", "chi"),
    ]


def test_grafana_has_priorities():
    text = "\n".join((
        event("DTSTART:20260302T080000Z", "DTEND:20260302T200000Z", summary="[L2] ana"),
        event("DTSTART:20260302T100000Z", "DTEND:20260303T080000Z", summary="[L1] chi"),
    ))  # fmt: skip
    assert shifts_of(text) == [
        ("03-02 08:00", "03-02 20:00", "ana"),
        ("03-02 20:00", "03-03 08:00", "chi"),
    ]


def test_a_calendar_recurs_with_exceptions_and_whole_days():
    text = """BEGIN:VCALENDAR
X-WR-TIMEZONE:Europe/Berlin
BEGIN:VEVENT
UID:weekly
SUMMARY:ana
DTSTART;TZID=Europe/Berlin:20260302T090000
DTEND;TZID=Europe/Berlin:20260302T170000
RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20260413T065959Z;BYDAY=MO
EXDATE;TZID=Europe/Berlin:20260309T090000
EXDATE;VALUE=DATE:20260316
BEGIN:VALARM
TRIGGER:-PT10M
DURATION:PT1M
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:weekly
RECURRENCE-ID:20260323T080000Z
SUMMARY:chi
DTSTART;TZID=Europe/Berlin:20260323T120000
DTEND;TZID=Europe/Berlin:20260323T140000
END:VEVENT
BEGIN:VEVENT
UID:weekly
RECURRENCE-ID;TZID=Europe/Berlin:20260406T090000
STATUS:CANCELLED
SUMMARY:nobody
DTSTART;TZID=Europe/Berlin:20260406T090000
DTEND;TZID=Europe/Berlin:20260406T170000
END:VEVENT
BEGIN:VEVENT
UID:easter
SUMMARY:Ben Okri
DTSTART;VALUE=DATE:20260405
DTEND;VALUE=DATE:20260407
TRANSP:TRANSPARENT
END:VEVENT
END:VCALENDAR
"""
    # Clocks change on 03-29; the last Monday, 04-13, is a second too late.
    assert shifts_of(text, "Europe/Berlin") == [
        ("03-02 09:00", "03-02 17:00", "ana"),
        ("03-23 12:00", "03-23 14:00", "chi"),
        ("03-30 09:00", "03-30 17:00", "ana"),
        ("04-05 00:00", "04-07 00:00", "ben-okri"),
    ]


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Sydney"])
def test_recurring_weeks_are_those_of_a_rotation_on_both_sides_of_clock_changes(zone):
    text = "\n".join(
        event(
            f"DTSTART;TZID={zone}:2026010{day}T023000" if day < 10 else
            f"DTSTART;TZID={zone}:202601{day}T023000",
            "DURATION:P7D", "RRULE:FREQ=WEEKLY;INTERVAL=3", summary=person,
        ).replace("UID:a", f"UID:{person}")
        for day, person in ((5, "ana"), (12, "ben-okri"), (19, "chi"))
    )  # fmt: skip
    layer = {"people": PEOPLE, "hand_off": "Mon 02:30", "starts": "2026-01-05"}
    rotation = Schedule.model_validate({"zone": zone, "layers": [layer]})
    horizon = [instant_ms(datetime(2026, month, 1), ZoneInfo(zone)) for month in (2, 12)]
    calendar = read_calendar(
        f"BEGIN:VCALENDAR\n{text}\nEND:VCALENDAR", "team.ics", PEOPLE, zone
    ).shifts(*horizon)
    assert compile_schedule(Schedule(zone=zone, ical="x"), *horizon, calendar) == compile_schedule(
        rotation, *horizon
    )


@pytest.mark.parametrize(
    ("zone", "lines", "expected"),
    [
        # Floating: by the clock of the schedule; of a time in the gap with the offset before it.
        ("Europe/Berlin", ["DTSTART:20260329T023000", "DURATION:PT1H"], ("03:30", "04:30")),
        # A day by the clock, then hours.
        ("Europe/Berlin", ["DTSTART:20260328T120000", "DURATION:P1DT1H"], ("12:00", "13:00")),
        ("Europe/Berlin", ["DTSTART:20260328T120000Z", "DTEND:20260328T130000Z"],
         ("13:00", "14:00")),
        # Windows' names, and names with an address.
        ("UTC", ["DTSTART;TZID=W. Europe Standard Time:20260302T090000", "DURATION:PT1H"],
         ("08:00", "09:00")),
        ("UTC", ["DTSTART;TZID=/example.org/2026/Europe/Berlin:20260302T090000", "DURATION:PT1H"],
         ("08:00", "09:00")),
        ("UTC", ["DTSTART;VALUE=DATE:20260302"], ("00:00", "00:00")),
        ("UTC", ["DTSTART;TZID=Europe/Berlin:20260302T090000",
                 "DTEND;TZID=America/New_York:20260302T090000"], ("08:00", "14:00")),
    ],
)  # fmt: skip
def test_times_are_read_in_their_zone(zone, lines, expected):
    ((start, end, _),) = shifts_of(event(*lines), zone)
    assert (start[6:], end[6:]) == expected


def test_a_named_zone_may_stand_for_another():
    zone = "BEGIN:VTIMEZONE\nTZID:Office\nX-LIC-LOCATION:Europe/Berlin\nEND:VTIMEZONE\n"
    text = zone + event("DTSTART;TZID=Office:20260302T090000", "DURATION:PT1H")
    assert shifts_of(text) == [("03-02 08:00", "03-02 09:00", "ana")]


def test_single_dates_are_added_and_a_later_event_wins():
    text = "\n".join((
        event("DTSTART:20260302T090000Z", "DURATION:PT8H", "RDATE:20260303T090000Z,20260304T090000Z"),
        event("DTSTART:20260303T120000Z", "DURATION:PT1H", summary="chi"),
    ))  # fmt: skip
    assert shifts_of(text) == [
        ("03-02 09:00", "03-02 17:00", "ana"),
        ("03-03 09:00", "03-03 12:00", "ana"),
        ("03-03 12:00", "03-03 13:00", "chi"),
        ("03-03 13:00", "03-03 17:00", "ana"),
        ("03-04 09:00", "03-04 17:00", "ana"),
    ]


def test_a_calendar_stands_beside_the_file_that_names_it(tmp_path):
    (tmp_path / "team.ics").write_text(PAGERDUTY, newline="")
    file = tmp_path / "oncall.yaml"
    file.write_text("oncall: 1\nschedules:\n  primary: {ical: team.ics}\n")
    path = ("schedules", "primary", "ical")
    calendar = load_calendar(load(file), path, PEOPLE, "UTC")
    assert len(calendar.entries) == 2
    assert calendar.text == PAGERDUTY
    file.write_text("oncall: 1\nschedules:\n  primary: {ical: none.ics}\n")
    with pytest.raises(SourceError, match=r"oncall.yaml:3:19: schedules.primary.ical: .*none.ics"):
        load_calendar(load(file), path, PEOPLE, "UTC")
