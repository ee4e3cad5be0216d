"""Histograms of reference rows, and of other rows in the same bins."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from simulator.monitors import Column, Floats
from simulator.monitors._batch import BatchMonitor
from simulator.monitors._view import sorted_values

DECILES = 10


@dataclass(frozen=True, eq=False)
class Bins:
    """A histogram of reference rows.

    Attributes
    ----------
    edges : ndarray, shape (bins - 1,)
        A value on an edge belongs to the bin above it.
    counts : ndarray, shape (bins,)
    """

    edges: Floats
    counts: Floats

    @classmethod
    def of(cls, reference: Floats, categorical: bool = False) -> Self:
        """Deciles of numbers, each code of a category.

        Parameters
        ----------
        reference : ndarray, shape (rows,), ascending, without nulls

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
            # One bin more than codes, for levels that the reference rows lack.
            edges = np.arange(reference[-1] + 1.0) + 1.0
        elif reference[0] == reference[-1]:
            # Below, at and above the single value.
            edges = np.array([reference[0], np.nextafter(reference[0], np.inf)])
        else:
            # Tied integers have fewer bins than ten.
            edges = np.unique(np.quantile(reference, np.arange(1, DECILES) / DECILES))
        return cls(edges, bin_counts(edges, reference))

    def occupied_counts(self, current: Floats) -> tuple[Floats, Floats]:
        """Rows of both samples in the bins that are not empty in both, shape (bins,) each.

        Parameters
        ----------
        current : ndarray, shape (rows,), ascending, without nulls
        """
        counts = bin_counts(self.edges, current)
        occupied = (self.counts > 0) | (counts > 0)
        return self.counts[occupied], counts[occupied]


def bin_counts(edges: Floats, ordered: Floats) -> Floats:
    """The number of ascending values in each bin: a binary search an edge."""
    cumulative = np.concatenate([[0], ordered.searchsorted(edges, side="left"), [len(ordered)]])
    return np.diff(cumulative).astype(np.float64)


class BinnedMonitor(BatchMonitor):
    """Base of detectors that compare shares of rows: by level of a category, by decile else."""

    min_rows = DECILES

    def prepare(self, reference: Floats, column: Column) -> Bins:
        return Bins.of(reference, column.categorical)


def bins_of(reference: Floats, current: Floats, categorical: bool = False) -> tuple[Bins, Floats]:
    """The bins of reference rows, and the current rows ascending; nulls of both are dropped.

    Parameters
    ----------
    reference, current : ndarray, shape (rows,)
    categorical : bool
        Whether the numbers are codes, each a bin of its own; else the reference deciles are bins.
    """
    return Bins.of(sorted_values(reference), categorical), sorted_values(current)
