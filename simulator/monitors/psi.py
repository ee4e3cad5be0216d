"""Population stability index of each column against the reference rows."""

from collections.abc import Sequence

import numpy as np

from simulator.monitors import Column, Floats, MonitorView, SeriesName, part
from simulator.monitors._bins import BinnedMonitor, Bins, bins_of
from simulator.monitors._drift import NO_RESULT, DriftResult
from simulator.monitors._tails import chi_squared_tail

# An empty bin counts half a row, else the index would be infinite.
EMPTY_BIN_COUNT = 0.5


@part
class PSI(BinnedMonitor):
    """The change of each column's shares of the reference deciles.

    .1 and .25 are the usual limits. Without drift PSI/(1/n + 1/m) is chi-squared with 9
    degrees of freedom: over 200 rows it exceeds .1 in a third of clean windows, over 1,000
    in one of ten million. So it exports the number of rows (`ml_feature_rows`) and a p-value
    too; fewer rows than bins give NaN.
    """

    def compare(self, reference: Bins, current: Floats) -> DriftResult:
        return compare_bins(reference, current)

    def series(self, columns: Sequence[Column]) -> list[SeriesName]:
        return [*super().series(columns), ("ml_feature_rows", {})]

    def evaluate(self, view: MonitorView, previous: Floats) -> Floats:
        return np.append(
            super().evaluate(view, previous), float(len(view.row_indices(self.window)))
        )


def psi(reference: Floats, current: Floats, categorical: bool = False) -> DriftResult:
    """Population stability index; NaN if either sample has no rows.

    The samples are those of `bins_of`; `null_ratio` counts their nulls.

    Examples
    --------
    >>> old, new = np.repeat(np.arange(4.0), 25), np.repeat(np.arange(4.0), [40, 30, 20, 10])
    >>> index, p = psi(old, new, categorical=True)
    >>> round(index, 6), round(p, 4)
    (0.228217, 0.0097)

    References
    ----------
    Yurdakul, B. (2018). Statistical properties of population stability index.
    """
    return compare_bins(*bins_of(reference, current, categorical))


def compare_bins(bins: Bins, current: Floats) -> DriftResult:
    """The index of rows (ascending, without nulls) against bins."""
    m, n = float(bins.counts.sum()), len(current)
    if not m or not n:
        return NO_RESULT
    old, new = bins.occupied_counts(current)
    p, q = np.maximum(old, EMPTY_BIN_COUNT) / m, np.maximum(new, EMPTY_BIN_COUNT) / n
    index = float(((q - p) * np.log(q / p)).sum())
    # With a single bin on both sides nothing can move.
    if len(old) == 1:
        return DriftResult(index, 1.0)
    return DriftResult(index, chi_squared_tail(index / (1.0 / m + 1.0 / n), len(old) - 1))
