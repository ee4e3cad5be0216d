"""Jensen-Shannon distance of each column's shares from the reference rows."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from simulator.monitors._batch import NOTHING, BatchMonitor, Found
from simulator.monitors._bins import DECILES, Bins
from simulator.monitors._seen import ascending
from simulator.monitors._tails import chi_squared_tail
from simulator.pipeline.arrays import Floats
from simulator.pipeline.rows import Column
from simulator.registry import part


@part
class JensenShannon(BatchMonitor):
    """How far shares have moved, from 0 (the same) to 1 (nothing in common).

    Finite also where a bin holds nobody; .1 is a usual limit. Levels of a category,
    reference deciles of a number.
    """

    least: ClassVar[int] = DECILES

    def prepared(self, reference: Floats, column: Column) -> Bins:
        return Bins.of(reference, column.categorical)

    def batch(self, reference: Bins, current: Floats) -> Found:
        return compare(reference, current)


def jensen_shannon(reference: Floats, current: Floats, categorical: bool = False) -> Found:
    """The square root of the divergence in bits, as scipy's `jensenshannon(p, q, base=2)`.

    Parameters
    ----------
    reference, current : ndarray, shape (rows,)
        Nulls are left out.
    categorical : bool
        Whether the numbers are codes; else the reference deciles are compared.

    Returns
    -------
    Found
        Eight times the divergence in nats is, for small moves, what PSI is: divided by
        1/n + 1/m it is chi-squared under no drift.

    Examples
    --------
    >>> old, new = np.repeat(np.arange(4.0), 25), np.repeat(np.arange(4.0), [40, 30, 20, 10])
    >>> distance, p = jensen_shannon(old, new, categorical=True)
    >>> round(distance, 4), round(p, 4)
    (0.2005, 0.011)

    References
    ----------
    Lin, J. (1991). Divergence measures based on the Shannon entropy.
    """
    return compare(Bins.of(ascending(reference), categorical), ascending(current))


def compare(bins: Bins, current: Floats) -> Found:
    """The distance of rows (ascending, without nulls) from bins."""
    m, n = float(bins.counts.sum()), len(current)
    if not m or not n:
        return NOTHING
    old, new = bins.shares(current)
    p, q = old / m, new / n
    nats = max(0.0, 0.5 * (_divergence(p, q) + _divergence(q, p)))
    pvalue = 1.0
    if len(old) > 1:
        pvalue = chi_squared_tail(8.0 * nats / (1.0 / m + 1.0 / n), len(old) - 1)
    return Found(math.sqrt(nats / math.log(2.0)), pvalue)


def _divergence(p: Floats, q: Floats) -> float:
    """From p to the middle of both."""
    some = p > 0
    return float((p[some] * np.log(2.0 * p[some] / (p[some] + q[some]))).sum())
