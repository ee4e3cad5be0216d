"""What is recorded of what became of a row, and when: not always the truth.

The truth is what objectives are held against. What a team sees, counts and trains on is what
its label source recorded. Each law changes columns of `Records` and says which rows it bit on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Bools, Floats
from simulator.streams import uniforms


@dataclass
class Records:
    """The labels of one tick's requests on their way, as columns of shape (requests,).

    Attributes
    ----------
    ids : ndarray
    rows : ndarray, shape (requests, features)
    positive : ndarray of bool
        What was predicted.
    label : ndarray of int8
        What is recorded.
    lag_ms : ndarray
        How long that takes.
    """

    ids: Floats
    rows: Floats
    positive: Bools
    label: NDArray[np.int8]
    lag_ms: Floats


@dataclass(frozen=True)
class Recording:
    """Base of the laws of recording: a share of the rows is recorded otherwise."""

    fault: str
    share: float

    def bites(self, records: Records, seed: int) -> Bools:
        """The rows that it is about."""
        drawn: Bools = uniforms(records.ids, f"recorded/{self.fault}", seed) < self.share
        return drawn

    def bend(self, records: Records, seed: int) -> Bools:
        """Change the records; which rows it changed."""
        raise NotImplementedError


@dataclass(frozen=True)
class Swapped(Recording):
    """One outcome is recorded as the other; `where` (column, low, high) leaves others alone."""

    label: int
    where: tuple[int, float, float] | None = None

    def bend(self, records: Records, seed: int) -> Bools:
        bit: Bools = self.bites(records, seed) & (records.label == self.label)
        if self.where is not None:
            column, low, high = self.where
            bit &= (records.rows[:, column] >= low) & (records.rows[:, column] <= high)
        records.label[bit] = 1 - self.label
        return bit


@dataclass(frozen=True)
class Delayed(Recording):
    """It is recorded later."""

    by_ms: float

    def bend(self, records: Records, seed: int) -> Bools:
        bit = self.bites(records, seed)
        records.lag_ms[bit] += self.by_ms
        return bit


@dataclass(frozen=True)
class Unjoined(Recording):
    """What is not known within a window is recorded as negative, when the window closes."""

    window_ms: float

    def bend(self, records: Records, seed: int) -> Bools:
        late = self.bites(records, seed) & (records.lag_ms > self.window_ms)
        records.lag_ms[late] = self.window_ms
        changed: Bools = late & (records.label == 1)
        records.label[late] = 0
        return changed


@dataclass(frozen=True)
class Unseen(Recording):
    """Where the model said no, nobody looked: it is recorded as negative."""

    def bend(self, records: Records, seed: int) -> Bools:
        missed: Bools = self.bites(records, seed) & ~records.positive & (records.label == 1)
        records.label[missed] = 0
        return missed


def record(laws: list[Recording], records: Records, seed: int, hits: dict[str, int]) -> Bools:
    """Bend the records by every law, in their order; the rows whose label is not the truth.

    Examples
    --------
    >>> label = np.array([1, 0, 1], np.int8)
    >>> records = Records(np.arange(3.0), np.zeros((3, 1)), label == 0, label, np.full(3, 9.0))
    >>> record([Unjoined("slow", 1.0, 5.0)], records, 1, {}).tolist(), records.label.tolist()
    ([True, False, True], [0, 0, 0])
    """
    truth = records.label.copy()
    for law in laws:
        bit = int(np.count_nonzero(law.bend(records, seed)))
        if bit:
            hits[law.fault] = hits.get(law.fault, 0) + bit
    changed: Bools = records.label != truth
    return changed
