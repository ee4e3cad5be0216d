"""Sequential detectors: they take one value after another and detect a change of the stream."""

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, ClassVar, Literal, NamedTuple, Protocol

import numpy as np

from simulator.monitors import Floats, MonitorView, Reference, SeriesName
from simulator.monitors._drift import DriftMonitor, DriftResult
from simulator.pipeline.rows import Column, sigmoid

On = Literal["features", "prediction", "errors"]
STEM = {"features": "ml_feature", "prediction": "ml_prediction", "errors": "ml_model_error"}


class StreamDetector(Protocol):
    """A detector with state. It resets with the first value after a drift."""

    def update(self, x: float) -> None:
        """Take the next value."""

    @property
    def drift_detected(self) -> bool:
        """Whether the last value showed a drift."""

    @property
    def result(self) -> DriftResult:
        """The present statistic, and its probability without drift (or NaN)."""


class Increment(NamedTuple):
    """The rows since the last evaluation, of one column or of the model.

    Attributes
    ----------
    values : ndarray
        The mean of the rows; of errors each row, 0 or 1.
    z : float
        The mean's distance from the reference mean, in standard errors.
    """

    values: Floats
    z: float
    rows: int


NO_ROWS = Increment(np.zeros(0), math.nan, 0)


class StreamMonitor(DriftMonitor):
    """Base of detectors with memory.

    An evaluation feeds the rows since the last one (at first, those of `window`): the mean
    of a column, the mean of the predictions, or the errors among the labels joined.

    Class attributes
    ----------------
    has_pvalue : whether its detectors compute one.
    standardized : whether its detectors take standard errors (`z`) instead of values.
    """

    has_pvalue: ClassVar[bool] = True
    standardized: ClassVar[bool] = False

    on: On = "features"
    """The stream it watches: `features`, the `prediction` or the `errors` of labelled rows."""

    def supports(self, column: Column) -> bool:
        """The mean of a category's codes has no meaning."""
        return self.on != "features" or not column.categorical

    def new_detector(self) -> StreamDetector:
        """A fresh detector."""
        raise NotImplementedError

    def series(self, columns: Sequence[Column]) -> list[SeriesName]:
        stem = f"{STEM[self.on]}_{self.kind}"
        tails = ["", *(["_pvalue"] if self.has_pvalue else []), "_rows", "_drift", "_drifts_total"]
        return [(stem + tail, labels) for tail in tails for labels in self._labels(columns)]

    def evaluate(self, view: MonitorView, previous: Floats) -> Floats:
        state, labels = view.state, self._labels(view.columns)
        detectors = state.setdefault("streams", [self.new_detector() for _ in labels])
        totals = state.setdefault("drifts", [0] * len(labels))
        increments = list(self._increments(view, state))
        drifted = []
        for i, (detector, increment) in enumerate(zip(detectors, increments, strict=True)):
            drifts = _feed(detector, self._inputs(increment))
            totals[i] += drifts
            drifted.append(float(drifts > 0))
        results = [detector.result for detector in detectors]
        return np.concatenate([
            [result.value for result in results],
            self.adjusted(results) if self.has_pvalue else [],
            [float(increment.rows) for increment in increments],
            drifted,
            totals,
        ])  # fmt: skip

    def _labels(self, columns: Sequence[Column]) -> list[dict[str, str]]:
        if self.on != "features":
            return [{}]
        return [{"feature": columns[i].name} for i in self.column_indices(columns)]

    def _inputs(self, increment: Increment) -> list[float]:
        if not self.standardized:
            return [float(x) for x in increment.values]
        return [] if math.isnan(increment.z) else [increment.z]

    def _increments(self, view: MonitorView, state: dict[str, Any]) -> Iterator[Increment]:
        now = view.joined_through if self.on == "errors" else view.now
        window = now - state.get("through", now - self.window)
        state["through"] = now
        if window <= 0:
            yield from [NO_ROWS] * len(self._labels(view.columns))
        elif self.on == "errors":
            yield _error_increment(*view.prediction_errors(window))
        elif self.on == "prediction":
            old, new = sigmoid(view.reference_scores(window)), sigmoid(view.scores(window))
            yield _increment((float(old.mean()), float(old.std()), len(old)), new)
        else:
            reference, rows = view.reference(window), view.rows(window)
            for i in self.column_indices(view.columns):
                moments = reference.memoize(("moments", i), partial(_moments, reference, i))
                yield _increment(moments, rows[:, i])


def _feed(detector: StreamDetector, values: list[float]) -> int:
    """Feed a detector its values; the number of drifts that it detected."""
    drifts = 0
    for x in values:
        detector.update(x)
        drifts += detector.drift_detected
    return drifts


def _moments(reference: Reference, i: int) -> tuple[float, float, int]:
    """Mean, standard deviation and rows of a column; NaN where there are none."""
    values = reference.sorted_column(i)
    if not len(values):
        return math.nan, math.nan, 0
    return float(values.mean()), float(values.std()), len(values)


def _increment(reference: tuple[float, float, int], values: Floats) -> Increment:
    values = values[~np.isnan(values)]
    if not len(values):
        return NO_ROWS
    reference_mean, deviation, n = reference
    mean = float(values.mean())
    # Without variance there is no standard error to measure a distance in.
    error = deviation * math.sqrt(1.0 / len(values) + 1.0 / n) if n else 0.0
    z = (mean - reference_mean) / error if error else math.nan
    return Increment(np.array([mean]), z, len(values))


def _error_increment(wrong: Floats, expected: Floats) -> Increment:
    if not len(wrong):
        return NO_ROWS
    variance = float((expected * (1.0 - expected)).sum())
    z = float((wrong - expected).sum()) / math.sqrt(variance) if variance > 0 else math.nan
    return Increment(wrong, z, len(wrong))
