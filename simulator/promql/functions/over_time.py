"""What a series was over a range of time: its sum, mean, extremes, quantiles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.promql import sums
from simulator.promql.window import Kernel, Window
from simulator.telemetry.store import Bools, Floats

Answer = tuple[Floats, Bools]


def count(window: Window, _: Sequence[float]) -> Answer:
    """How many samples."""
    return window.count.astype(float), window.count > 0


def present(window: Window, _: Sequence[float]) -> Answer:
    """One wherever there is a sample."""
    return np.ones(window.columns), window.count > 0


def last(window: Window, _: Sequence[float]) -> Answer:
    """The latest sample, however old."""
    return window.last, window.count > 0


def first(window: Window, _: Sequence[float]) -> Answer:
    """The earliest sample."""
    return window.first, window.count > 0


def add(window: Window, _: Sequence[float]) -> Answer:
    """The sum."""
    return sums.total(window.filled(0.0)), window.count > 0


def average(window: Window, _: Sequence[float]) -> Answer:
    """The mean."""
    enough = window.count > 0
    return sums.mean(window.filled(0.0), np.maximum(window.count, 1).astype(float)), enough


def average_2(window: Window, _: Sequence[float]) -> Answer:
    """The mean as Prometheus 2.42 keeps it: moved by each sample, the rounding beside it."""
    if window.live is None and bool((window.values == window.values[0]).all()):
        return window.first + 0.0, window.count > 0  # it does not move, and -0 comes out as 0
    mean, lost = np.zeros(window.columns), np.zeros(window.columns)
    plain = window.live is None and bool(np.isfinite(window.values).all())
    for number, value in enumerate(window.values, start=1):
        step = value / number - mean / number
        moved = mean + step
        # What the addition rounded off, whichever of the two is larger (Knuth's TwoSum).
        part = moved - mean
        rounding = (mean - (moved - part)) + (step - part)
        if plain:
            mean, lost = moved, lost + rounding
            continue
        # An infinite mean stays, but for NaN and the other infinity.
        stays = np.isinf(mean) & (np.isfinite(value) | (mean == value))
        if window.live is not None:
            stays |= ~window.live[number - 1]
        mean, lost = np.where(stays, mean, moved), np.where(stays, lost, lost + rounding)
    return np.where(np.isinf(mean), mean, mean + lost), window.count > 0


def minimum(window: Window, _: Sequence[float]) -> Answer:
    """The least; NaN only where there is nothing else."""
    return np.fmin.reduce(window.filled(np.nan), axis=0), window.count > 0


def maximum(window: Window, _: Sequence[float]) -> Answer:
    """The greatest; NaN only where there is nothing else."""
    return np.fmax.reduce(window.filled(np.nan), axis=0), window.count > 0


def stdvar(window: Window, _: Sequence[float]) -> Answer:
    """The population variance."""
    enough = window.count > 0
    spread = sums.variance(window.values, window.live, np.maximum(window.count, 1).astype(float))
    return spread, enough


def stddev(window: Window, _: Sequence[float]) -> Answer:
    """The population standard deviation."""
    spread, enough = stdvar(window, _)
    return np.sqrt(spread), enough


def quantile(window: Window, arguments: Sequence[float]) -> Answer:
    """A quantile of the samples."""
    return sums.quantile(arguments[0], window.values, window.live), window.count > 0


def mad(window: Window, _: Sequence[float]) -> Answer:
    """The median distance from the median."""
    middle = sums.quantile(0.5, window.values, window.live)
    return sums.quantile(0.5, np.abs(window.values - middle), window.live), window.count > 0


KERNELS: dict[str, Kernel] = {
    "count_over_time": count,
    "present_over_time": present,
    "last_over_time": last,
    "sum_over_time": add,
    "avg_over_time": average,
    "min_over_time": minimum,
    "max_over_time": maximum,
    "stdvar_over_time": stdvar,
    "stddev_over_time": stddev,
    "quantile_over_time": quantile,
}
"""What is stable. `first_over_time` and `mad_over_time` are experiments of Prometheus 3."""
KERNELS_2: dict[str, Kernel] = {**KERNELS, "avg_over_time": average_2}
