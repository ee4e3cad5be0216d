"""How fast counters and gauges change, from the samples in a window."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from simulator.promql.window import Kernel, Window
from simulator.telemetry.store import Bools, Floats

NEAR = 1.1  # a range's edge within 1.1 sample intervals is taken as reached


def extrapolated(counter: bool, per_second: bool, dialect: int) -> Kernel:
    """The kernel of `rate`, `increase` and `delta`.

    The change between the first and the last sample is stretched to the range's edges, up to
    half a sample interval where an edge is far. A counter is not stretched below zero;
    Prometheus 3 looks at that after the half interval, 2 before.
    """

    def kernel(window: Window, _: Sequence[float]) -> tuple[Floats, Bools]:
        enough = window.count >= 2
        if not enough.any():
            return np.zeros(window.columns), enough
        change = window.last - window.first
        if counter:
            change = _with_resets(window, change)
        first, last, count = _taken(window)
        to_start = (first - window.start) / 1000.0
        to_end = (window.end - last) / 1000.0
        sampled = (last - first) / 1000.0
        spacing = sampled / (count - 1)
        near = spacing * NEAR
        if dialect == 2:
            if counter:
                to_start = _down_to_zero(window, change, sampled, to_start)
            to_start = _chosen(to_start < near, to_start, spacing / 2)
        else:
            to_start = _chosen(to_start >= near, spacing / 2, to_start)
            if counter:
                to_start = _down_to_zero(window, change, sampled, to_start)
        to_end = _chosen(to_end < near, to_end, spacing / 2)
        factor = (sampled + to_start + to_end) / sampled
        if per_second:
            factor = factor / ((window.end - window.start) / 1000.0)
        return change * factor, enough

    return kernel


def _taken(window: Window) -> tuple[Any, Any, Any]:
    """When the first and the last sample were taken, ms, and how many there are.

    Plain numbers where all columns share them: a dozen operations cost a tenth then.
    """
    if window.times.shape[1] != 1:
        return window.first_time, window.last_time, window.count
    return int(window.times[0, 0]), int(window.times[-1, 0]), window.deepest


def _chosen(condition: Any, yes: Any, no: Any) -> Any:
    if isinstance(condition, bool):
        return yes if condition else no
    return np.where(condition, yes, no)


def _with_resets(window: Window, change: Floats) -> Floats:
    """The change with what each reset hid, added one after the other as Prometheus does."""
    before, after, live = window.pairs()
    fell = after < before
    if live is not None:
        fell &= live
    if not fell.any():
        return change
    hidden: Floats = np.where(fell, before, 0.0)
    hidden[0] += change
    return np.asarray(np.cumsum(hidden, axis=0)[-1])


def _down_to_zero(window: Window, change: Floats, sampled: Any, to_start: Any) -> Floats:
    possible = (change > 0) & (window.first >= 0)
    to_zero = np.full(change.shape, np.inf)
    np.divide(window.first, change, out=to_zero, where=possible)
    np.multiply(to_zero, sampled, out=to_zero, where=possible)
    nearer: Floats = np.minimum(to_zero, to_start)
    return nearer


def instant(counter: bool) -> Kernel:
    """The kernel of `irate` (a counter, per second) and `idelta`: the last two samples."""

    def kernel(window: Window, _: Sequence[float]) -> tuple[Floats, Bools]:
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


def changes(window: Window, _: Sequence[float]) -> tuple[Floats, Bools]:
    """How often the value changed; NaN after NaN is no change."""
    before, after, live = window.pairs()
    changed = (before != after) & ~(np.isnan(before) & np.isnan(after))
    if live is not None:
        changed &= live
    return changed.sum(axis=0).astype(float), window.count > 0


def resets(window: Window, _: Sequence[float]) -> tuple[Floats, Bools]:
    """How often a counter started again."""
    before, after, live = window.pairs()
    fell = after < before
    if live is not None:
        fell &= live
    return fell.sum(axis=0).astype(float), window.count > 0


@cache
def kernels(dialect: int) -> dict[str, Kernel]:
    """This family's functions by name."""
    return {
        "rate": extrapolated(True, True, dialect),
        "increase": extrapolated(True, False, dialect),
        "delta": extrapolated(False, False, dialect),
        "irate": instant(True),
        "idelta": instant(False),
        "changes": changes,
        "resets": resets,
    }
