"""The mean of the predicted probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.monitors import Labelled, Monitor, Seen
from simulator.pipeline.arrays import Floats
from simulator.pipeline.rows import Column, sigmoid
from simulator.registry import part


@part
class PredictionMean(Monitor):
    """What the model says on average: it moves at once, where labels take hours.

    Beside it the mean positive rate of the labels joined in the last day, to compare with.
    """

    def series(self, columns: Sequence[Column]) -> list[Labelled]:
        return [
            ("ml_prediction_mean", {}),
            ("ml_prediction_positive_ratio", {}),
            ("ml_label_positive_ratio", {}),
        ]

    def look(self, seen: Seen, before: Floats) -> Floats:
        scores = seen.scores(self.window)
        total, _, positive = seen.joined(24 * 3_600_000)
        return np.array(
            [
                sigmoid(scores).mean() if len(scores) else np.nan,
                (scores > 0).mean() if len(scores) else np.nan,
                positive / total if total else np.nan,
            ]
        )
