"""The share of nulls in each column."""

from collections.abc import Sequence

import numpy as np

from simulator.monitors import Column, FeatureMonitor, Floats, MonitorView, SeriesName, part


@part
class NullRatio(FeatureMonitor):
    """The share of missing values of each column among the rows scored in the window."""

    def series(self, columns: Sequence[Column]) -> list[SeriesName]:
        names = [columns[i].name for i in self.column_indices(columns)]
        return [("ml_feature_null_ratio", {"feature": name}) for name in names]

    def evaluate(self, view: MonitorView, previous: Floats) -> Floats:
        rows = view.rows(self.window)[:, self.column_indices(view.columns)]
        if not len(rows):
            return np.full(rows.shape[1], np.nan)
        ratio: Floats = np.isnan(rows).mean(axis=0)
        return ratio
