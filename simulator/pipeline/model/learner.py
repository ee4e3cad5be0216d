"""The model: a logistic regression by Newton steps, fitted on real rows.

Logistic regression is the fast default because it shows drift: measured, a mean shift
costs it 19 points of accuracy where gradient boosting hides all but 4, at a fortieth of
the cost a row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Floats
from simulator.pipeline.rows import Column, sigmoid

NEWTON_STEPS = 12
RIDGE = 1e-3  # keeps the normal equations solvable for a level that was never seen


class Predictor(Protocol):
    """A version of the model, whatever it is: it says how likely rows are positive."""

    @property
    def version(self) -> int:
        """Its number in the registry."""
        ...

    def logit(self, rows: Floats) -> Floats:
        """Log odds of the positive class, shape (rows,)."""
        ...


# Rows, labels, columns and a version: what fits a version of the model.
Learner = Callable[[Floats, NDArray[np.int8], tuple[Column, ...], int], Predictor]


@dataclass(frozen=True, eq=False)
class Model:
    """A fitted logistic regression, never changed after.

    Attributes
    ----------
    version : int
    intercept : float
    slope : ndarray, shape (features,)
        Of numeric columns, per unit of the column; 0 for categorical ones.
    impute : ndarray, shape (features,)
        What a null is read as: the mean of the training rows.
    levels : mapping of int to ndarray
        Column number to what each code adds; the last one is a level that was never seen,
        which counts as the first.
    """

    version: int
    intercept: float
    slope: Floats
    impute: Floats
    levels: dict[int, Floats]

    def effects(self, rows: Floats) -> Floats:
        """What each column adds to the log odds, shape (rows, features)."""
        filled = np.where(np.isnan(rows), self.impute, rows)
        effect = (filled - self.impute) * self.slope
        for column, adds in self.levels.items():
            effect[:, column] = adds[filled[:, column].astype(np.int64)]
        return effect

    def logit(self, rows: Floats) -> Floats:
        """Log odds of the positive class.

        Parameters
        ----------
        rows : ndarray, shape (rows, features)
            Nulls are NaN.

        Returns
        -------
        ndarray, shape (rows,)
        """
        total = rows @ self.slope + self.intercept
        if np.isnan(total).any():
            rows = np.where(np.isnan(rows), self.impute, rows)
            total = rows @ self.slope + self.intercept
        for column, adds in self.levels.items():
            total = total + adds[rows[:, column].astype(np.int64)]
        return total


def fit(rows: Floats, label: NDArray[np.int8], columns: tuple[Column, ...], version: int) -> Model:
    """Fit a model.

    Parameters
    ----------
    rows : ndarray, shape (rows, features)
        Categories as codes, nulls as NaN: they are read as the column's mean.
    label : ndarray of int8, shape (rows,)
    columns : tuple of Column, length features
    version : int

    Returns
    -------
    Model
        Weights rounded to 9 significant digits: across processors exp and matmul differ
        in the last bits.

    Raises
    ------
    ValueError
        If there are no rows, or all have one label.

    Examples
    --------
    >>> x = np.linspace(-2, 2, 400)[:, None]
    >>> model = fit(x, (x[:, 0] > 0.5).astype(np.int8), (Column("x"),), 1)
    >>> (model.logit(np.array([[0.0], [1.0]])) > 0).tolist()
    [False, True]
    """
    if len(rows) == 0 or label.min() == label.max():
        raise ValueError("a model needs rows of both labels")
    numeric = [i for i, column in enumerate(columns) if not column.categorical]
    coded = [i for i, column in enumerate(columns) if column.categorical]
    count = np.maximum((~np.isnan(rows)).sum(axis=0), 1)
    mean = np.nansum(rows, axis=0) / count
    impute = mean.copy()
    for i in coded:
        codes = rows[:, i][~np.isnan(rows[:, i])].astype(np.int64)
        impute[i] = np.bincount(codes).argmax() if len(codes) else 0
    filled = np.where(np.isnan(rows), impute, rows)
    spread = filled.std(axis=0)
    spread[spread == 0] = 1.0
    parts = [np.ones((len(rows), 1)), ((filled - mean) / spread)[:, numeric]]
    parts += [_one_hot(filled[:, i], len(columns[i].levels)) for i in coded]
    weights = _newton(np.hstack(parts).astype(np.float64), label.astype(np.float64))
    slope = np.zeros(len(columns))
    slope[numeric] = weights[1 : 1 + len(numeric)] / spread[numeric]
    levels, at = {}, 1 + len(numeric)
    for i in coded:
        others = len(columns[i].levels) - 1
        levels[i] = nine_digits(np.concatenate([[0.0], weights[at : at + others], [0.0]]))
        at += others
    slope = nine_digits(slope)
    intercept = nine_digits(np.array([weights[0] - mean @ slope]))[0]
    return Model(version, float(intercept), slope, nine_digits(impute), levels)


def _one_hot(codes: Floats, levels: int) -> Floats:
    # The first level is what the others are compared with.
    hot: Floats = (codes.astype(np.int64)[:, None] == np.arange(1, levels)).astype(np.float64)
    return hot


def _newton(design: Floats, label: Floats) -> Floats:
    weights, half = np.zeros(design.shape[1]), np.empty_like(design)
    ridge = RIDGE * np.eye(design.shape[1])
    for _ in range(NEWTON_STEPS):
        p = sigmoid(np.clip(design @ weights, -30.0, 30.0))
        w = p * (1.0 - p) + 1e-9
        # A matrix times itself is symmetric: half of the work, as BLAS knows.
        np.multiply(design, np.sqrt(w)[:, None], out=half)
        step = np.linalg.solve(half.T @ half + ridge, design.T @ (label - p) - ridge @ weights)
        weights = weights + step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def accuracy(model: Predictor, rows: Floats, label: NDArray[np.int8]) -> float:
    """The share of rows whose label the model gets right, NaN over no rows."""
    if len(rows) == 0:
        return float("nan")
    return float(((model.logit(rows) > 0) == (label == 1)).mean())


def auc(score: Floats, label: NDArray[np.int8]) -> float:
    """Area under the ROC curve, ties counted half, NaN where a class is missing.

    Examples
    --------
    >>> auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1], np.int8))
    0.75
    """
    positive = int((label == 1).sum())
    negative = len(label) - positive
    if not positive or not negative:
        return float("nan")
    # For every positive, the negatives below it, and half of those beside it.
    others = np.sort(score[label != 1])
    ours = np.sort(score[label == 1])  # in order, the searches are near each other
    below = others.searchsorted(ours, side="left").sum()
    upto = others.searchsorted(ours, side="right").sum()
    return float((below + upto) / 2.0 / (positive * negative))


def nine_digits(values: Floats) -> Floats:
    """Round to 9 significant digits."""
    scale = np.where(values == 0, 1.0, 10.0 ** (8 - np.floor(np.log10(np.abs(values) + 1e-300))))
    rounded: Floats = np.where(values == 0, 0.0, np.round(values * scale) / scale)
    return rounded
