"""The moment from which an on-call file is checked that no scenario uses: no wall clock is read."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from simulator.oncall.ical.calendar_events import OnCallCalendar, load_calendar
from simulator.scenario import OnCall
from simulator.scenario.schedule import Layer
from simulator.source import Complaints, Document, Key

# Of a file without dates.
DEFAULT_DAY = date(2026, 1, 5)


def read_calendars(
    document: Document, at: tuple[Key, ...], oncall: OnCall
) -> dict[str, OnCallCalendar]:
    """The calendar files that the schedules of an on-call file name.

    Raises
    ------
    SourceError
        All that is wrong with them.
    """
    errors, calendars = Complaints(), dict[str, OnCallCalendar]()
    for name, schedule in oncall.schedules.items():
        if schedule.ical is not None:
            path = (*at, "schedules", name, "ical")
            with errors.collecting():
                calendars[name] = load_calendar(document, path, oncall.people, schedule.zone)
    errors.raise_if_any()
    return calendars


def default_moment(oncall: OnCall, calendars: Mapping[str, OnCallCalendar]) -> datetime:
    """The moment from which a file is checked that no scenario uses.

    It is the first Monday of the year of its last override or start of a layer; or, if that is
    later, the time at which the last schedule starts. A calendar starts with its first event.

    Examples
    --------
    >>> teams = {"ml": {"members": ["ana"]}}
    >>> oncall = OnCall.model_validate({"oncall": 1, "name": "ml", "teams": teams})
    >>> default_moment(oncall, {}).date()
    datetime.date(2026, 1, 5)
    """
    begins, moments = list[datetime](), list[datetime]()
    for schedule in oncall.schedules.values():
        starts = [_start(layer, layer.starts) for layer in schedule.layers if layer.starts]
        overrides = [_local(override.from_, schedule.zone) for override in schedule.overrides]
        moments += [*starts, *overrides]
        # Before the first layer a schedule has nobody; the others may start later.
        if starts and len(starts) == len(schedule.layers):
            begins.append(min(starts))
        # Another tool's shifts are imported as overrides only.
        if overrides and not schedule.layers and schedule.ical is None:
            begins.append(min(overrides))
    for calendar in calendars.values():
        events = [entry.start.local for entry in calendar.entries]
        moments += events
        begins += [min(events)] if events else []
    last = max((moment.year for moment in moments), default=DEFAULT_DAY.year)
    first = date(last, 1, 1)
    monday = datetime.combine(first + timedelta(-first.weekday() % 7), time())
    return max([monday, *begins])


def _local(moment: datetime, zone: str) -> datetime:
    """A moment by the clock of a zone, without its offset."""
    return (
        moment if moment.tzinfo is None else moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    )


def _start(layer: Layer, day: date) -> datetime:
    """The local time at which a layer starts."""
    minute = layer.hand_off.minute if layer.hand_off is not None else 0
    return datetime.combine(day, time()) + timedelta(minutes=minute)
