"""Reference rows in bins, and how many of other rows fall into each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.pipeline.arrays import Floats

DECILES = 10


@dataclass(frozen=True, eq=False)
class Bins:
    """The bins of reference rows, and how many of them lie in each.

    Attributes
    ----------
    edges : ndarray, shape (bins - 1,)
        A value on an edge belongs to the bin above it.
    counts : ndarray, shape (bins,)
    """

    edges: Floats
    counts: Floats

    @classmethod
    def of(cls, reference: Floats, categorical: bool = False) -> Bins:
        """Deciles of numbers, each code of a category.

        Parameters
        ----------
        reference : ndarray, shape (rows,), ascending, without nulls
        categorical : bool

        Examples
        --------
        >>> Bins.of(np.arange(100.0)).counts.tolist()
        [10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0]
        >>> Bins.of(np.array([0.0, 0.0, 2.0]), categorical=True).counts.tolist()
        [2.0, 0.0, 1.0, 0.0]
        """
        if not len(reference):
            return cls(np.zeros(0), np.zeros(1))
        if categorical:
            # One bin more than there are codes, for levels that were never seen.
            edges = np.arange(reference[-1] + 1.0) + 1.0
        elif reference[0] == reference[-1]:
            # Below, at and above the one value that there is.
            edges = np.array([reference[0], np.nextafter(reference[0], np.inf)])
        else:
            # Tied integers have fewer bins than ten.
            edges = np.unique(np.quantile(reference, np.arange(1, DECILES) / DECILES))
        return cls(edges, counted(edges, reference))

    def shares(self, current: Floats) -> tuple[Floats, Floats]:
        """Rows of both samples in the bins that hold anybody, shape (bins,) each.

        Parameters
        ----------
        current : ndarray, shape (rows,), ascending, without nulls
        """
        found = counted(self.edges, current)
        some = (self.counts > 0) | (found > 0)
        return self.counts[some], found[some]


def counted(edges: Floats, ordered: Floats) -> Floats:
    """How many of ascending values lie in each bin: a binary search an edge."""
    upto = np.concatenate([[0], ordered.searchsorted(edges, side="left"), [len(ordered)]])
    return np.diff(upto).astype(np.float64)
