"""Sums, means and quantiles that come out as in Prometheus, to the last digit where it matters.

Prometheus adds with Kahan's method in Neumaier's form, so that `stddev(x) == 0` or
`sum(x) == 0.3` do not flip with the order of addition. A running sum gives every partial sum
at once, the compensations follow from those: no loop over samples.
"""

from __future__ import annotations

import numpy as np

from simulator.telemetry.store import Bools, Floats


def compensated(values: Floats) -> tuple[Floats, Floats]:
    """The plain sum down axis 0 and what rounding took from it.

    Parameters
    ----------
    values : ndarray, shape (samples, ...)

    Examples
    --------
    >>> total, lost = compensated(np.array([[1e100], [1.0], [-1e100]]))
    >>> (total + lost).tolist()
    [1.0]

    References
    ----------
    Neumaier, A. (1974). Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen.
    """
    if len(values) == 0:
        return np.zeros(values.shape[1:]), np.zeros(values.shape[1:])
    if len(values) == 1:
        return values[0], np.zeros(values.shape[1:])
    running = np.cumsum(values, axis=0)
    before, after, added = running[:-1], running[1:], values[1:]
    larger = np.abs(before) >= np.abs(added)
    lost = np.where(larger, before, added)
    lost -= after
    lost += np.where(larger, added, before)
    total = running[-1]
    summed: Floats = np.cumsum(lost, axis=0)[-1]
    if not np.isfinite(summed).all():
        summed = np.where(np.isfinite(total), summed, 0.0)
    return total, summed


def total(values: Floats) -> Floats:
    """The compensated sum down axis 0."""
    plain, lost = compensated(values)
    return plain + lost


def mean(values: Floats, count: Floats) -> Floats:
    """The mean down axis 0 of `count` values, the rest of them zeros; safe from overflow.

    Examples
    --------
    >>> mean(np.array([[1.7e308], [1.7e308]]), np.array([2.0])).tolist()
    [1.7e+308]
    """
    plain, lost = compensated(values)
    result = plain / count + lost / count
    over = np.isinf(result)
    if over.any() and np.isfinite(values).all():
        scaled, lost = compensated(values / np.maximum(count, 1.0))
        result = np.where(over, scaled + lost, result)
    return result


def variance(values: Floats, live: Bools | None, count: Floats) -> Floats:
    """The population variance down axis 0; exactly 0 where all values are equal.

    The first value is taken off before anything is added, which loses nothing for equal values.
    """
    if len(values) == 0:
        return np.zeros(values.shape[1:])
    first = _first(values, live)
    shifted = values - first
    if live is not None:
        shifted = np.where(live, shifted, 0.0)
    centre = total(shifted) / count
    away = shifted - centre
    if live is not None:
        away = np.where(live, away, 0.0)
    return total(away * away) / count


def _first(values: Floats, live: Bools | None) -> Floats:
    if live is None or live[0].all():
        first: Floats = values[0]
        return first
    picked: Floats = np.take_along_axis(values, live.argmax(axis=0)[None], axis=0)[0]
    return picked


def quantile(q: float, values: Floats, live: Bools | None) -> Floats:
    """The q-quantile down axis 0, between neighbours as Prometheus interpolates; NaN sorts first.

    Examples
    --------
    >>> quantile(0.5, np.array([[1.0], [2.0], [10.0], [4.0]]), None).tolist()
    [3.0]
    """
    shape = values.shape[1:]
    if len(values) == 0 or np.isnan(q):
        return np.full(shape, np.nan)
    if q < 0 or q > 1:
        return np.full(shape, -np.inf if q < 0 else np.inf)
    key = np.where(np.isnan(values), -np.inf, values)
    if live is not None:
        key = np.where(live, key, np.inf)
    order = np.argsort(key, axis=0, kind="stable")
    if live is not None:  # a live +Inf sorts before what is not there
        order = np.lexsort((key, ~live), axis=0)
    ordered = np.take_along_axis(values, order, axis=0)
    count = np.full(shape, float(len(values))) if live is None else live.sum(axis=0).astype(float)
    rank = q * (count - 1)
    low = np.maximum(np.floor(rank), 0.0)
    high = np.maximum(np.minimum(count - 1, low + 1), 0.0)
    weight = rank - np.floor(rank)
    at_low = np.take_along_axis(ordered, low.astype(np.int64)[None], axis=0)[0]
    at_high = np.take_along_axis(ordered, high.astype(np.int64)[None], axis=0)[0]
    found: Floats = at_low * (1 - weight) + at_high * weight
    return found
