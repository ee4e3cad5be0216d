"""The mean of the predicted probabilities."""

from collections.abc import Sequence

import numpy as np

from simulator.monitors import Floats, Monitor, MonitorView, SeriesName, part
from simulator.pipeline.rows import Column, sigmoid


@part
class PredictionMean(Monitor):
    """The mean prediction: it moves at once, while labels take hours.

    For comparison it also exports the positive rate of the labels joined in the last day.
    """

    def series(self, columns: Sequence[Column]) -> list[SeriesName]:
        return [
            ("ml_prediction_mean", {}),
            ("ml_prediction_positive_ratio", {}),
            ("ml_label_positive_ratio", {}),
        ]

    def evaluate(self, view: MonitorView, previous: Floats) -> Floats:
        scores = view.scores(self.window)
        labels = view.label_counts(24 * 3_600_000)
        return np.array(
            [
                sigmoid(scores).mean() if len(scores) else np.nan,
                view.decisions(self.window).mean() if len(scores) else np.nan,
                labels.positive / labels.total if labels.total else np.nan,
            ]
        )
