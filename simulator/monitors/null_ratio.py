"""The share of nulls in each column."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.monitors import FeatureMonitor, Labelled, Seen
from simulator.pipeline.arrays import Floats
from simulator.pipeline.rows import Column
from simulator.registry import part


@part
class NullRatio(FeatureMonitor):
    """How much of each column is missing among the rows scored in the window."""

    def series(self, columns: Sequence[Column]) -> list[Labelled]:
        names = [columns[i].name for i in self.watched(columns)]
        return [("ml_feature_null_ratio", {"feature": name}) for name in names]

    def look(self, seen: Seen, before: Floats) -> Floats:
        rows = seen.rows(self.window)[:, self.watched(seen.columns)]
        if not len(rows):
            return np.full(rows.shape[1], np.nan)
        ratio: Floats = np.isnan(rows).mean(axis=0)
        return ratio
