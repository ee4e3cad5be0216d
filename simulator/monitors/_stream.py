"""Detectors that take one value after another and say when the stream has changed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, ClassVar, Literal, NamedTuple, Protocol

import numpy as np

from simulator.monitors import FeatureMonitor, Labelled, Reference, Seen
from simulator.monitors._batch import Found
from simulator.monitors._corrections import DAY_MS, Correction, Family, corrected
from simulator.pipeline.arrays import Floats
from simulator.pipeline.rows import Column, sigmoid

On = Literal["features", "prediction", "errors"]
STEM = {"features": "ml_feature", "prediction": "ml_prediction", "errors": "ml_model_error"}


class Stream(Protocol):
    """A detector at work. It begins anew with the first value after a drift."""

    def update(self, x: float) -> None:
        """Take the next value."""

    @property
    def drift_detected(self) -> bool:
        """Whether the last value showed a drift."""

    @property
    def found(self) -> Found:
        """What it has come to, and how likely that is without a drift (or NaN)."""


class Group(NamedTuple):
    """What has come since the last look, of one column or of the model.

    Attributes
    ----------
    values : ndarray
        The mean of the rows; of errors each one, 0 or 1.
    z : float
        The mean against the reference rows, in standard errors.
    rows : int
    """

    values: Floats
    z: float
    rows: int


NOBODY = Group(np.zeros(0), math.nan, 0)


class StreamMonitor(FeatureMonitor):
    """Base of detectors with a memory.

    They take what has come since they last looked (at first, what `window` holds): the
    mean of a column, the mean of the predictions, or the errors among labels joined.

    Class attributes
    ----------------
    has_pvalue : whether its streams know one.
    standard : whether its streams take standard errors (`z`) and not the values.
    """

    has_pvalue: ClassVar[bool] = True
    standard: ClassVar[bool] = False

    on: On = "features"
    """What it watches: `features`, the `prediction` or the `errors` of labelled rows."""
    correction: Correction = "holm"
    """How p-values allow for many tests: none, bonferroni, holm or benjamini_hochberg."""
    family: Family = "day"
    """What is corrected for: the columns of one `look`, or those of all looks of a `day`."""

    def suits(self, column: Column) -> bool:
        """The mean of a category's codes means nothing."""
        return self.on != "features" or not column.categorical

    def stream(self) -> Stream:
        """A fresh detector."""
        raise NotImplementedError

    def series(self, columns: Sequence[Column]) -> list[Labelled]:
        stem = f"{STEM[self.on]}_{self.kind}"
        tails = ["", *(["_pvalue"] if self.has_pvalue else []), "_rows", "_drift", "_drifts_total"]
        return [(stem + tail, labels) for tail in tails for labels in self._labels(columns)]

    def look(self, seen: Seen, before: Floats) -> Floats:
        kept, names = seen.memory, self._labels(seen.columns)
        streams = kept.setdefault("streams", [self.stream() for _ in names])
        total = kept.setdefault("drifts", [0] * len(names))
        groups = list(self._groups(seen, kept))
        drift = []
        for i, (stream, group) in enumerate(zip(streams, groups, strict=True)):
            drifts = _feed(stream, self._taken(group))
            total[i] += drifts
            drift.append(float(drifts > 0))
        found = [stream.found for stream in streams]
        looks = max(1.0, DAY_MS / self.every) if self.family == "day" else 1.0
        pvalues = corrected(np.array([one.pvalue for one in found]), self.correction, looks)
        values = [one.value for one in found]
        rows = [float(group.rows) for group in groups]
        return np.concatenate([values, pvalues if self.has_pvalue else [], rows, drift, total])

    def _labels(self, columns: Sequence[Column]) -> list[dict[str, str]]:
        if self.on != "features":
            return [{}]
        return [{"feature": columns[i].name} for i in self.watched(columns)]

    def _taken(self, group: Group) -> list[float]:
        if not self.standard:
            return [float(x) for x in group.values]
        return [] if math.isnan(group.z) else [group.z]

    def _groups(self, seen: Seen, kept: dict[str, Any]) -> Iterator[Group]:
        now = seen.joined_through if self.on == "errors" else seen.now
        window = now - kept.get("through", now - self.window)
        kept["through"] = now
        if window <= 0:
            yield from [NOBODY] * len(self._labels(seen.columns))
        elif self.on == "errors":
            yield _errors(*seen.outcomes(window))
        elif self.on == "prediction":
            old, new = sigmoid(seen.reference_scores(window)), sigmoid(seen.scores(window))
            yield _compared((float(old.mean()), float(old.std()), len(old)), new)
        else:
            reference, rows = seen.reference(window), seen.rows(window)
            for i in self.watched(seen.columns):
                standard = reference.remember(("moments", i), partial(_moments, reference, i))
                yield _compared(standard, rows[:, i])


def _feed(stream: Stream, values: list[float]) -> int:
    """Give a stream its values; how many drifts it found."""
    drifts = 0
    for x in values:
        stream.update(x)
        drifts += stream.drift_detected
    return drifts


def _moments(reference: Reference, i: int) -> tuple[float, float, int]:
    """Mean, standard deviation and rows of a column; NaN where there are none."""
    values = reference.column(i)
    if not len(values):
        return math.nan, math.nan, 0
    return float(values.mean()), float(values.std()), len(values)


def _compared(reference: tuple[float, float, int], values: Floats) -> Group:
    values = values[~np.isnan(values)]
    if not len(values):
        return NOBODY
    mean, spread, n = reference
    level = float(values.mean())
    # Without variance there is no standard to measure a distance in.
    error = spread * math.sqrt(1.0 / len(values) + 1.0 / n) if n else 0.0
    z = (level - mean) / error if error else math.nan
    return Group(np.array([level]), z, len(values))


def _errors(wrong: Floats, expected: Floats) -> Group:
    if not len(wrong):
        return NOBODY
    variance = float((expected * (1.0 - expected)).sum())
    z = float((wrong - expected).sum()) / math.sqrt(variance) if variance > 0 else math.nan
    return Group(wrong, z, len(wrong))
