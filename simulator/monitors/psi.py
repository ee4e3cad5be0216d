"""Population stability index of each column against the reference rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.monitors import FeatureMonitor, Labelled, Seen
from simulator.pipeline.data import Column
from simulator.pipeline.world import Floats
from simulator.registry import part

BINS = 10
# A bin that holds nobody counts half a row, else the index would be infinite.
NOBODY = 0.5


@part
class PSI(FeatureMonitor):
    """How far each column's shares of the reference deciles have moved.

    .1 and .25 are the usual limits. Under no drift PSI/(1/n + 1/m) is chi-squared with 9
    degrees of freedom: over 200 rows it exceeds .1 in a third of clean windows, so the
    number of rows goes with it (`ml_feature_rows`).
    """

    def series(self, columns: Sequence[Column]) -> list[Labelled]:
        names = [columns[i].name for i in self.watched(columns)]
        return [("ml_feature_psi", {"feature": name}) for name in names] + [("ml_feature_rows", {})]

    def look(self, seen: Seen, before: Floats) -> Floats:
        rows = seen.rows(self.window)
        _, reference = seen.reference(self.window)
        found = [psi(reference[:, i], rows[:, i], seen.columns[i].categorical)
                 for i in self.watched(seen.columns)]
        return np.array([*found, len(rows)])


def psi(reference: Floats, current: Floats, categorical: bool = False) -> float:
    """Population stability index; nulls are left out (the null ratio tells of them).

    Parameters
    ----------
    reference, current : ndarray, shape (rows,)
    categorical : bool
        Whether the numbers are codes, each a bin of its own.

    Returns
    -------
    float
        NaN where either has no rows.

    Examples
    --------
    >>> old, new = np.repeat([0, 1, 2, 3], [25, 25, 25, 25]), np.repeat([0, 1, 2, 3], [40, 30, 20, 10])
    >>> round(psi(old.astype(float), new.astype(float), categorical=True), 6)
    0.228217
    """
    old, new = reference[~np.isnan(reference)], current[~np.isnan(current)]
    if not len(old) or not len(new):
        return float("nan")
    if categorical:
        size = int(max(old.max(), new.max())) + 1
        was, is_ = np.bincount(old.astype(int), minlength=size), np.bincount(new.astype(int), minlength=size)
    else:
        edges = np.unique(np.quantile(old, np.arange(1, BINS) / BINS))
        size = len(edges) + 1
        was = np.bincount(edges.searchsorted(old, side="right"), minlength=size)
        is_ = np.bincount(edges.searchsorted(new, side="right"), minlength=size)
    some = (was > 0) | (is_ > 0)
    p = np.maximum(was[some], NOBODY) / len(old)
    q = np.maximum(is_[some], NOBODY) / len(new)
    return float(((q - p) * np.log(q / p)).sum())
