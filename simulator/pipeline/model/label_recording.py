"""The recorded labels and their delays, which may differ from the truth.

Objectives are measured against the truth. A team sees, counts and trains on the records of its
label source. Each law changes columns of `LabelRecords` and returns the changed rows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Bools, Floats
from simulator.streams import uniforms


@dataclass
class LabelRecords:
    """The label records of one tick's requests, as columns of shape (requests,).

    Attributes
    ----------
    rows : ndarray, shape (requests, features)
    positive : ndarray of bool
        Predictions.
    label : ndarray of int8
        Recorded labels.
    lag_ms : ndarray
        Time from the prediction to the record.
    """

    ids: Floats
    rows: Floats
    positive: Bools
    label: NDArray[np.int8]
    lag_ms: Floats


@dataclass(frozen=True)
class RecordingLaw:
    """Base of the laws of recording: a share of the records is changed."""

    fault: str
    share: float

    def affected(self, records: LabelRecords, seed: int) -> Bools:
        """The rows that the law may change."""
        return uniforms(records.ids, f"recorded/{self.fault}", seed) < self.share

    def bend(self, records: LabelRecords, seed: int) -> Bools:
        """Change the records in place; returns the changed rows."""
        raise NotImplementedError


@dataclass(frozen=True)
class FlippedLabels(RecordingLaw):
    """One label is recorded as the other; `where` (column, low, high) limits the rows."""

    label: int
    where: tuple[int, float, float] | None = None

    def bend(self, records: LabelRecords, seed: int) -> Bools:
        flipped: Bools = self.affected(records, seed) & (records.label == self.label)
        if self.where is not None:
            column, low, high = self.where
            flipped &= (records.rows[:, column] >= low) & (records.rows[:, column] <= high)
        records.label[flipped] = 1 - self.label
        return flipped


@dataclass(frozen=True)
class DelayedLabels(RecordingLaw):
    """Labels are recorded later."""

    by_ms: float

    def bend(self, records: LabelRecords, seed: int) -> Bools:
        delayed = self.affected(records, seed)
        records.lag_ms[delayed] += self.by_ms
        return delayed


@dataclass(frozen=True)
class MissedJoins(RecordingLaw):
    """Labels later than a window are recorded as negative when the window closes."""

    window_ms: float

    def bend(self, records: LabelRecords, seed: int) -> Bools:
        late = self.affected(records, seed) & (records.lag_ms > self.window_ms)
        records.lag_ms[late] = self.window_ms
        changed: Bools = late & (records.label == 1)
        records.label[late] = 0
        return changed


@dataclass(frozen=True)
class SelectiveLabels(RecordingLaw):
    """Rows with a negative prediction are never checked, so they are recorded as negative."""

    def bend(self, records: LabelRecords, seed: int) -> Bools:
        missed: Bools = self.affected(records, seed) & ~records.positive & (records.label == 1)
        records.label[missed] = 0
        return missed


def bend_records(
    laws: list[RecordingLaw], records: LabelRecords, seed: int, hits: dict[str, int]
) -> Bools:
    """Apply the laws in their order; returns the rows with a wrong recorded label.

    Examples
    --------
    >>> label = np.array([1, 0, 1], np.int8)
    >>> records = LabelRecords(
    ...     np.arange(3.0), np.zeros((3, 1)), label == 0, label, np.full(3, 9.0))
    >>> bend_records([MissedJoins("slow", 1.0, 5.0)], records, 1, {}).tolist()
    [True, False, True]
    >>> records.label.tolist()
    [0, 0, 0]
    """
    truth = records.label.copy()
    for law in laws:
        count = int(np.count_nonzero(law.bend(records, seed)))
        if count:
            hits[law.fault] = hits.get(law.fault, 0) + count
    changed: Bools = records.label != truth
    return changed
