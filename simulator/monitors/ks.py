"""Kolmogorov-Smirnov test of each numeric column against the reference rows."""

import numpy as np

from simulator.monitors import Floats, part
from simulator.monitors._batch import BatchMonitor
from simulator.monitors._drift import NO_RESULT, DriftResult
from simulator.monitors._kolmogorov import kolmogorov_tail
from simulator.monitors._view import sorted_values


@part
class KS(BatchMonitor):
    """The distance of two samples, and its p-value.

    Uncorrected at 5 %, twelve columns watched every minute raise some 860 false alarms a
    day, so p-values are corrected for the columns and evaluations of a day; the test is
    conservative on tied values.
    """

    numeric_only = True
    value = "ks_distance"

    def compare(self, reference: Floats, current: Floats) -> DriftResult:
        return compare_sorted(reference, current)


def ks(reference: Floats, current: Floats) -> DriftResult:
    """Two-sample Kolmogorov-Smirnov distance and its p-value, equal to scipy's `ks_2samp`.

    Parameters
    ----------
    reference, current : ndarray, shape (rows,)
        Nulls are dropped.

    Returns
    -------
    DriftResult
        The p-value is that of `method="asymp"`; NaN if either has no rows.

    Examples
    --------
    >>> distance, p = ks(np.arange(100.0), np.arange(100.0) + 20)
    >>> round(distance, 3), round(p, 4)
    (0.2, 0.0314)

    References
    ----------
    Smirnov, N. (1948). Table for estimating the goodness of fit of empirical distributions.
    """
    return compare_sorted(sorted_values(reference), sorted_values(current))


def compare_sorted(old: Floats, new: Floats) -> DriftResult:
    """The test on rows that are ascending and without nulls."""
    if not len(old) or not len(new):
        return NO_RESULT
    # The gap is widest just after or just before a new value. Delays in minutes have 200
    # values in 3,600 rows: each is searched once.
    last = np.flatnonzero(np.append(new[1:] != new[:-1], True))
    values, after = new[last], (last + 1) / len(new)
    before = np.append(0.0, after[:-1])
    gap = max(
        np.abs(old.searchsorted(values, side="right") / len(old) - after).max(),
        np.abs(old.searchsorted(values, side="left") / len(old) - before).max(),
    )
    n = round(len(old) * len(new) / (len(old) + len(new)))
    return DriftResult(float(gap), kolmogorov_tail(float(gap), max(1, n)))
