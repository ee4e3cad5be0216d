"""Models of other people's libraries, behind the same door as our own: rows in, log odds out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Floats
from simulator.pipeline.model.learner import nine_digits
from simulator.pipeline.rows import Column

# A forest may be quite certain; log odds stay finite.
CERTAIN = 1e-9


@dataclass(frozen=True, eq=False)
class Design:
    """How rows become what an estimator takes: no nulls, numbers of one size, levels apart.

    Attributes
    ----------
    columns : tuple of Column
    impute, mean, spread : ndarray, shape (features,)
        What a null is read as, and what numbers are measured in.
    """

    columns: tuple[Column, ...]
    impute: Floats
    mean: Floats
    spread: Floats

    @classmethod
    def of(cls, rows: Floats, columns: tuple[Column, ...]) -> Design:
        """What training rows say of them.

        Examples
        --------
        >>> columns = (Column("x"), Column("shop", ("a", "b")))
        >>> design = Design.of(np.array([[1.0, 0.0], [3.0, 1.0], [np.nan, 1.0]]), columns)
        >>> design.matrix(np.array([[np.nan, np.nan]])).tolist()
        [[0.0, 0.0, 1.0]]
        """
        known = ~np.isnan(rows)
        mean = np.where(known, rows, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        impute = mean.copy()
        for i, column in enumerate(columns):
            if column.categorical:
                codes = rows[known[:, i], i].astype(np.int64)
                impute[i] = np.bincount(codes).argmax() if len(codes) else 0
        spread = np.where(known, rows, impute).std(axis=0)
        return cls(columns, impute, mean, np.where(spread == 0, 1.0, spread))

    def matrix(self, rows: Floats) -> Floats:
        """What the estimator takes, shape (rows, inputs)."""
        filled = np.where(np.isnan(rows), self.impute, rows)
        parts = []
        for i, column in enumerate(self.columns):
            if column.categorical:
                parts.append(filled[:, i, None] == np.arange(len(column.levels)))
            else:
                parts.append((filled[:, i, None] - self.mean[i]) / self.spread[i])
        return np.hstack(parts).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Estimated:
    """A fitted estimator of scikit-learn's kind, never changed after."""

    version: int
    design: Design
    estimator: Any

    def logit(self, rows: Floats) -> Floats:
        """Log odds of the positive class, shape (rows,); of a margin the margin itself."""
        given = self.design.matrix(rows)
        if not hasattr(self.estimator, "predict_proba"):
            return nine_digits(np.asarray(self.estimator.decision_function(given), np.float64))
        p = np.clip(self.estimator.predict_proba(given)[:, 1], CERTAIN, 1.0 - CERTAIN)
        return nine_digits(np.log(p / (1.0 - p)))


@dataclass(frozen=True)
class Fits:
    """Fits an estimator: a learner, as `learner.fit` is one.

    Parameters
    ----------
    make : callable
        Gives a fresh estimator.
    """

    make: Callable[[], Any]

    def __call__(
        self, rows: Floats, label: NDArray[np.int8], columns: tuple[Column, ...], version: int
    ) -> Estimated:
        """Fit a version.

        Raises
        ------
        ValueError
            If there are no rows, or all have one label.
        """
        if len(rows) == 0 or label.min() == label.max():
            raise ValueError("a model needs rows of both labels")
        design = Design.of(rows, columns)
        return Estimated(version, design, self.make().fit(design.matrix(rows), label))
