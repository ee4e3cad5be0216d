"""Data sets: a frame of dated rows, and the pool that requests are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.model import labels, learner
from simulator.pipeline.model.learner import Learner, Model, Predictor
from simulator.pipeline.rows import Column, Pool, sigmoid

# Fewer rows than this for an hour of day, and the neighbouring hours are taken in.
ROWS_AN_HOUR = 100


@dataclass(frozen=True, eq=False)
class Frame:
    """Dated rows with labels; `logit`, `effects` and `latent` where the law is known.

    `entity` numbers whom each row is about, -1 for nobody known; `notes` say what was
    inferred from a user's file.
    """

    columns: tuple[Column, ...]
    rows: Floats
    label: NDArray[np.int8]
    day: NDArray[Any]  # datetime64[D], shape (rows,)
    hour: Ints
    lag_ms: Floats
    logit: Floats | None = None
    effects: Floats | None = None
    latent: Floats | None = None
    entity: Ints | None = None
    notes: tuple[str, ...] = ()

    def between(self, start: str | None, end: str | None) -> Ints:
        """The rows of days in [start, end)."""
        chosen = np.ones(len(self.rows), bool)
        if start:
            chosen &= self.day >= np.datetime64(start)
        if end:
            chosen &= self.day < np.datetime64(end)
        return np.flatnonzero(chosen)


def make_pool(frame: Frame, chosen: Ints, law: Model) -> Pool:
    """The pool of some rows of a frame.

    Parameters
    ----------
    frame : Frame
    chosen : ndarray of int
        The rows that requests may be about.
    law : Model
        Stands in for the law of the data where that is not known: a fitted model, under
        which each row gets a luck that agrees with its label.
    """
    rows, label = frame.rows[chosen], frame.label[chosen]
    if frame.logit is None or frame.effects is None or frame.latent is None:
        logit, effects = law.logit(rows), law.effects(rows)
        luck = np.random.default_rng([0, len(rows)]).random(len(rows))
        p = sigmoid(logit)
        latent = np.where(label == 1, luck * p, p + luck * (1.0 - p))
    else:
        logit, effects, latent = frame.logit[chosen], frame.effects[chosen], frame.latent[chosen]
    return Pool(
        columns=frame.columns,
        rows=rows,
        label=label,
        lag_ms=np.minimum(frame.lag_ms[chosen], labels.LONGEST_LAG),
        logit=logit,
        effects=effects,
        latent=latent,
        by_hour=tuple(_of_hour(frame.hour[chosen], hour) for hour in range(24)),
        previous=None if frame.entity is None else _previous(frame.entity[chosen]),
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
    found = np.full(len(entity), -1)
    found[order[1:][same]] = order[:-1][same]
    return found


def _of_hour(hours: Ints, hour: int) -> Ints:
    for width in range(12):
        apart = np.abs((hours - hour + 12) % 24 - 12)
        found = np.flatnonzero(apart <= width)
        if len(found) >= min(ROWS_AN_HOUR, len(hours)):
            return found
    return np.arange(len(hours))


def fit_versions(
    frame: Frame, chosen: Ints, versions: list[int], fit: Learner = learner.fit
) -> dict[int, Predictor]:
    """Models of several versions: the later, the later the rows that they have seen.

    Version by version the window of two thirds of the rows moves on, so that any two of
    them differ as two weekly retrains do.
    """
    order = chosen[np.argsort(frame.day[chosen], kind="stable")]
    width = max(1, 2 * len(order) // 3)
    models: dict[int, Predictor] = {}
    for place, version in enumerate(sorted(versions)):
        last = max(1, len(versions) - 1)
        start = (len(order) - width) * place // last if len(versions) > 1 else 0
        window = order[start : start + width]
        models[version] = fit(frame.rows[window], frame.label[window], frame.columns, version)
    return models
