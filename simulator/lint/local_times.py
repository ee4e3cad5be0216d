"""Times in warnings, by the local clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from simulator.lint.time_spans import Span


def local_time(epoch_ms: int, zone: str) -> datetime:
    """An instant by the clock of a zone."""
    return datetime.fromtimestamp(epoch_ms / 1000, UTC).astimezone(ZoneInfo(zone))


def format_moment(epoch_ms: int, zone: str) -> str:
    """A weekday, day and time.

    Examples
    --------
    >>> format_moment(1773525600000, "America/New_York")
    'Sat 2026-03-14 18:00'
    """
    return f"{local_time(epoch_ms, zone):%a %Y-%m-%d %H:%M}"


def format_span(span: Span, whole: Span, zone: str) -> str:
    """A span in a zone; a start or an end that lies outside of the whole is not named.

    Examples
    --------
    >>> year = (1773000000000, 1804000000000)
    >>> format_span((1773525600000, 1773666000000), year, "America/New_York")
    'from Sat 2026-03-14 18:00 to Mon 09:00 America/New_York'
    >>> format_span((1773525600000, year[1]), year, "UTC")
    'from Sat 2026-03-14 22:00 UTC on'
    """
    start, end = span
    begins, ends = start > whole[0], end < whole[1]
    if not begins and not ends:
        return f"within a year of {format_moment(whole[0], zone)} {zone}"
    if not begins:
        return f"before {format_moment(end, zone)} {zone}"
    first = format_moment(start, zone)
    if not ends:
        return f"from {first} {zone} on"
    a, b = local_time(start, zone), local_time(end, zone)
    days = b.date() - a.date()
    # A weekday alone is the next one of its name.
    last = f"{b:%H:%M}" if not days else f"{b:%a %H:%M}"
    if days > timedelta(6):
        last = format_moment(end, zone)
    return f"from {first} to {last} {zone}"


def format_spans(spans: list[Span], whole: Span, zone: str) -> str:
    """The first of some spans, and how many more there are within a year."""
    more = len(spans) - 1
    times = "once" if more == 1 else f"{more} times"
    rest = f", and {times} more within a year" if more else ""
    return format_span(spans[0], whole, zone) + rest
