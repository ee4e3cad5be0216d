"""Sums, means, variances and quantiles as in Prometheus, to the last digit where it matters.

Prometheus adds with Kahan's method in Neumaier's form, so that `stddev(x) == 0` or
`sum(x) == 0.3` do not depend on the order of addition. A cumulative sum gives every partial
sum at once and the compensations follow from those: no loop over samples.
"""

import numpy as np

from simulator.telemetry.store import Bools, Floats


def compensated(values: Floats) -> tuple[Floats, Floats]:
    """The plain sum down axis 0 and its rounding error.

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
    compensation: Floats = np.cumsum(lost, axis=0)[-1]
    if not np.isfinite(compensation).all():
        compensation = np.where(np.isfinite(total), compensation, 0.0)
    return total, compensation


def total(values: Floats) -> Floats:
    """The compensated sum down axis 0."""
    plain, lost = compensated(values)
    return plain + lost


def mean(values: Floats, count: Floats) -> Floats:
    """The mean down axis 0 of `count` values, padded with zeros; safe from overflow.

    Examples
    --------
    >>> mean(np.array([[1.7e308], [1.7e308]]), np.array([2.0])).tolist()
    [1.7e+308]
    """
    plain, lost = compensated(values)
    result = plain / count + lost / count
    overflow = np.isinf(result)
    if overflow.any() and np.isfinite(values).all():
        scaled, lost = compensated(values / np.maximum(count, 1.0))
        result = np.where(overflow, scaled + lost, result)
    return result


def variance(values: Floats, present: Bools | None, count: Floats) -> Floats:
    """The population variance down axis 0; exactly 0 where all values are equal.

    The first value is subtracted before any addition, which is exact for equal values.
    """
    if len(values) == 0:
        return np.zeros(values.shape[1:])
    first = _first(values, present)
    shifted = values - first
    if present is not None:
        shifted = np.where(present, shifted, 0.0)
    centre = total(shifted) / count
    deviation = shifted - centre
    if present is not None:
        deviation = np.where(present, deviation, 0.0)
    return total(deviation * deviation) / count


def _first(values: Floats, present: Bools | None) -> Floats:
    if present is None or present[0].all():
        first: Floats = values[0]
        return first
    picked: Floats = np.take_along_axis(values, present.argmax(axis=0)[None], axis=0)[0]
    return picked


def quantile(q: float, values: Floats, present: Bools | None) -> Floats:
    """The q-quantile down axis 0, interpolated as in Prometheus; NaN sorts first.

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
    if present is not None:
        key = np.where(present, key, np.inf)
    order = np.argsort(key, axis=0, kind="stable")
    if present is not None:  # a present +Inf sorts before absent cells
        order = np.lexsort((key, ~present), axis=0)
    ordered = np.take_along_axis(values, order, axis=0)
    all_present = np.full(shape, float(len(values)))
    count = all_present if present is None else present.sum(axis=0).astype(float)
    rank = q * (count - 1)
    low = np.maximum(np.floor(rank), 0.0)
    high = np.maximum(np.minimum(count - 1, low + 1), 0.0)
    weight = rank - np.floor(rank)
    at_low = np.take_along_axis(ordered, low.astype(np.int64)[None], axis=0)[0]
    at_high = np.take_along_axis(ordered, high.astype(np.int64)[None], axis=0)[0]
    interpolated: Floats = at_low * (1 - weight) + at_high * weight
    return interpolated
