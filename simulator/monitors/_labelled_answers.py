"""Answers whose label is known, and their confusion matrices."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.pipeline.arrays import Bools, Floats, Ints
from simulator.pipeline.model.labels import LabelCounts


class LabelledAnswers(NamedTuple):
    """Answers with a label, each a column of shape (answers,)."""

    score: Floats  # log odds
    positive: Bools
    label: Bools
    canary: Bools  # scored by the canary

    @property
    def counts(self) -> LabelCounts:
        """Their confusion matrix."""
        return self.counts_by(np.zeros(len(self.label), np.int64), 1)[0]

    def counts_by(self, group: Ints, groups: int) -> list[LabelCounts]:
        """The confusion matrix of each group of the answers, numbered from 0."""
        cell = 4 * group + 2 * self.positive + self.label
        matrix = np.bincount(cell, minlength=4 * groups).reshape(groups, 4).tolist()
        return [
            LabelCounts(float(tn + fn + fp + tp), float(tn + tp), float(fn + tp), float(tp))
            for tn, fn, fp, tp in matrix
        ]

    def among(self, chosen: Bools) -> LabelledAnswers:
        """Those of a part of the rows."""
        score, positive, label, canary = self
        return LabelledAnswers(score[chosen], positive[chosen], label[chosen], canary[chosen])
