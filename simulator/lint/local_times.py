"""Times in warnings, by the local clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from simulator.lint.oncall_year import OnCallYear
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


def format_span(span: Span, zone: str) -> str:
    """A span in a zone.

    Examples
    --------
    >>> format_span((1773525600000, 1773666000000), "America/New_York")
    'from Sat 2026-03-14 18:00 to Mon 09:00 America/New_York'
    """
    start, end = (local_time(edge, zone) for edge in span)
    days = end.date() - start.date()
    # A weekday alone is the next one of its name.
    last = f"{end:%H:%M}" if not days else f"{end:%a %H:%M}"
    if days > timedelta(6):
        last = format_moment(span[1], zone)
    return f"from {format_moment(span[0], zone)} to {last} {zone}"


def format_next(spans: list[Span], year: OnCallYear, zone: str) -> str:
    """The first of some spans in a year, and how many more there are.

    An edge that lies far outside of the year is not named.
    """
    since, until = year.margins(zone)
    start, end = spans[0]
    if start > since and end < until:
        text = format_span(spans[0], zone)
    elif start > since:
        text = f"from {format_moment(start, zone)} {zone} on"
    elif end < until:
        text = f"before {format_moment(end, zone)} {zone}"
    else:
        text = f"within a year of {format_moment(year.span(zone)[0], zone)} {zone}"
    more = len(spans) - 1
    times = "once" if more == 1 else f"{more} times"
    return f"{text}, and {times} more within a year" if more else text
