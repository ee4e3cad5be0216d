"""Recurrence rules of RFC 5545 with their exceptions, by the clock of a schedule's zone."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import lcm
from typing import NamedTuple
from zoneinfo import ZoneInfo

from simulator.oncall.ical.recurrence_rules import Recurrence, StepBudget, parse_recurrence
from simulator.oncall.ical.values import CalendarTime
from simulator.oncall.imports.fields import Fields
from simulator.oncall.imports.rotas import DAY, WEEK
from simulator.units import format_value

_PERIODS = {"HOURLY": timedelta(hours=1), "DAILY": DAY, "WEEKLY": WEEK}
# A rule has no occurrence in so many days: a leap day on a Monday is 10,227 days from the next.
_DAYS_TO_FIRST = 20_000
_FAR_MS = 2**43  # the year 2248


class RuleStarts:
    """The starts of a rule's occurrences by the local clock, as often as they are asked for."""

    def __init__(self, recurrence: Recurrence, start: CalendarTime) -> None:
        self._recurrence = recurrence
        self._start = start

    def __iter__(self) -> Iterator[datetime]:
        return self._recurrence.starts(self._start, _FAR_MS, StepBudget())

    def begins(self) -> bool:
        """Whether it has an occurrence at all, and soon enough."""
        budget = StepBudget(_DAYS_TO_FIRST)
        try:
            return next(self._recurrence.starts(self._start, _FAR_MS, budget), None) is not None
        except ValueError:
            return False


class RuleSet(NamedTuple):
    """A rule with its exceptions, by the local clock."""

    starts: RuleStarts
    until: datetime | None
    period: timedelta | None
    """The time after which the rule's own pattern comes again; None if it is not by weeks."""
    in_period: int
    """The occurrences in it."""
    dropped: frozenset[datetime] = frozenset()
    added: tuple[datetime, ...] = ()

    def cycle(self, turns: int) -> timedelta | None:
        """The time after which a rotation of so many occurrences comes again."""
        if self.period is None or self.dropped or self.added:
            return None
        return self.period * (lcm(turns, self.in_period) // self.in_period)


def read_rules(fields: Fields, key: str, start: datetime, zone: str) -> RuleSet | None:
    """The recurrence in a list of RRULE, EXDATE and RDATE; None after an error."""
    rules, dropped, added = [], set[datetime](), list[datetime]()
    for line in fields.texts(key):
        name, _, value = line.strip().partition(":")
        name, _, parameters = name.partition(";")
        if not value or name.upper() == "RRULE":
            rules.append(value or line.strip())
        elif name.upper() in ("EXDATE", "RDATE"):
            moments = _moments(value, parameters, start, zone)
            if moments is None:
                fields.complain(key, f"{format_value(line)} has no dates")
            elif name.upper() == "EXDATE":
                dropped.update(moments)
            else:
                added += moments
        else:
            fields.complain(key, f"{format_value(line)} is not an RRULE, EXDATE or RDATE")
    if len(rules) != 1:
        fields.complain(key, f"expected one RRULE, given {len(rules)}")
        return None
    rule = make_rule(fields, key, rules[0], start, zone)
    return rule and rule._replace(dropped=frozenset(dropped), added=tuple(added))


def make_rule(fields: Fields, key: str, text: str, start: datetime, zone: str) -> RuleSet | None:
    """The recurrence of a single rule; None after an error."""
    parts = dict(part.upper().partition("=")[::2] for part in text.split(";") if part)
    until = None
    if limit := parts.pop("UNTIL", ""):
        until = next(iter(_moments(limit, "", start, zone) or ()), None)
        if until is None:
            fields.complain(key, f"{format_value(text)}: UNTIL is not a moment")
            return None
    begin = CalendarTime(start, ZoneInfo(zone))
    rest = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        starts = RuleStarts(parse_recurrence(rest, begin, lambda _: begin), begin)
    except ValueError as error:
        fields.complain(key, str(error))
        return None
    if not starts.begins():
        fields.complain(key, f"{format_value(text)} never comes true")
        return None
    return RuleSet(starts, until, *_pattern(parts))


def _pattern(parts: dict[str, str]) -> tuple[timedelta | None, int]:
    """The period of a rule, and the occurrences in it."""
    frequency = parts["FREQ"]
    if frequency not in _PERIODS or parts.keys() - {"FREQ", "INTERVAL", "WKST", "BYDAY"}:
        return None, 1
    interval = int(parts.get("INTERVAL", 1))
    if interval > 1000:
        return None, 1
    period = _PERIODS[frequency] * interval
    days = len(set(parts["BYDAY"].split(","))) if "BYDAY" in parts else 0
    if frequency == "WEEKLY":
        return period, max(days, 1)
    if not days:
        return period, 1
    # By days of the week, an interval above 1 leaves out other days every week.
    return (WEEK, WEEK // period * days // 7) if interval == 1 else (None, 1)


def _moments(value: str, parameters: str, start: datetime, zone: str) -> list[datetime] | None:
    """The moments of a list by the local clock; a day is the occurrence on it."""
    moments = []
    match = re.search(r"TZID=([^;:]+)", parameters)
    for text in value.split(","):
        parts = re.fullmatch(r"(\d{8})(?:T(\d{6})(Z?))?", text.strip())
        try:
            if not parts:
                return None
            moment = datetime.fromisoformat(f"{parts[1]}T{parts[2] or f'{start:%H%M%S}'}")
            source = UTC if parts[3] else ZoneInfo(match[1]) if match and parts[2] else None
            if source is not None:
                aware = moment.replace(tzinfo=source).astimezone(ZoneInfo(zone))
                moment = aware.replace(tzinfo=None)
        except (ValueError, OSError, KeyError, OverflowError):
            return None
        moments.append(moment)
    return moments
