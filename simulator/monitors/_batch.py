"""Two-sample detectors: the rows of a window against reference rows."""

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

import numpy as np

from simulator.monitors import Column, Floats, MonitorView, Reference, SeriesName
from simulator.monitors._drift import NO_RESULT, DriftMonitor, DriftResult


class BatchMonitor(DriftMonitor):
    """Base of detectors that compare each column with its reference rows.

    Class attributes
    ----------------
    value : the series of the statistic, after `ml_feature_`; the kind by default.
    min_rows : a sample of fewer rows gives NaN.
    """

    value: ClassVar[str] = ""
    min_rows: ClassVar[int] = 1

    def compare(self, reference: Any, current: Floats) -> DriftResult:
        """Compare two samples.

        Parameters
        ----------
        reference : the result of `prepare` for the reference rows
        current : ndarray, shape (rows,), ascending, without nulls
        """
        raise NotImplementedError

    def prepare(self, reference: Floats, column: Column) -> Any:
        """Compute once what every comparison needs of the reference rows (ascending, no nulls)."""
        return reference

    def series(self, columns: Sequence[Column]) -> list[SeriesName]:
        names = [columns[i].name for i in self.column_indices(columns)]
        stem = f"ml_feature_{self.kind}"
        statistic = f"ml_feature_{self.value or self.kind}"
        return [
            (metric, {"feature": name})
            for metric in (statistic, f"{stem}_pvalue", f"{stem}_rows")
            for name in names
        ]

    def evaluate(self, view: MonitorView, previous: Floats) -> Floats:
        reference = view.reference(self.window)
        indices = self.column_indices(view.columns)
        samples = [view.sorted_column(self.window, i) for i in indices]
        results = [
            self._compare(reference, i, view.columns[i], sample)
            for i, sample in zip(indices, samples, strict=True)
        ]
        return self.to_values(results, samples)

    def to_values(self, results: Sequence[DriftResult], samples: Sequence[Floats]) -> Floats:
        """Statistics, corrected p-values and numbers of rows, in the order of `series`."""
        statistics = [result.value for result in results]
        rows = [float(len(sample)) for sample in samples]
        return np.concatenate([statistics, self.adjusted(results), rows])

    def _compare(self, reference: Reference, i: int, column: Column, sample: Floats) -> DriftResult:
        old = reference.sorted_column(i)
        if min(len(old), len(sample)) < self.min_rows:
            return NO_RESULT
        prepared = reference.memoize((self.kind, i), partial(self.prepare, old, column))
        return self.compare(prepared, sample)
