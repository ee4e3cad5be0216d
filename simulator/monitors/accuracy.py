"""Live accuracy, precision and recall, from joined labels."""

from collections.abc import Sequence

import numpy as np

from simulator.monitors import Column, Floats, Monitor, MonitorView, SeriesName, part
from simulator.monitors._levels import ValueGroups
from simulator.monitors._units import LevelCount
from simulator.pipeline.model.labels import LabelCounts
from simulator.pipeline.model.prediction_quality import auc
from simulator.pipeline.rows import sigmoid
from simulator.source import Issue
from simulator.units import Number, did_you_mean

NAMES = ("accuracy", "precision", "recall", "labels_in_window")


@part
class Accuracy(Monitor):
    """The share of correct predictions among the labels joined in the window, and the AUC.

    Beside it precision (of the positive predictions, the share with a positive label), recall (of
    the positive labels, the share that was predicted) and calibration (the mean prediction by the
    share of positive labels: 1 is calibrated). With `by` it exports the segments of a column
    instead, `ml_segment_accuracy` and so on: its most frequent levels, or the ranges of
    `bounds`. These are of the logged rows only, as they were served.

    Its predictions are as old as the label lag. While the label join stands still it keeps
    its value: a flat line is no good news.
    """

    by: str = ""
    """The column whose segments it exports."""
    bounds: tuple[Number, ...] = ()
    """Where the segments of a numeric column begin, ascending."""
    top: LevelCount = 8
    """How many levels of a category are segments of their own; the others are one together."""

    def issues(self, columns: Sequence[Column]) -> list[Issue]:
        return super().issues(columns) + self._segment_issues(columns)

    def series(self, columns: Sequence[Column]) -> list[SeriesName]:
        if self._segment_issues(columns):
            return []
        if self.by:
            _, groups = self._segments(columns)
            return [
                (f"ml_segment_{name}", {"feature": self.by, "segment": segment})
                for name in NAMES
                for segment in groups.names
            ]
        return [
            *((f"ml_model_{name}", {}) for name in NAMES),
            ("ml_model_auc", {}),
            ("ml_model_calibration_ratio", {}),
        ]

    def evaluate(self, view: MonitorView, previous: Floats) -> Floats:
        if self.by:
            return self._by_segment(view)
        counts = view.label_counts(self.window)
        if not counts.total:
            return previous
        labelled = view.labelled(self.window)
        predicted, observed = sigmoid(labelled.score).sum(), np.count_nonzero(labelled.label)
        area = auc(labelled.score, labelled.label.astype(np.int8))
        calibration = predicted / observed if observed else np.nan
        return np.array([*_values(counts), area, calibration])

    def _by_segment(self, view: MonitorView) -> Floats:
        column, groups = self._segments(view.columns)
        labelled = view.labelled(self.window)
        group = groups.of(view.labelled_column(self.window, column))
        segments = labelled.counts_by(group, len(groups.names))
        return np.array([_values(counts) for counts in segments]).T.ravel()

    def _segments(self, columns: Sequence[Column]) -> tuple[int, ValueGroups]:
        index = [column.name for column in columns].index(self.by)
        if columns[index].categorical:
            return index, ValueGroups.of_levels(columns[index], self.top)
        return index, ValueGroups.of_bounds(self.bounds)

    def _segment_issues(self, columns: Sequence[Column]) -> list[Issue]:
        if not self.by:
            return [Issue(("bounds",), "of no column; expected by")] if self.bounds else []
        by_name = {column.name: column for column in columns}
        if self.by not in by_name:
            return [Issue(("by",), f"unknown column {self.by!r}{did_you_mean(self.by, by_name)}")]
        if by_name[self.by].categorical:
            text = f"{self.by!r} is categorical: its levels are the segments"
            return [Issue(("bounds",), text)] if self.bounds else []
        if not self.bounds:
            return [Issue(("by",), f"{self.by!r} is numeric; expected bounds, such as [0, 15]")]
        if sorted(set(self.bounds)) != list(self.bounds):
            return [Issue(("bounds",), "expected ascending numbers")]
        return []


def _values(counts: LabelCounts) -> list[float]:
    return [counts.accuracy, counts.precision, counts.recall, counts.total]
