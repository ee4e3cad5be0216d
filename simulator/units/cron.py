"""Due times of cron lines.

Cron lines follow Debian's cron, daylight saving included: a job at half past two runs once on
the day without that hour (as soon as it is over) and once on the day with two of them, and a job
every half hour runs by local time.
"""

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
# The longest wait for a date: 29 February on a certain weekday.
_LONGEST = timedelta(days=366 * 41)


@dataclass(frozen=True)
class Cron:
    """A cron line in a time zone.

    Attributes
    ----------
    line : str
        Five fields, or a short form (`@daily`).
    start : datetime
        Time 0, in the zone of the line.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> start = datetime(2026, 3, 7, 12, tzinfo=ZoneInfo("America/New_York"))
    >>> nightly = Cron("30 2 * * *", start)
    >>> t, hours = 0, []
    >>> for _ in range(3):
    ...     t = nightly.after(t)
    ...     hours.append(t / 3_600_000)
    >>> hours  # the night of 8 March has no half past two: it runs at three
    [14.0, 37.5, 61.5]
    """

    line: str
    start: datetime

    def after(self, t: int) -> int:
        """The first due time later than `t`, ms; NEVER if there is none."""
        # The zone is in the key: datetimes of different zones compare equal.
        return _after(SHORT.get(self.line, self.line), self.start, self.start.tzinfo, t)


# Asked for every job at every scrape, 30 µs each.
@lru_cache(maxsize=256)
def _after(line: str, start: datetime, zone: tzinfo | None, t: int) -> int:
    now = (start.astimezone(UTC) + timedelta(milliseconds=t)).astimezone(zone)
    for due in CronSim(line, now):
        ms = _ms(due, start)
        # In an hour that occurs twice, the first half past one is in the past at the second.
        if ms > t:
            return ms
    return NEVER


def _ms(due: datetime, start: datetime) -> int:
    # Between two times of one zone Python subtracts local times: it must be UTC.
    span = due.astimezone(UTC) - start.astimezone(UTC)
    return span // timedelta(milliseconds=1)


def cron_error(line: str, zone: tzinfo = UTC) -> str:
    """The error in a cron line; empty if it is valid.

    Examples
    --------
    >>> cron_error("*/5 * * * *"), cron_error("@daily")
    ('', '')
    >>> cron_error("0 25 * * *")
    "bad hour; expected minute, hour, day, month and weekday (for example '30 2 * * MON-FRI')"
    >>> cron_error("0 0 31 2 *")
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
        # Its parser has no message for '5/L', for example.
        return f"it cannot be read; {EXPECTED}"
    first = next(lines, None)
    if first is None or first - start > _LONGEST:
        return "it never fires: no such day is in those months"
    return ""


def _days_exist(text: str) -> bool:
    """Whether the days exist in some month, though not in the months of the line."""
    minute, hour, day, _, weekday = text.split()
    try:
        CronSim(f"{minute} {hour} {day} * {weekday}", datetime(2000, 1, 1, tzinfo=UTC))
    except (CronSimError, AssertionError, ValueError):
        return False
    return True
