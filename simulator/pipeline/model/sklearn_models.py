"""Models of scikit-learn with the interface of the built-in one: rows in, log odds out."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Floats
from simulator.pipeline.model.learner import (
    check_both_labels,
    round_to_9_digits,
    training_statistics,
)
from simulator.pipeline.rows import Column

# A forest may predict 0 or 1; clipped, the log odds stay finite.
MIN_PROBABILITY = 1e-9


@dataclass(frozen=True, eq=False)
class Preprocessor:
    """Imputes nulls, scales numbers and one-hot encodes categories.

    Attributes
    ----------
    impute, mean, spread : ndarray, shape (features,)
        The value for a null; the centre and the scale of numbers.
    """

    columns: tuple[Column, ...]
    impute: Floats
    mean: Floats
    spread: Floats

    @classmethod
    def fit(cls, rows: Floats, columns: tuple[Column, ...], weight: Floats | None = None) -> Self:
        """The preprocessor of training rows.

        Examples
        --------
        >>> columns = (Column("x"), Column("shop", ("a", "b")))
        >>> rows = np.array([[1.0, 0.0], [3.0, 1.0], [np.nan, 1.0]])
        >>> Preprocessor.fit(rows, columns).transform(np.array([[np.nan, np.nan]])).tolist()
        [[0.0, 0.0, 1.0]]
        """
        return cls(columns, *training_statistics(rows, columns, weight))

    def transform(self, rows: Floats) -> Floats:
        """The inputs of the estimator, shape (rows, inputs)."""
        filled = np.where(np.isnan(rows), self.impute, rows)
        parts = []
        for i, column in enumerate(self.columns):
            if column.categorical:
                parts.append(filled[:, i, None] == np.arange(len(column.levels)))
            else:
                parts.append((filled[:, i, None] - self.mean[i]) / self.spread[i])
        return np.hstack(parts).astype(np.float64)


@dataclass(frozen=True, eq=False)
class FittedEstimator:
    """A fitted classifier of scikit-learn; immutable."""

    version: int
    preprocessor: Preprocessor
    estimator: Any

    def logit(self, rows: Floats) -> Floats:
        """Log odds of the positive class, or the margin of a classifier without probabilities."""
        inputs = self.preprocessor.transform(rows)
        if not hasattr(self.estimator, "predict_proba"):
            margin = np.asarray(self.estimator.decision_function(inputs), np.float64)
            return round_to_9_digits(margin)
        p = self.estimator.predict_proba(inputs)[:, 1]
        p = np.clip(p, MIN_PROBABILITY, 1.0 - MIN_PROBABILITY)
        return round_to_9_digits(np.log(p / (1.0 - p)))


@dataclass(frozen=True)
class EstimatorLearner:
    """A `Learner` that fits a new estimator for every version."""

    make: Callable[[], Any]

    @property
    def hyperparameters(self) -> Mapping[str, Any]:
        """The parameters of the classifier."""
        return dict(self.make().get_params())

    @property
    def weighs_rows(self) -> bool:
        """Whether the classifier takes weights of rows."""
        return "sample_weight" in inspect.signature(self.make().fit).parameters

    def with_hyperparameters(self, values: Mapping[str, Any]) -> Self:
        """The learner with other parameters; ValueError if the classifier refuses them."""
        if not values:
            return self
        changed = replace(self, make=partial(_make_with, self.make, dict(values)))
        fit_two_rows(changed.make)
        return changed

    def __call__(
        self,
        rows: Floats,
        label: NDArray[np.int8],
        columns: tuple[Column, ...],
        version: int,
        weight: Floats | None = None,
    ) -> FittedEstimator:
        """Fit a version; ValueError if there are no rows, or all have the same label."""
        check_both_labels(label)
        preprocessor = Preprocessor.fit(rows, columns, weight)
        weights = {} if weight is None else {"sample_weight": weight}
        estimator = self.make().fit(preprocessor.transform(rows), label, **weights)
        return FittedEstimator(version, preprocessor, estimator)


def fit_two_rows(make: Callable[[], Any]) -> None:
    """Raise a ValueError if a classifier cannot be made or fitted."""
    try:
        # Scikit-learn validates values only when it fits.
        make().fit([[0.0], [1.0]] * 20, [0, 1] * 20)
    except Exception as error:
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(text) from None


def _make_with(make: Callable[[], Any], values: Mapping[str, Any]) -> Any:
    return make().set_params(**values)
