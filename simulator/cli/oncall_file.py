"""The schedules of an on-call file, and moments in their zones, for `drill oncall`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import click

from simulator.oncall.ical.calendar_events import load_calendar
from simulator.oncall.schedules.compile import compile_schedule
from simulator.oncall.schedules.shifts import Shift, Shifts
from simulator.scenario import OnCall
from simulator.scenario.schedule import Schedule, instant_ms
from simulator.source import Document, Key, kind_of, load, locate_file, shipped_files, validate
from simulator.units import did_you_mean


class OnCallFile(NamedTuple):
    """An on-call file as read, or the one of a scenario.

    Attributes
    ----------
    at : path
        Where it is in the document.
    starts : datetime or None
        The start of the scenario.
    """

    document: Document
    oncall: OnCall
    at: tuple[Key, ...] = ()
    starts: datetime | None = None

    def schedules(self, name: str | None) -> Mapping[str, Schedule]:
        """The schedule of a name, or all.

        Raises
        ------
        click.BadParameter
            There is none.
        """
        schedules = self.oncall.schedules
        if not schedules:
            raise click.BadParameter("has no schedules", param_hint="FILE")
        if name is None:
            return schedules
        if name not in schedules:
            text = f"unknown schedule {name!r}{did_you_mean(name, schedules)}"
            raise click.BadParameter(text, param_hint="SCHEDULE")
        return {name: schedules[name]}

    def compile(self, name: str, since: int, until: int) -> Shifts:
        """The shifts of a schedule over a horizon, ms since 1970.

        Raises
        ------
        SourceError
            Its calendar file is not readable.
        """
        schedule, calendar = self.oncall.schedules[name], list[Shift]()
        if schedule.ical is not None:
            path = (*self.at, "schedules", name, "ical")
            loaded = load_calendar(self.document, path, self.oncall.people, schedule.zone)
            calendar = loaded.shifts(since, until)
        return compile_schedule(schedule, since, until, calendar)


def open_oncall(name: str) -> OnCallFile:
    """Read an on-call file, or a scenario with the one that it names.

    Raises
    ------
    SourceError
    """
    stem = Path(name).stem
    is_drill = stem in shipped_files("drill") and stem not in shipped_files("oncall")
    file = locate_file(name, "drill" if is_drill else "oncall")
    if kind_of(file) == "drill":
        from simulator.setting import parse

        document, scenario = parse(file)
        oncall = validate(document, OnCall, at=("oncall",))
        return OnCallFile(document, oncall, ("oncall",), scenario.starts_at)
    document = load(file)
    return OnCallFile(document, validate(document, OnCall))


def parse_moment(option: str, text: str) -> datetime:
    """A moment on the command line: local without an offset, midnight without a time.

    Raises
    ------
    click.BadParameter

    Examples
    --------
    >>> parse_moment("--at", "2026-11-01").isoformat()
    '2026-11-01T00:00:00'
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        example = "write for example 2026-11-01T01:30 or 2026-11-01"
        raise click.BadParameter(
            f"{text!r} is not a moment; {example}", param_hint=option
        ) from None
    if not 1970 <= moment.year <= 2200:
        problem = f"{text!r} is not between the years 1970 and 2200"
        raise click.BadParameter(problem, param_hint=option)
    return moment


def now() -> datetime:
    """The real time: these commands simulate nothing."""
    return datetime.now(UTC)  # noqa: TID251


def to_instant(moment: datetime, zone: str) -> int:
    """A moment in ms since 1970, in a zone unless it has an offset."""
    return instant_ms(moment, ZoneInfo(zone))


def format_local(epoch_ms: int, zone: str) -> str:
    """An instant by the clock of a zone.

    Examples
    --------
    >>> format_local(1793511000000, "America/New_York")
    'Sun 2026-11-01 01:30 -04:00'
    >>> format_local(1793511012_345, "UTC")
    'Sun 2026-11-01 05:30 +00:00'
    """
    moment = datetime.fromtimestamp(epoch_ms / 1000, UTC).astimezone(ZoneInfo(zone))
    return f"{moment:%a %Y-%m-%d %H:%M} {moment.isoformat(timespec='minutes')[16:]}"
