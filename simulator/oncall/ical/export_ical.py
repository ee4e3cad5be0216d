"""Shifts as a calendar file, for calendars and for the on-call tools that read one."""

from datetime import UTC, datetime, timedelta

from simulator.oncall.schedules.shifts import Shifts


def export_ical(shifts: Shifts, name: str, zone: str = "UTC") -> str:
    """A calendar with an event for every shift, in UTC; its summary is the person.

    Parameters
    ----------
    name : str
        The schedule's name.
    zone : str
        The zone in which calendars should show it.

    Examples
    --------
    >>> shifts = Shifts([1772960400000, 1773046800000], ["ana", None], 1773133200000)
    >>> print(export_ical(shifts, "primary", "Europe/Berlin"))
    BEGIN:VCALENDAR
    VERSION:2.0
    PRODID:-//ml-gameday//drill oncall export//EN
    X-WR-CALNAME:primary
    X-WR-TIMEZONE:Europe/Berlin
    BEGIN:VEVENT
    SUMMARY:ana
    DTSTART:20260308T090000Z
    DTEND:20260309T090000Z
    DTSTAMP:20260308T090000Z
    UID:1772960400000-ana@primary
    END:VEVENT
    END:VCALENDAR
    """
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//ml-gameday//drill oncall export//EN")
    calendar.add("X-WR-CALNAME", name)
    calendar.add("X-WR-TIMEZONE", zone)
    stamp = _utc(shifts.since)
    for shift in shifts.shifts():
        event = Event()
        event.add("SUMMARY", shift.person)
        event.add("DTSTART", _utc(shift.start))
        event.add("DTEND", _utc(shift.end))
        # Required; the same export of the same schedule is the same file.
        event.add("DTSTAMP", stamp)
        event.add("UID", f"{shift.start}-{shift.person}@{name}")
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content.decode()


def _utc(epoch_ms: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=epoch_ms // 1000)
