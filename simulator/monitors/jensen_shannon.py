"""Jensen-Shannon distance of each column's shares from the reference rows."""

import math

import numpy as np

from simulator.monitors import Floats, part
from simulator.monitors._bins import BinnedMonitor, Bins, bins_of
from simulator.monitors._drift import NO_RESULT, DriftResult
from simulator.monitors._tails import chi_squared_tail


@part
class JensenShannon(BinnedMonitor):
    """The distance of shares from their reference, from 0 (equal) to 1 (disjoint).

    Finite also with empty bins; .1 is a usual limit. The bins are the levels of a category,
    the reference deciles of a number.
    """

    def compare(self, reference: Bins, current: Floats) -> DriftResult:
        return compare_bins(reference, current)


def jensen_shannon(reference: Floats, current: Floats, categorical: bool = False) -> DriftResult:
    """The square root of the divergence in bits, equal to scipy's `jensenshannon(p, q, base=2)`.

    The samples are those of `bins_of`.

    Returns
    -------
    DriftResult
        Eight times the divergence in nats approximates PSI for small moves: divided by
        1/n + 1/m it is chi-squared without drift.

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
    return compare_bins(*bins_of(reference, current, categorical))


def compare_bins(bins: Bins, current: Floats) -> DriftResult:
    """The distance of rows (ascending, without nulls) from bins."""
    m, n = float(bins.counts.sum()), len(current)
    if not m or not n:
        return NO_RESULT
    old, new = bins.occupied_counts(current)
    p, q = old / m, new / n
    nats = max(0.0, 0.5 * (_divergence(p, q) + _divergence(q, p)))
    pvalue = 1.0
    if len(old) > 1:
        pvalue = chi_squared_tail(8.0 * nats / (1.0 / m + 1.0 / n), len(old) - 1)
    return DriftResult(math.sqrt(nats / math.log(2.0)), pvalue)


def _divergence(p: Floats, q: Floats) -> float:
    """The Kullback-Leibler divergence of p from the mixture of both."""
    positive = p > 0
    p, q = p[positive], q[positive]
    return float((p * np.log(2.0 * p / (p + q))).sum())
