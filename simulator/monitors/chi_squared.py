"""Pearson's chi-squared test of each column's shares against the reference rows."""

from typing import ClassVar

import numpy as np

from simulator.monitors._batch import BatchMonitor
from simulator.monitors._bins import DECILES, Bins
from simulator.monitors._drift import NO_RESULT, DriftResult
from simulator.monitors._tails import chi_squared_tail
from simulator.monitors._view import sorted_values
from simulator.pipeline.arrays import Floats
from simulator.pipeline.rows import Column
from simulator.registry import part


@part
class ChiSquared(BatchMonitor):
    """Tests whether the levels of a category, or the deciles of a number, kept their shares.

    With fewer than five expected rows in a bin the p-value is only approximate.
    """

    min_rows: ClassVar[int] = DECILES

    def prepare(self, reference: Floats, column: Column) -> Bins:
        return Bins.of(reference, column.categorical)

    def compare(self, reference: Bins, current: Floats) -> DriftResult:
        return compare_bins(reference, current)


def chi_squared(reference: Floats, current: Floats, categorical: bool = False) -> DriftResult:
    """Test of homogeneity, equal to scipy's `chi2_contingency(correction=False)`.

    Parameters
    ----------
    reference, current : ndarray, shape (rows,)
        Nulls are dropped.
    categorical : bool
        Whether the numbers are codes; else the reference deciles are the bins.

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
    return compare_bins(Bins.of(sorted_values(reference), categorical), sorted_values(current))


def compare_bins(bins: Bins, current: Floats) -> DriftResult:
    """The test on rows (ascending, without nulls) against bins."""
    if not bins.counts.sum() or not len(current):
        return NO_RESULT
    table = np.stack(bins.occupied_counts(current))
    if table.shape[1] == 1:
        return DriftResult(0.0, 1.0)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    return DriftResult(statistic, chi_squared_tail(statistic, table.shape[1] - 1))
