"""Aggregations of a series over a time range: sum, mean, extremes, quantiles."""

from collections.abc import Sequence

import numpy as np

from simulator.promql import sums
from simulator.promql.window import Kernel, KernelResult, Window


def count(window: Window, _: Sequence[float]) -> KernelResult:
    """The number of samples."""
    return window.count.astype(float), window.count > 0


def present(window: Window, _: Sequence[float]) -> KernelResult:
    """1 where there is a sample."""
    return np.ones(window.columns), window.count > 0


def last(window: Window, _: Sequence[float]) -> KernelResult:
    """The latest sample, however old."""
    return window.last, window.count > 0


def add(window: Window, _: Sequence[float]) -> KernelResult:
    """The sum."""
    return sums.total(window.filled(0.0)), window.count > 0


def average(window: Window, _: Sequence[float]) -> KernelResult:
    """The mean."""
    enough = window.count > 0
    return sums.mean(window.filled(0.0), np.maximum(window.count, 1).astype(float)), enough


def average_2(window: Window, _: Sequence[float]) -> KernelResult:
    """The mean as Prometheus 2.42 computes it: incrementally, with compensated rounding."""
    if window.present is None and bool((window.values == window.values[0]).all()):
        return window.first + 0.0, window.count > 0  # a constant mean; -0 becomes 0
    mean, lost = np.zeros(window.columns), np.zeros(window.columns)
    plain = window.present is None and bool(np.isfinite(window.values).all())
    for number, value in enumerate(window.values, start=1):
        step = value / number - mean / number
        next_mean = mean + step
        # The addition's rounding error, whichever operand is larger (Knuth's TwoSum).
        part = next_mean - mean
        rounding = (mean - (next_mean - part)) + (step - part)
        if plain:
            mean, lost = next_mean, lost + rounding
            continue
        # An infinite mean stays, except at NaN and the opposite infinity.
        stays = np.isinf(mean) & (np.isfinite(value) | (mean == value))
        if window.present is not None:
            stays |= ~window.present[number - 1]
        mean, lost = np.where(stays, mean, next_mean), np.where(stays, lost, lost + rounding)
    return np.where(np.isinf(mean), mean, mean + lost), window.count > 0


def minimum(window: Window, _: Sequence[float]) -> KernelResult:
    """The minimum; NaN only if every sample is NaN."""
    return np.fmin.reduce(window.filled(np.nan), axis=0), window.count > 0


def maximum(window: Window, _: Sequence[float]) -> KernelResult:
    """The maximum; NaN only if every sample is NaN."""
    return np.fmax.reduce(window.filled(np.nan), axis=0), window.count > 0


def stdvar(window: Window, _: Sequence[float]) -> KernelResult:
    """The population variance."""
    enough = window.count > 0
    spread = sums.variance(window.values, window.present, np.maximum(window.count, 1).astype(float))
    return spread, enough


def stddev(window: Window, _: Sequence[float]) -> KernelResult:
    """The population standard deviation."""
    spread, enough = stdvar(window, _)
    return np.sqrt(spread), enough


def quantile(window: Window, arguments: Sequence[float]) -> KernelResult:
    """A quantile of the samples."""
    return sums.quantile(arguments[0], window.values, window.present), window.count > 0


# The stable functions; `first_over_time` and `mad_over_time` are experimental in Prometheus 3.
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
KERNELS_2: dict[str, Kernel] = {**KERNELS, "avg_over_time": average_2}
