"""Dates, times and zones of a calendar file."""

import warnings
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from simulator.oncall.ical.lines import CalendarComponent, error
from simulator.scenario.schedule import instant_ms
from simulator.units import did_you_mean, format_value

FIRST_YEAR, LAST_YEAR = 1970, 2200


class CalendarTime(NamedTuple):
    """A date or a time of a calendar, by the clock of a zone."""

    local: datetime
    zone: ZoneInfo
    is_date: bool = False

    @property
    def ms(self) -> int:
        """The instant, ms since 1970."""
        return instant_ms(self.local, self.zone)

    def by_clock_of(self, zone: ZoneInfo) -> datetime:
        """The same instant as a local time of a zone."""
        if zone == self.zone:
            return self.local
        return datetime.fromtimestamp(self.ms / 1000, UTC).astimezone(zone).replace(tzinfo=None)


class CalendarZones:
    """The zones that the times of a file are in.

    Parameters
    ----------
    name : str
        The file's name, for complaints.
    components : list of CalendarComponent
        Those of the file: X-WR-TIMEZONE of the calendar is the zone of its floating times and of
        its days; a VTIMEZONE may name the zone that it stands for in X-LIC-LOCATION.
    zone : str
        The zone of floating times and of days of a calendar that has none.

    Raises
    ------
    SourceError
        The calendar's zone is unknown.
    """

    def __init__(self, name: str, components: list[CalendarComponent], zone: str) -> None:
        self.default, self.aliases = ZoneInfo(zone), dict[str, str]()
        for component in components:
            tzid, location = component.first("TZID"), component.first("X-LIC-LOCATION")
            if component.kind == "VTIMEZONE" and tzid is not None and location is not None:
                self.aliases[tzid.value] = location.value
        for component in components:
            line = component.first("X-WR-TIMEZONE")
            if component.kind == "VCALENDAR" and line is not None and line.value:
                try:
                    self.default = self.find(line.value)
                except ValueError as problem:
                    raise error(name, line.number, str(problem), line.name) from None

    def find(self, name: str) -> ZoneInfo:
        """The zone of a TZID: a name of IANA or Windows, or one that ends with such a name."""
        zone = _lookup(name) or _lookup(self.aliases.get(name, ""))
        if zone is None:
            hint = did_you_mean(name, available_timezones())
            hint = hint or "; expected an IANA name (for example 'Europe/Berlin')"
            raise ValueError(f"unknown time zone {format_value(name)}{hint}")
        return zone

    def times(self, parameters: Mapping[str, str], value: str) -> list[CalendarTime]:
        """The dates or times of a property, its value a list with commas.

        Raises
        ------
        ValueError
            With the first that is wrong.
        """
        tzid = parameters.get("TZID")
        zone = self.default if tzid is None else self.find(tzid)
        return [_parse_time(text, zone) for text in value.split(",")]


def parse_length(value: str) -> timedelta:
    """A DURATION.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> parse_length("P1DT2H")
    datetime.timedelta(days=1, seconds=7200)
    """
    length = _parse(value)
    if not isinstance(length, timedelta):
        raise ValueError(f"{format_value(value)} is not a duration (for example PT12H or P7D)")
    return length


def _parse_time(text: str, zone: ZoneInfo) -> CalendarTime:
    parsed = _parse(text)
    if not isinstance(parsed, date):
        example = "for example 20260309T180000Z or 20260309"
        raise ValueError(f"{format_value(text)} is not a date or time ({example})")
    if not FIRST_YEAR <= parsed.year <= LAST_YEAR:
        raise ValueError(
            f"{format_value(text)} is not between the years {FIRST_YEAR} and {LAST_YEAR}"
        )
    if not isinstance(parsed, datetime):
        return CalendarTime(datetime.combine(parsed, time()), zone, is_date=True)
    if parsed.tzinfo is not None:
        return CalendarTime(parsed.replace(tzinfo=None), ZoneInfo("UTC"))
    return CalendarTime(parsed, zone)


def _parse(text: str) -> object:
    """A value in the library's types: a date, a time, a length and so on; None if it is none."""
    from icalendar.prop import vDDDTypes

    parse: Callable[[str], object] = vDDDTypes.from_ical
    try:
        return parse(text.strip())
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=256)
def _lookup(name: str) -> ZoneInfo | None:
    from icalendar.timezone import tzp

    if not name or len(name) > 200:
        return None
    with warnings.catch_warnings():
        # It guesses from the end of /example.org/Europe/Berlin, and says so.
        warnings.simplefilter("ignore")
        try:
            zone = tzp.timezone(name)
        except (OSError, ValueError):
            return None
    return zone if isinstance(zone, ZoneInfo) else None
