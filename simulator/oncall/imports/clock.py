"""Times of day, moments, weekdays and zones in the fields of resources."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from simulator.oncall.imports.fields import Fields
from simulator.units import did_you_mean, format_value

# A moment by the local clock of some zone, in place of one that is not valid.
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def zone_field(fields: Fields, key: str, default: str = "") -> str:
    """A time zone; an unknown one is an error, and so is none unless there is a default."""
    name = fields.optional_text(key) if default else fields.text(key)
    default = default or "UTC"
    if not name:
        return default
    if not is_zone(name):
        hint = did_you_mean(name, available_timezones())
        fields.complain(key, f"unknown time zone {format_value(name)}{hint}")
        return default
    return name


def is_zone(name: str) -> bool:
    """Whether a name is an IANA zone's."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def moment_field(fields: Fields, key: str, zone: str) -> datetime:
    """A moment by the local clock of a zone; one without an offset is in that zone."""
    if not fields.text(key):
        return EPOCH
    return optional_moment(fields, key, zone) or EPOCH


def optional_moment(fields: Fields, key: str, zone: str) -> datetime | None:
    """A moment by the local clock of a zone; None if it is not there."""
    text = fields.optional_text(key)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            moment = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    except (ValueError, OverflowError):
        fields.complain(key, f"{format_value(text)} is not a moment in ISO 8601")
        return None
    if not 1970 <= moment.year <= 2150:
        fields.complain(key, f"{format_value(text)} is not between the years 1970 and 2150")
        return None
    return moment.replace(microsecond=0)


def clock_field(fields: Fields, key: str) -> timedelta:
    """A time of day, HH:MM or HH:MM:SS, as time since midnight; 24:00 is the end of the day."""
    text = fields.text(key).removesuffix("Z")
    match = re.fullmatch(r"(\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?", text)
    hours, minutes, seconds = (int(group or 0) for group in match.groups()) if match else (99, 0, 0)
    time = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if time > timedelta(days=1):
        if text:
            fields.complain(key, f"{format_value(text)} is not a time of day")
        return timedelta()
    return time


def weekday_field(fields: Fields, key: str) -> int:
    """The number of a weekday by its English name; 0 is Monday."""
    text = fields.text(key).lower()
    if text in _DAYS:
        return _DAYS.index(text)
    if text:
        fields.complain(key, f"unknown weekday {format_value(text)}{did_you_mean(text, _DAYS)}")
    return 0


def span_text(start: timedelta, end: timedelta) -> str:
    """A span of a day as the format has it: `18:00-08:00`."""
    first, last = (int(time / timedelta(minutes=1)) for time in (start, end))
    return f"{first // 60:02}:{first % 60:02}-{last // 60:02}:{last % 60:02}"
