"""Monitors that hand pandas frames to somebody else's library."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from simulator.monitors import Seen
from simulator.monitors._batch import NOTHING, BatchMonitor, Found
from simulator.monitors._corrections import corrected
from simulator.pipeline.arrays import Floats
from simulator.pipeline.rows import Column


def frame(rows: Floats, columns: Sequence[Column]) -> Any:
    """Rows as a pandas frame: numbers as they are, categories by the names of their levels.

    Examples
    --------
    >>> columns = (Column("x"), Column("c", ("low", "high")))
    >>> frame(np.array([[1.5, 1.0], [np.nan, np.nan]]), columns)["c"].tolist()
    ['high', None]
    """
    # Deferred: 0.5 s of import that a drill without such monitors does not pay.
    import pandas as pd

    made = {}
    for i, column in enumerate(columns):
        values = rows[:, i]
        if column.categorical:
            last = len(column.levels) - 1
            codes = np.clip(np.nan_to_num(values), 0, last).astype(np.int64)
            names = np.array(column.levels, object)[codes]
            names[np.isnan(values)] = None
            made[column.name] = pd.Series(names, dtype=object)
        else:
            made[column.name] = pd.Series(values)
    return pd.DataFrame(made)


@contextmanager
def hushed() -> Iterator[None]:
    """Without the warnings of libraries that would like more rows."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


class FrameMonitor(BatchMonitor):
    """Base of drift detectors that take two frames and answer for all columns at once."""

    least = 2

    def frames(self, old: Any, new: Any, columns: Sequence[Column]) -> dict[str, Found]:
        """What the library finds for each column.

        Parameters
        ----------
        old, new : pandas.DataFrame
            Only columns that have values on both sides.
        columns : sequence of Column
        """
        raise NotImplementedError

    def look(self, seen: Seen, before: Floats) -> Floats:
        reference, watched = seen.reference(self.window), self.watched(seen.columns)
        samples = [seen.column(self.window, i) for i in watched]
        filled = [
            i
            for i, sample in zip(watched, samples, strict=True)
            if min(len(sample), len(reference.column(i))) >= self.least
        ]
        found: dict[str, Found] = {}
        if filled:
            columns = [seen.columns[i] for i in filled]
            old = frame(reference.rows[:, filled], columns)
            new = frame(seen.rows(self.window)[:, filled], columns)
            with hushed():
                found = self.frames(old, new, columns)
        each = [found.get(seen.columns[i].name, NOTHING) for i in watched]
        pvalues = corrected(np.array([one.pvalue for one in each]), self.correction, self.looks)
        rows = [float(len(sample)) for sample in samples]
        return np.concatenate([[one.value for one in each], pvalues, rows])
