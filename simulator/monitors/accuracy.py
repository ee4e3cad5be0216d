"""Live accuracy, from joined labels."""

from collections.abc import Sequence

import numpy as np

from simulator.monitors import Column, Floats, Monitor, MonitorView, SeriesName, part
from simulator.pipeline.model.learner import auc


@part
class Accuracy(Monitor):
    """The share of correct predictions among the labels joined in the window, and the AUC.

    Its predictions are as old as the label lag. While the label join stands still it keeps
    its value: a flat line is no good news.
    """

    def series(self, columns: Sequence[Column]) -> list[SeriesName]:
        return [("ml_model_accuracy", {}), ("ml_model_auc", {}), ("ml_model_labels_in_window", {})]

    def evaluate(self, view: MonitorView, previous: Floats) -> Floats:
        total, correct, _ = view.label_counts(self.window)
        if not total:
            return previous
        score, label = view.scored_labels(self.window)
        return np.array([correct / total, auc(score, label.astype(np.int8)), total])
