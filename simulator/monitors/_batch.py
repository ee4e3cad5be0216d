"""Detectors that compare two samples: the rows of a window with reference rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar, NamedTuple

import numpy as np

from simulator.monitors import FeatureMonitor, Labelled, Reference, Seen
from simulator.monitors._corrections import DAY_MS, Correction, Family, corrected
from simulator.pipeline.arrays import Floats
from simulator.pipeline.rows import Column


class Found(NamedTuple):
    """How far two samples lie apart, and how likely that is if nothing has moved."""

    value: float
    pvalue: float


NOTHING = Found(math.nan, math.nan)


class BatchMonitor(FeatureMonitor):
    """Base of detectors that compare each column with its reference rows.

    Class attributes
    ----------------
    value : the name of the series of values, after `ml_feature_`.
    least : fewer rows than this on either side say nothing: NaN.
    """

    value: ClassVar[str] = ""
    least: ClassVar[int] = 1

    correction: Correction = "holm"
    """How p-values allow for many tests: none, bonferroni, holm or benjamini_hochberg."""
    family: Family = "day"
    """What is corrected for: the columns of one `look`, or those of all looks of a `day`."""

    @property
    def what(self) -> str:
        """The stem of its series."""
        return f"ml_feature_{self.kind}"

    def batch(self, reference: Any, current: Floats) -> Found:
        """Compare two samples.

        Parameters
        ----------
        reference : what `prepared` made of the reference rows
        current : ndarray, shape (rows,), ascending, without nulls
        """
        raise NotImplementedError

    def prepared(self, reference: Floats, column: Column) -> Any:
        """What is computed of reference rows (ascending, without nulls) once for all looks."""
        return reference

    def series(self, columns: Sequence[Column]) -> list[Labelled]:
        names = [columns[i].name for i in self.watched(columns)]
        stem = f"ml_feature_{self.value or self.kind}"
        return [
            (metric, {"feature": name})
            for metric in (stem, f"{self.what}_pvalue", f"{self.what}_rows")
            for name in names
        ]

    def look(self, seen: Seen, before: Floats) -> Floats:
        reference = seen.reference(self.window)
        watched = self.watched(seen.columns)
        samples = [seen.column(self.window, i) for i in watched]
        found = [
            self._compare(reference, i, seen.columns[i], sample)
            for i, sample in zip(watched, samples, strict=True)
        ]
        pvalues = corrected(np.array([one.pvalue for one in found]), self.correction, self.looks)
        values = [one.value for one in found]
        return np.concatenate([values, pvalues, [float(len(sample)) for sample in samples]])

    @property
    def looks(self) -> float:
        """How many looks share one level."""
        return max(1.0, DAY_MS / self.every) if self.family == "day" else 1.0

    def _compare(self, reference: Reference, i: int, column: Column, sample: Floats) -> Found:
        old = reference.column(i)
        if min(len(old), len(sample)) < self.least:
            return NOTHING
        ready = reference.remember((self.kind, i), partial(self.prepared, old, column))
        return self.batch(ready, sample)
