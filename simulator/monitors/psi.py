"""Population stability index of each column against the reference rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from simulator.monitors import FeatureMonitor, Labelled, Seen
from simulator.pipeline.data import Column
from simulator.pipeline.world import Floats
from simulator.registry import part

DECILES = 10
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
        key, reference = seen.reference(self.window)
        found = []
        for i in self.watched(seen.columns):
            old = reference[:, i]
            bins = seen.remember(
                ("psi", key, i), partial(Bins.of, old, seen.columns[i].categorical)
            )
            found.append(bins.psi(rows[:, i]))
        return np.array([*found, len(rows)])


@dataclass(frozen=True, eq=False)
class Bins:
    """The bins of reference rows, and how many of them lie in each.

    Attributes
    ----------
    edges : ndarray, shape (bins - 1,)
    counts : ndarray, shape (bins,)
    """

    edges: Floats
    counts: Floats

    @classmethod
    def of(cls, reference: Floats, categorical: bool = False) -> Bins:
        """Deciles of numbers, each code of a category."""
        old = reference[~np.isnan(reference)]
        if not len(old):
            return cls(np.zeros(0), np.zeros(1))
        if categorical:
            edges = np.arange(old.max()) + 1.0
        else:
            edges = np.unique(np.quantile(old, np.arange(1, DECILES) / DECILES))
        return cls(edges, _count(edges, old))

    def psi(self, current: Floats) -> float:
        """The index of other rows; NaN where either has none."""
        new = current[~np.isnan(current)]
        if not self.counts.sum() or not len(new):
            return float("nan")
        found = _count(self.edges, new)
        some = (self.counts > 0) | (found > 0)
        p = np.maximum(self.counts[some], NOBODY) / self.counts.sum()
        q = np.maximum(found[some], NOBODY) / len(new)
        return float(((q - p) * np.log(q / p)).sum())


def _count(edges: Floats, values: Floats) -> Floats:
    places = edges.searchsorted(values, side="right")
    return np.bincount(places, minlength=len(edges) + 1).astype(np.float64)


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
    >>> old, new = np.repeat(np.arange(4.0), 25), np.repeat(np.arange(4.0), [40, 30, 20, 10])
    >>> round(psi(old, new, categorical=True), 6)
    0.228217
    """
    return Bins.of(reference, categorical).psi(current)
