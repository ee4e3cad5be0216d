"""Calendar fields of a time in seconds, in UTC."""

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


def _days(
    seconds: Floats, difference: Callable[[Days, Days, Days], NDArray[np.timedelta64]]
) -> Floats:
    days = np.floor(np.trunc(seconds) / 86400).astype(np.int64).astype("M8[D]")
    months, years = days.astype("M8[M]"), days.astype("M8[Y]")
    return difference(days, months, years).astype(np.int64).astype(float)


def _with_default(
    default: float, function: Callable[[Floats], Floats]
) -> Callable[[Floats], Floats]:
    """The function with Go's result for NaN and int64 overflow, which convert to -2^63 s."""

    def evaluate(seconds: Floats) -> Floats:
        valid = np.abs(seconds) < 2**63
        return np.where(valid, function(np.where(valid, seconds, 0.0)), default)

    return evaluate


DATES: dict[str, Callable[[Floats], Floats]] = {
    "minute": _with_default(30, minute),
    "hour": _with_default(15, hour),
    "day_of_week": _with_default(0, day_of_week),
    "day_of_month": _with_default(4, day_of_month),
    "day_of_year": _with_default(339, day_of_year),
    "days_in_month": _with_default(31, days_in_month),
    "month": _with_default(12, month),
    "year": _with_default(292277026596, year),
}
