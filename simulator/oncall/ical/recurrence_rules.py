"""When an event of a calendar recurs: dateutil's rules, with a bound on the work."""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from simulator.oncall.ical.values import CalendarTime
from simulator.scenario.schedule import instant_ms
from simulator.units import format_value

FREQUENCIES = ("HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
# All rules of a file in a horizon: some five seconds. Fifty weekly shifts of twenty years are a
# third of it.
STEPS_MAX = 1_000_000
STARTS_A_DAY_MAX = 96


class StepBudget:
    """How many days may be looked at, and occurrences be made, in all rules of a file.

    Examples
    --------
    >>> budget = StepBudget(1)
    >>> budget.spend()
    >>> budget.spend()
    Traceback (most recent call last):
    ValueError: recurs too often, or never: more than 1 days looked at
    """

    def __init__(self, steps: int | None = None) -> None:
        self.steps = self.left = STEPS_MAX if steps is None else steps

    def spend(self) -> None:
        """Take a step.

        Raises
        ------
        ValueError
            None is left.
        """
        self.left -= 1
        if self.left < 0:
            raise ValueError(f"recurs too often, or never: more than {self.steps:,} days looked at")


@dataclass(frozen=True)
class Recurrence:
    """A rule (RRULE), its end aside.

    Parameters
    ----------
    rule : str
        Without UNTIL: dateutil compares that by the clock, whatever its zone.
    until : CalendarTime or None
        The last time at which an occurrence can start; of a date the whole day.
    """

    rule: str
    until: CalendarTime | None = None

    def starts(self, start: CalendarTime, end: int, budget: StepBudget) -> Iterator[datetime]:
        """The starts by the clock of the event's zone, in order, up to an instant.

        Raises
        ------
        ValueError
            The budget is spent.
        """
        from dateutil.rrule import rrulestr

        rule = rrulestr(self.rule, dtstart=start.local)
        # A rule that never comes true is searched for to the year 9999, in up to half a minute:
        # dateutil looks at the months of the rule first for every day.
        vars(rule)["_bymonth"] = _CountingMonths(vars(rule)["_bymonth"] or (), budget.spend)
        for local in rule:
            budget.spend()
            if instant_ms(local, start.zone) >= end or self._is_over(local, start):
                return
            yield local

    def _is_over(self, local: datetime, start: CalendarTime) -> bool:
        if self.until is None:
            return False
        if self.until.is_date:
            return local.date() > self.until.local.date()
        return instant_ms(local, start.zone) > self.until.ms


class _CountingMonths(tuple[int, ...]):
    """The months of a rule, which count how often they are asked for."""

    spend: Callable[[], None]

    def __new__(cls, months: tuple[int, ...], spend: Callable[[], None]) -> "_CountingMonths":
        self = super().__new__(cls, months)
        self.spend = spend
        return self

    def __bool__(self) -> bool:
        self.spend()
        return len(self) > 0


def parse_recurrence(
    value: str, start: CalendarTime, parse_until: Callable[[str], CalendarTime]
) -> Recurrence:
    """A rule, checked.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> start = CalendarTime(datetime(2026, 1, 5, 9), ZoneInfo("UTC"))
    >>> rule = parse_recurrence("FREQ=WEEKLY;INTERVAL=2;COUNT=3", start, lambda text: start)
    >>> [local.day for local in rule.starts(start, 2**45, StepBudget())]
    [5, 19, 2]
    >>> parse_recurrence("FREQ=SECONDLY", start, lambda text: start)
    Traceback (most recent call last):
    ValueError: 'SECONDLY' is not one of the frequencies HOURLY, DAILY, WEEKLY, MONTHLY, YEARLY
    """
    from dateutil.rrule import rrulestr

    # More than this, such as a blank and a second rule, dateutil would read, too.
    if not re.fullmatch(r"[A-Z0-9=;,+-]*", value.upper()):
        raise ValueError(f"{format_value(value)} is not a rule (for example FREQ=WEEKLY;BYDAY=MO)")
    parts = dict(part.upper().partition("=")[::2] for part in value.split(";") if part)
    frequency = parts.get("FREQ", "")
    if frequency not in FREQUENCIES:
        expected = f"is not one of the frequencies {', '.join(FREQUENCIES)}"
        raise ValueError(f"{format_value(frequency)} {expected}")
    for key in ("INTERVAL", "COUNT"):
        number = parts.get(key, "1")
        # Longer numbers than the calendar has days say nothing more.
        if not (number.isascii() and number.isdigit() and int(number[:9]) > 0):
            raise ValueError(f"{key} {format_value(number)} is not a number above 0")
        if key in parts:
            parts[key] = number if len(number) < 7 else "999999"
    lists = [parts[key].split(",") for key in ("BYHOUR", "BYMINUTE", "BYSECOND") if key in parts]
    if math.prod(map(len, lists)) > STARTS_A_DAY_MAX:
        raise ValueError(f"has more than {STARTS_A_DAY_MAX} starts a day")
    until = parts.pop("UNTIL", None)
    rule = ";".join(f"{key}={text}" for key, text in parts.items())
    try:
        rrulestr(rule, dtstart=start.local)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError(f"{format_value(value)} is not a rule: {error}") from None
    return Recurrence(rule, None if until is None else parse_until(until))
