"""Hyperparameters of a training: those of its rows, and those of its learner."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.model.learner import Learner

# Of the rows of a training, whatever its learner: their greatest age, the age at which a row
# counts half (0: all count the same), and how often a positive row counts.
WINDOW, HALF_LIFE, POSITIVE_WEIGHT = "window", "half_life", "positive_weight"


def declared(learner: Learner, window: int) -> dict[str, Any]:
    """The hyperparameters that a pipeline declares, by name; its window is in ms.

    Examples
    --------
    >>> from simulator.pipeline.model.learner import LogisticLearner
    >>> declared(LogisticLearner(), 60_000)
    {'window': 60000, 'half_life': 0, 'positive_weight': 1.0, 'ridge': 0.001}
    """
    weights = {HALF_LIFE: 0, POSITIVE_WEIGHT: 1.0} if learner.weighs_rows else {}
    return {WINDOW: window, **weights, **learner.hyperparameters}


def of_learner(values: Mapping[str, Any]) -> dict[str, Any]:
    """The hyperparameters that are the learner's own."""
    return {
        name: value
        for name, value in values.items()
        if name not in (WINDOW, HALF_LIFE, POSITIVE_WEIGHT)
    }


def row_weights(
    values: Mapping[str, Any], at: Ints, label: NDArray[np.int8], now: int
) -> Floats | None:
    """How often each row counts in a fit, None if all count once.

    Parameters
    ----------
    values : mapping
        The changed hyperparameters.
    at : ndarray of int, shape (rows,)
        The time of each row, ms.
    label : ndarray of int8, shape (rows,)
    now : int, ms
        The time at which a row counts in full.

    Examples
    --------
    >>> at, label = np.array([0, 30, 60]), np.array([0, 1, 1], np.int8)
    >>> row_weights({"half_life": 30, "positive_weight": 3.0}, at, label, 60).tolist()
    [0.25, 1.5, 3.0]
    """
    half_life, positive = values.get(HALF_LIFE, 0), values.get(POSITIVE_WEIGHT, 1.0)
    if not half_life and positive == 1.0:
        return None
    weight = np.where(label == 1, float(positive), 1.0)
    if half_life:
        weight *= np.exp2((at - now) / half_life)
    return weight
