"""When a job is due: every so often, at a time of day, or as a cron line says.

Cron lines are read as Debian's cron reads them, daylight saving included: a job of half past
two runs once on the day on which that hour is left out (as soon as it is over) and once on
the day on which it comes twice, and a job of every half hour runs by the clock on the wall.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from cronsim import CronSim, CronSimError

NEVER = 2**62
EXPECTED = "expected minute, hour, day, month and weekday (for example '30 2 * * MON-FRI')"
# Airflow's and cron's own short forms.
SHORT = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
# No day of the calendar is longer in coming: 29 February on a given weekday.
_LONGEST = timedelta(days=366 * 41)


@dataclass(frozen=True)
class Cron:
    """A cron line in a time zone.

    Attributes
    ----------
    line : str
        Five fields, or a short form (`@daily`).
    start : datetime
        Time 0, with the zone in which the line is meant.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> start = datetime(2026, 3, 7, 12, tzinfo=ZoneInfo("America/New_York"))
    >>> nightly = Cron("30 2 * * *", start)
    >>> t, hours = 0, []
    >>> for _ in range(3):
    ...     t = nightly.after(t)
    ...     hours.append(t / 3_600_000)
    >>> hours  # the night of 8 March has no half past two: at three, and then as ever
    [14.0, 37.5, 61.5]
    """

    line: str
    start: datetime

    def after(self, t: int) -> int:
        """The first due time later than `t`, ms; NEVER if there is none."""
        # Two moments are equal whatever their zones, and so are keys that hold them.
        return _after(SHORT.get(self.line, self.line), self.start, self.start.tzinfo, t)


# Who asks when a job is due next asks at every scrape: 30 µs each.
@lru_cache(maxsize=256)
def _after(line: str, start: datetime, zone: tzinfo | None, t: int) -> int:
    now = (start.astimezone(UTC) + timedelta(milliseconds=t)).astimezone(zone)
    for due in CronSim(line, now):
        ms = _ms(due, start)
        # In an hour that comes twice, the first half past one is over at the second one.
        if ms > t:
            return ms
    return NEVER


def _ms(due: datetime, start: datetime) -> int:
    # Between two times of one zone Python subtracts what clocks show: it must be UTC.
    span = due.astimezone(UTC) - start.astimezone(UTC)
    return span // timedelta(milliseconds=1)


def wrong(line: str, zone: tzinfo = UTC) -> str:
    """What is wrong with a cron line; empty if nothing is.

    Examples
    --------
    >>> wrong("*/5 * * * *"), wrong("@daily")
    ('', '')
    >>> wrong("0 25 * * *")
    "bad hour; expected minute, hour, day, month and weekday (for example '30 2 * * MON-FRI')"
    >>> wrong("0 0 31 2 *")
    'it never fires: no such day is in those months'
    """
    text = SHORT.get(line, line)
    if len(text.split()) != 5:
        return f"{len(text.split())} fields; {EXPECTED}"
    start = datetime(2000, 1, 1, tzinfo=zone)
    try:
        lines = CronSim(text, start)
    except CronSimError as error:
        if str(error) == "Bad day-of-month" and _days_exist(text):
            return "it never fires: no such day is in those months"
        return f"{str(error).lower()}; {EXPECTED}"
    except (AssertionError, ValueError):
        # What its parser has no words for: '5/L', for example.
        return f"it cannot be read; {EXPECTED}"
    first = next(lines, None)
    if first is None or first - start > _LONGEST:
        return "it never fires: no such day is in those months"
    return ""


def _days_exist(text: str) -> bool:
    """Whether each day alone is one of some month: only together with the months none is."""
    minute, hour, day, _, weekday = text.split()
    try:
        CronSim(f"{minute} {hour} {day} * {weekday}", datetime(2000, 1, 1, tzinfo=UTC))
    except (CronSimError, AssertionError, ValueError):
        return False
    return True
