"""Live accuracy, from labels that came back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.monitors import Labelled, Monitor, Seen
from simulator.pipeline.arrays import Floats
from simulator.pipeline.model.learner import auc
from simulator.pipeline.rows import Column
from simulator.registry import part


@part
class Accuracy(Monitor):
    """The share of right predictions among the labels joined in the window, and the AUC.

    It speaks of predictions that are as old as labels take to come. When the label join
    stands still it keeps its value: a flat line is no good news.
    """

    def series(self, columns: Sequence[Column]) -> list[Labelled]:
        return [("ml_model_accuracy", {}), ("ml_model_auc", {}), ("ml_model_labels_in_window", {})]

    def look(self, seen: Seen, before: Floats) -> Floats:
        total, correct, _ = seen.joined(self.window)
        if not total:
            return before
        score, label = seen.labelled(self.window)
        return np.array([correct / total, auc(score, label.astype(np.int8)), total])
