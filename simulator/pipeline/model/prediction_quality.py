"""Measures of a model's predictions against labels: accuracy, precision, area under the curve."""

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Floats
from simulator.pipeline.model.learner import Predictor


def accuracy(model: Predictor, rows: Floats, label: NDArray[np.int8], cutoff: float = 0.0) -> float:
    """The share of rows that the model predicts correctly, NaN without rows.

    A prediction is positive if its log odds are above `cutoff`.
    """
    if len(rows) == 0:
        return float("nan")
    return float(((model.logit(rows) > cutoff) == (label == 1)).mean())


def precision(
    model: Predictor, rows: Floats, label: NDArray[np.int8], cutoff: float = 0.0
) -> float:
    """The share of positive predictions with a positive label, NaN without any."""
    positive = model.logit(rows) > cutoff
    return float((label[positive] == 1).mean()) if positive.any() else float("nan")


def auc(score: Floats, label: NDArray[np.int8]) -> float:
    """The area under the ROC curve, ties counted half, NaN if a class is missing.

    Examples
    --------
    >>> auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1], np.int8))
    0.75
    """
    positive = int((label == 1).sum())
    negative = len(label) - positive
    if not positive or not negative:
        return float("nan")
    # For every positive, the negatives below it, and half of its ties.
    negatives = np.sort(score[label != 1])
    positives = np.sort(score[label == 1])  # sorted searches stay near each other in memory
    below = negatives.searchsorted(positives, side="left").sum()
    up_to = negatives.searchsorted(positives, side="right").sum()
    return float((below + up_to) / 2.0 / (positive * negative))
