"""Population stability index of each column against the reference rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from simulator.monitors import Labelled, Seen
from simulator.monitors._batch import NOTHING, BatchMonitor, Found
from simulator.monitors._bins import DECILES, Bins
from simulator.monitors._seen import ascending
from simulator.monitors._tails import chi_squared_tail
from simulator.pipeline.arrays import Floats
from simulator.pipeline.rows import Column
from simulator.registry import part

# A bin that holds nobody counts half a row, else the index would be infinite.
NOBODY = 0.5


@part
class PSI(BatchMonitor):
    """How far each column's shares of the reference deciles have moved.

    .1 and .25 are the usual limits. Under no drift PSI/(1/n + 1/m) is chi-squared with 9
    degrees of freedom: over 200 rows it exceeds .1 in a third of clean windows, over 1,000
    in one of ten million. So the number of rows goes with it (`ml_feature_rows`), and a
    p-value; fewer rows than bins say nothing.
    """

    least: ClassVar[int] = DECILES

    def prepared(self, reference: Floats, column: Column) -> Bins:
        return Bins.of(reference, column.categorical)

    def batch(self, reference: Bins, current: Floats) -> Found:
        return compare(reference, current)

    def series(self, columns: Sequence[Column]) -> list[Labelled]:
        return [*super().series(columns), ("ml_feature_rows", {})]

    def look(self, seen: Seen, before: Floats) -> Floats:
        return np.append(super().look(seen, before), float(len(seen.logged(self.window))))


def psi(reference: Floats, current: Floats, categorical: bool = False) -> Found:
    """Population stability index; nulls are left out (the null ratio tells of them).

    Parameters
    ----------
    reference, current : ndarray, shape (rows,)
    categorical : bool
        Whether the numbers are codes, each a bin of its own.

    Returns
    -------
    Found
        NaN where either has no rows.

    Examples
    --------
    >>> old, new = np.repeat(np.arange(4.0), 25), np.repeat(np.arange(4.0), [40, 30, 20, 10])
    >>> found = psi(old, new, categorical=True)
    >>> round(found.value, 6), round(found.pvalue, 4)
    (0.228217, 0.0097)

    References
    ----------
    Yurdakul, B. (2018). Statistical properties of population stability index.
    """
    return compare(Bins.of(ascending(reference), categorical), ascending(current))


def compare(bins: Bins, current: Floats) -> Found:
    """The index of rows (ascending, without nulls) against bins."""
    m, n = float(bins.counts.sum()), len(current)
    if not m or not n:
        return NOTHING
    old, new = bins.shares(current)
    p, q = np.maximum(old, NOBODY) / m, np.maximum(new, NOBODY) / n
    index = float(((q - p) * np.log(q / p)).sum())
    # One bin, and the same on both sides: there is nothing that could have moved.
    if len(old) == 1:
        return Found(index, 1.0)
    return Found(index, chi_squared_tail(index / (1.0 / m + 1.0 / n), len(old) - 1))
