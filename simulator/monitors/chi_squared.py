"""Pearson's chi-squared test of each column's shares against the reference rows."""

import numpy as np

from simulator.monitors import Floats, part
from simulator.monitors._bins import BinnedMonitor, Bins, bins_of
from simulator.monitors._drift import NO_RESULT, DriftResult
from simulator.monitors._tails import chi_squared_tail


@part
class ChiSquared(BinnedMonitor):
    """Tests whether the levels of a category, or the deciles of a number, kept their shares.

    With fewer than five expected rows in a bin the p-value is only approximate.
    """

    def compare(self, reference: Bins, current: Floats) -> DriftResult:
        return compare_bins(reference, current)


def chi_squared(reference: Floats, current: Floats, categorical: bool = False) -> DriftResult:
    """Test of homogeneity, equal to scipy's `chi2_contingency(correction=False)`.

    The samples are those of `bins_of`.

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
    return compare_bins(*bins_of(reference, current, categorical))


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
