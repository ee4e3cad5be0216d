"""What the calendar says of a time in seconds, in UTC."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simulator.telemetry.store import Floats

Days = NDArray[np.datetime64]


def minute(seconds: Floats) -> Floats:
    """Minute of the hour.

    Examples
    --------
    >>> minute(np.array([1136239445.0])).tolist()
    [4.0]
    """
    return np.floor(np.trunc(seconds) % 3600 / 60)


def hour(seconds: Floats) -> Floats:
    """Hour of the day."""
    return np.floor(np.trunc(seconds) % 86400 / 3600)


def day_of_week(seconds: Floats) -> Floats:
    """0 for a Sunday."""
    return (np.floor(np.trunc(seconds) / 86400) + 4) % 7  # 1970-01-01 was a Thursday


def day_of_month(seconds: Floats) -> Floats:
    """1 to 31."""
    return _days(seconds, lambda day, month, year: day - month.astype("M8[D]")) + 1


def day_of_year(seconds: Floats) -> Floats:
    """1 to 366."""
    return _days(seconds, lambda day, month, year: day - year.astype("M8[D]")) + 1


def days_in_month(seconds: Floats) -> Floats:
    """28 to 31."""
    return _days(
        seconds, lambda day, month, year: (month + 1).astype("M8[D]") - month.astype("M8[D]")
    )


def month(seconds: Floats) -> Floats:
    """1 for January."""
    return _days(seconds, lambda day, month, year: month - year.astype("M8[M]")) + 1


def year(seconds: Floats) -> Floats:
    """The year."""
    return _days(seconds, lambda day, month, year: year - np.datetime64("1970", "Y")) + 1970


def _days(seconds: Floats, of: Callable[[Days, Days, Days], NDArray[np.timedelta64]]) -> Floats:
    days = np.floor(np.trunc(seconds) / 86400).astype(np.int64).astype("M8[D]")
    return of(days, days.astype("M8[M]"), days.astype("M8[Y]")).astype(np.int64).astype(float)


def _or(nothing: float, of: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
    """What Go makes of NaN and of what no int64 holds: it counts as -2^63 seconds."""

    def answer(seconds: Floats) -> Floats:
        known = np.abs(seconds) < 2**63
        return np.where(known, of(np.where(known, seconds, 0.0)), nothing)

    return answer


DATES: dict[str, Callable[[Floats], Floats]] = {
    "minute": _or(30, minute),
    "hour": _or(15, hour),
    "day_of_week": _or(0, day_of_week),
    "day_of_month": _or(4, day_of_month),
    "day_of_year": _or(339, day_of_year),
    "days_in_month": _or(31, days_in_month),
    "month": _or(12, month),
    "year": _or(292277026596, year),
}
