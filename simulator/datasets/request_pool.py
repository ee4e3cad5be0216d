"""The pool of rows that requests are drawn from."""

import numpy as np

from simulator.datasets.dataset import Dataset
from simulator.pipeline.arrays import Ints
from simulator.pipeline.model import labels
from simulator.pipeline.model.learner import LogisticRegression
from simulator.pipeline.rows import RowPool, sigmoid

# An hour of the day with fewer rows than this borrows those of the neighbouring hours.
ROWS_PER_HOUR = 100


def make_pool(dataset: Dataset, chosen: Ints, law: LogisticRegression) -> RowPool:
    """The pool of some rows of a data set.

    Parameters
    ----------
    chosen : ndarray of int
        The rows that requests may be about.
    law : LogisticRegression
        Replaces the law of the outcome where that is unknown: a fitted model, under which
        each row draws a latent number that agrees with its label.
    """
    rows, label = dataset.rows[chosen], dataset.label[chosen]
    if dataset.logit is None or dataset.effects is None or dataset.latent is None:
        logit, effects = law.logit(rows), law.effects(rows)
        u = np.random.default_rng([0, len(rows)]).random(len(rows))
        p = sigmoid(logit)
        latent = np.where(label == 1, u * p, p + u * (1.0 - p))
    else:
        logit, effects = dataset.logit[chosen], dataset.effects[chosen]
        latent = dataset.latent[chosen]
    return RowPool(
        columns=dataset.columns,
        rows=rows,
        label=label,
        lag_ms=np.minimum(dataset.lag_ms[chosen], labels.LONGEST_LAG),
        logit=logit,
        effects=effects,
        latent=latent,
        by_hour=tuple(_rows_near_hour(dataset.hour[chosen], hour) for hour in range(24)),
        previous=None if dataset.entity is None else _previous(dataset.entity[chosen]),
    )


def _previous(entity: Ints) -> Ints:
    """For each row, in order of time, the row before it of the same entity; -1 for none.

    Examples
    --------
    >>> _previous(np.array([5, 7, 5, -1, -1, 7])).tolist()
    [-1, -1, 0, -1, -1, 1]
    """
    order = np.argsort(entity, kind="stable")
    same = (entity[order][1:] == entity[order][:-1]) & (entity[order][1:] >= 0)
    previous = np.full(len(entity), -1)
    previous[order[1:][same]] = order[:-1][same]
    return previous


def _rows_near_hour(hours: Ints, hour: int) -> Ints:
    distance = np.abs((hours - hour + 12) % 24 - 12)
    for width in range(12):
        near = np.flatnonzero(distance <= width)
        if len(near) >= min(ROWS_PER_HOUR, len(hours)):
            return near
    return np.arange(len(hours))
