"""Kolmogorov-Smirnov test of each numeric column against the reference rows."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simulator.monitors._batch import NOTHING, BatchMonitor, Found
from simulator.monitors._kolmogorov import kolmogorov_tail
from simulator.monitors._seen import ascending
from simulator.pipeline.arrays import Floats
from simulator.registry import part


@part
class KS(BatchMonitor):
    """The probability of so large a distance between two samples if nothing had moved.

    Uncorrected at 5 %, twelve columns watched every minute raise some 860 false alarms a
    day, so p-values are corrected for the columns and looks of a day; on tied values the
    test is cautious.
    """

    numeric: ClassVar[bool] = True
    value: ClassVar[str] = "ks_distance"

    def batch(self, reference: Floats, current: Floats) -> Found:
        return compare(reference, current)


def ks(reference: Floats, current: Floats) -> Found:
    """Two-sample Kolmogorov-Smirnov distance and its p-value, as scipy's `ks_2samp`.

    Parameters
    ----------
    reference, current : ndarray, shape (rows,)
        Nulls are left out.

    Returns
    -------
    Found
        The p-value is scipy's of `method="asymp"`; NaN where either has no rows.

    Examples
    --------
    >>> distance, p = ks(np.arange(100.0), np.arange(100.0) + 20)
    >>> round(distance, 3), round(p, 4)
    (0.2, 0.0314)

    References
    ----------
    Smirnov, N. (1948). Table for estimating the goodness of fit of empirical distributions.
    """
    return compare(ascending(reference), ascending(current))


def compare(old: Floats, new: Floats) -> Found:
    """The test on rows that are ascending and without nulls."""
    if not len(old) or not len(new):
        return NOTHING
    # The gap is widest at a sample: just after one of the new, or just before. Delays in
    # minutes have 200 values in 3,600 rows: each is looked for once.
    last = np.flatnonzero(np.append(new[1:] != new[:-1], True))
    values, after = new[last], (last + 1) / len(new)
    before = np.append(0.0, after[:-1])
    gap = max(
        np.abs(old.searchsorted(values, side="right") / len(old) - after).max(),
        np.abs(old.searchsorted(values, side="left") / len(old) - before).max(),
    )
    n = round(len(old) * len(new) / (len(old) + len(new)))
    return Found(float(gap), kolmogorov_tail(float(gap), max(1, n)))
