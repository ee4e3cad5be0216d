"""The plan of a query: a tree of nodes whose label sets are static and whose values are not.

A node knows at planning time every label set that it can ever yield (`labels`). Evaluating it
yields, for each asked time and label set, a value and whether it is there (`present`):
comparisons, stale markers and gaps only clear bits, so a plan stays warm while samples come.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from simulator.promql.errors import PromQLError
from simulator.promql.window import Kernel, Window
from simulator.telemetry.store import Bools, Floats, Ints, Labels

NAME = "__name__"


class Times(NamedTuple):
    """When to evaluate: the times, ms, and the bounds that `@ start()` and `@ end()` mean."""

    ms: Ints
    start: int
    end: int

    @staticmethod
    def at(t: int) -> Times:
        """The single moment of an instant query."""
        return _moment(t)

    def moved(self, ms: Ints) -> Times:
        """Other moments of the same query."""
        return Times(ms, self.start, self.end)


@lru_cache(maxsize=64)  # rules ask many times for the same one
def _moment(t: int) -> Times:
    ms = np.array([t], dtype=np.int64)
    ms.flags.writeable = False
    return Times(ms, t, t)


class Batch(NamedTuple):
    """Values and presence, each of shape (times, label sets)."""

    values: Floats
    present: Bools


class VectorNode(ABC):
    """Something that yields an instant vector."""

    labels: Sequence[Labels]
    order: str = ""  # how an instant query lists it: "", "asc", "desc"
    sure: bool = False  # can not be refused: whoever has no use for its values need not ask

    @abstractmethod
    def at(self, times: Times) -> Batch:
        """The values at each of the times."""


class ScalarNode(ABC):
    """Something that yields one number at each time."""

    sure: bool = False

    @abstractmethod
    def at(self, times: Times) -> Floats:
        """The number at each of the times, shape (times,)."""

    def column(self, times: Times) -> Floats:
        """The same beside a vector: it broadcasts over (times, label sets)."""
        return self.at(times)[:, None]


class RangeNode(ABC):
    """Something that yields a range vector: for one moment, a window for each group of series."""

    labels: list[Labels]
    range_ms: int

    @abstractmethod
    def windows(self, t: int, times: Times) -> list[Window]:
        """The samples before t; the windows' columns are `labels`, in order."""

    def through(
        self, kernel: Kernel, given: Sequence[float], t: int, times: Times
    ) -> Iterator[tuple[int, tuple[Floats, Bools] | None]]:
        """Window by window how many columns, and what the kernel makes of them; None: no sample."""
        for window in self.windows(t, times):
            yield window.columns, None if window.empty else kernel(window, given)


class Nothing(VectorNode):
    """A vector that can not have a sample: there are no series for it."""

    labels = ()
    sure = True

    def at(self, times: Times) -> Batch:
        return nothing(times, 0)


def nothing(times: Times, columns: int) -> Batch:
    """No sample under any of so many label sets."""
    shape = (len(times.ms), columns)
    return Batch(np.zeros(shape), np.zeros(shape, dtype=bool))


class StringNode:
    """A string literal; only functions' arguments and whole queries may be one."""

    def __init__(self, text: str) -> None:
        self.text = text


Node = VectorNode | ScalarNode | RangeNode | StringNode


class Number(ScalarNode):
    """A number literal."""

    sure = True

    def __init__(self, value: float) -> None:
        self.value = np.array([value])

    def at(self, times: Times) -> Floats:
        return self.value.repeat(len(times.ms))

    def column(self, times: Times) -> Floats:
        return self.value


class SameLabels:
    """Refuses a vector in which two samples present at once carry the same labels.

    Label sets that differ only in a dropped name coincide; most of the time they are unique
    and nothing is left to check.
    """

    def __init__(self, labels: Sequence[Labels]) -> None:
        first: dict[Labels, int] = {}
        self.slot = np.array([first.setdefault(row, len(first)) for row in labels], dtype=np.int64)
        self.slots = len(first)
        self.unique = len(first) == len(labels)

    def check(self, present: Bools) -> None:
        """Complain if one label set is there twice."""
        if self.unique:
            return
        for row in present:
            if np.bincount(self.slot[row], minlength=self.slots).max(initial=0) > 1:
                raise PromQLError("vector cannot contain metrics with the same labelset")


@lru_cache(maxsize=50_000)
def without_name(labels: Labels) -> Labels:
    """The labels less the metric's name."""
    if labels and labels[0][0] == NAME:  # sorts before any other legal label
        return labels[1:]
    return tuple(pair for pair in labels if pair[0] != NAME)
