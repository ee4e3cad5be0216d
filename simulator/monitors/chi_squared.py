"""Pearson's chi-squared test of each column's shares against the reference rows."""

from __future__ import annotations

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
class ChiSquared(BatchMonitor):
    """Whether the levels of a category, or the deciles of a number, are as frequent as before.

    Where fewer than five rows of a sample are expected in a bin the p-value is a rough one.
    """

    least: ClassVar[int] = DECILES

    def prepared(self, reference: Floats, column: Column) -> Bins:
        return Bins.of(reference, column.categorical)

    def batch(self, reference: Bins, current: Floats) -> Found:
        return compare(reference, current)


def chi_squared(reference: Floats, current: Floats, categorical: bool = False) -> Found:
    """Test of homogeneity, as scipy's `chi2_contingency(correction=False)`.

    Parameters
    ----------
    reference, current : ndarray, shape (rows,)
        Nulls are left out.
    categorical : bool
        Whether the numbers are codes; else the reference deciles are compared.

    Examples
    --------
    >>> old, new = np.repeat(np.arange(4.0), 25), np.repeat(np.arange(4.0), [40, 30, 20, 10])
    >>> statistic, p = chi_squared(old, new, categorical=True)
    >>> round(statistic, 3), round(p, 4)
    (10.9, 0.0123)

    References
    ----------
    Pearson, K. (1900). On the criterion that a given system of deviations from the probable
    in the case of a correlated system of variables ... have arisen from random sampling.
    """
    return compare(Bins.of(ascending(reference), categorical), ascending(current))


def compare(bins: Bins, current: Floats) -> Found:
    """The test on rows (ascending, without nulls) against bins."""
    if not bins.counts.sum() or not len(current):
        return NOTHING
    table = np.stack(bins.shares(current))
    if table.shape[1] == 1:
        return Found(0.0, 1.0)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    return Found(statistic, chi_squared_tail(statistic, table.shape[1] - 1))
