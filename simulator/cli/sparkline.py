"""Sparklines: a series in one line of text."""

from collections.abc import Sequence

import numpy as np

from simulator.telemetry.store import Floats

BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float] | Floats, width: int = 60) -> str:
    """A series as bars between its least and its greatest value; a gap where it has no value.

    A constant series has bars of half the height, unless it is zero.

    Parameters
    ----------
    values : sequence of float
        NaN where the series has no value; an infinite value has the lowest or the highest bar.
    width : int, characters
        A longer series is cut into this many parts; the bar of a part is its mean.

    Examples
    --------
    >>> sparkline([0, 1, float("nan"), 7, float("inf")])
    '▁▂ ██'
    >>> sparkline([3, 3, 3]), sparkline([0, 0]), sparkline([0, 0, 4, 4, 9, 9], width=3)
    ('▄▄▄', '▁▁', '▁▄█')
    """
    column = np.asarray(values, dtype=float)
    if len(column) > width:
        parts = np.array_split(column, width)
        column = np.array([_mean(part) for part in parts])
    finite = column[np.isfinite(column)]
    low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 0.0)
    return "".join(_bar(value, low, high) for value in column.tolist())


def _mean(part: Floats) -> float:
    present = part[~np.isnan(part)]
    return float(present.mean()) if len(present) else float("nan")


def _bar(value: float, low: float, high: float) -> str:
    if np.isnan(value):
        return " "
    if np.isinf(value):
        return BARS[-1] if value > 0 else BARS[0]
    if low == high:
        return BARS[3 if low else 0]
    # Halved: the difference of two huge values may be infinite.
    share = (value / 2 - low / 2) / (high / 2 - low / 2)
    return BARS[min(int(share * len(BARS)), len(BARS) - 1)]
