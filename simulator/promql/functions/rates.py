"""Rates and changes of counters and gauges, from the samples in a window."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from simulator.promql.window import Kernel, KernelResult, Window
from simulator.telemetry.store import Floats

NEAR = 1.1  # extrapolate to a range's edge within 1.1 sample intervals


def extrapolated(counter: bool, per_second: bool, version: int) -> Kernel:
    """The kernel of `rate`, `increase` and `delta`.

    The change between the first and the last sample is extrapolated to the range's edges, or by
    half a sample interval where an edge is far. A counter is not extrapolated below zero;
    Prometheus 3 applies that limit after the half interval, 2 before.
    """

    def kernel(window: Window, _: Sequence[float]) -> KernelResult:
        enough = window.count >= 2
        if not enough.any():
            return np.zeros(window.columns), enough
        change = window.last - window.first
        if counter:
            change = _with_resets(window, change)
        first, last, count = _first_last_count(window)
        to_start = (first - window.start) / 1000.0
        to_end = (window.end - last) / 1000.0
        sampled = (last - first) / 1000.0
        spacing = sampled / (count - 1)
        near = spacing * NEAR
        if version == 2:
            if counter:
                to_start = _limit_at_zero(window, change, sampled, to_start)
            to_start = _where(to_start < near, to_start, spacing / 2)
        else:
            to_start = _where(to_start >= near, spacing / 2, to_start)
            if counter:
                to_start = _limit_at_zero(window, change, sampled, to_start)
        to_end = _where(to_end < near, to_end, spacing / 2)
        factor = (sampled + to_start + to_end) / sampled
        if per_second:
            factor = factor / ((window.end - window.start) / 1000.0)
        return change * factor, enough

    return kernel


def _first_last_count(window: Window) -> tuple[Any, Any, Any]:
    """Times of the first and the last sample, ms, and the number of samples.

    Plain numbers where all columns share them: a dozen operations then cost a tenth.
    """
    if window.times.shape[1] != 1:
        return window.first_time, window.last_time, window.count
    return int(window.times[0, 0]), int(window.times[-1, 0]), window.depth


def _where(condition: Any, yes: Any, no: Any) -> Any:
    if isinstance(condition, bool):
        return yes if condition else no
    return np.where(condition, yes, no)


def _with_resets(window: Window, change: Floats) -> Floats:
    """The change plus the value before each reset, added one by one as in Prometheus."""
    before, after, present = window.consecutive()
    fell = after < before
    if present is not None:
        fell &= present
    if not fell.any():
        return change
    corrections: Floats = np.where(fell, before, 0.0)
    corrections[0] += change
    return np.asarray(np.cumsum(corrections, axis=0)[-1])


def _limit_at_zero(window: Window, change: Floats, sampled: Any, to_start: Any) -> Floats:
    falls_to_zero = (change > 0) & (window.first >= 0)
    to_zero = np.full(change.shape, np.inf)
    np.divide(window.first, change, out=to_zero, where=falls_to_zero)
    np.multiply(to_zero, sampled, out=to_zero, where=falls_to_zero)
    limited: Floats = np.minimum(to_zero, to_start)
    return limited


def instant(counter: bool) -> Kernel:
    """The kernel of `irate` (a counter, per second) and `idelta`: the last two samples."""

    def kernel(window: Window, _: Sequence[float]) -> KernelResult:
        enough = window.count >= 2
        if not enough.any():
            return np.zeros(window.columns), enough
        before = window.nth_last(2, window.values)
        change = window.last - before
        if not counter:
            return change, enough
        change = np.where(window.last < before, window.last, change)
        seconds = (window.last_time - window.nth_last(2, window.times)) / 1000.0
        return change / seconds, enough

    return kernel


def changes(window: Window, _: Sequence[float]) -> KernelResult:
    """The number of changes of value; NaN after NaN is not a change."""
    before, after, present = window.consecutive()
    changed = (before != after) & ~(np.isnan(before) & np.isnan(after))
    if present is not None:
        changed &= present
    return changed.sum(axis=0).astype(float), window.count > 0


def resets(window: Window, _: Sequence[float]) -> KernelResult:
    """The number of counter resets."""
    before, after, present = window.consecutive()
    fell = after < before
    if present is not None:
        fell &= present
    return fell.sum(axis=0).astype(float), window.count > 0


@cache
def kernels(version: int) -> dict[str, Kernel]:
    """This family's functions by name."""
    return {
        "rate": extrapolated(True, True, version),
        "increase": extrapolated(True, False, version),
        "delta": extrapolated(False, False, version),
        "irate": instant(True),
        "idelta": instant(False),
        "changes": changes,
        "resets": resets,
    }
