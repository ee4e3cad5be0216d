"""Monitors that pass pandas frames to a third-party library."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from simulator.monitors import Column, Floats, MonitorView
from simulator.monitors._batch import BatchMonitor
from simulator.monitors._drift import NO_RESULT, DriftResult


def to_frame(rows: Floats, columns: Sequence[Column]) -> Any:
    """Rows as a pandas frame; categories by the names of their levels.

    Examples
    --------
    >>> columns = (Column("x"), Column("c", ("low", "high")))
    >>> to_frame(np.array([[1.5, 1.0], [np.nan, np.nan]]), columns)["c"].tolist()
    ['high', None]
    """
    # Deferred: 0.5 s of import that a drill without such monitors does not pay.
    import pandas as pd

    series = {}
    for i, column in enumerate(columns):
        values = rows[:, i]
        if column.categorical:
            last = len(column.levels) - 1
            codes = np.clip(np.nan_to_num(values), 0, last).astype(np.int64)
            names = np.array(column.levels, object)[codes]
            names[np.isnan(values)] = None
            series[column.name] = pd.Series(names, dtype=object)
        else:
            series[column.name] = pd.Series(values)
    return pd.DataFrame(series)


@contextmanager
def silenced_warnings() -> Iterator[None]:
    """Suppress the libraries' warnings about small samples."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


class FrameMonitor(BatchMonitor):
    """Base of drift detectors that compare two frames, all columns at once."""

    min_rows = 2

    def compare_frames(
        self, old: Any, new: Any, columns: Sequence[Column]
    ) -> dict[str, DriftResult]:
        """The library's result for each column, by name.

        Parameters
        ----------
        old, new : pandas.DataFrame
            Only columns with values on both sides.
        """
        raise NotImplementedError

    def evaluate(self, view: MonitorView, previous: Floats) -> Floats:
        reference, indices = view.reference(self.window), self.column_indices(view.columns)
        samples = [view.sorted_column(self.window, i) for i in indices]
        filled = [
            i
            for i, sample in zip(indices, samples, strict=True)
            if min(len(sample), len(reference.sorted_column(i))) >= self.min_rows
        ]
        results: dict[str, DriftResult] = {}
        if filled:
            columns = [view.columns[i] for i in filled]
            old = to_frame(reference.rows[:, filled], columns)
            new = to_frame(view.rows(self.window)[:, filled], columns)
            with silenced_warnings():
                results = self.compare_frames(old, new, columns)
        return self.to_values(
            [results.get(view.columns[i].name, NO_RESULT) for i in indices], samples
        )
