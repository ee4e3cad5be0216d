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

    @classmethod
    def at(cls, t: int) -> Times:
        """The single moment of an instant query."""
        return cls(np.array([t], dtype=np.int64), t, t)

    def moved(self, ms: Ints) -> Times:
        """Other moments of the same query."""
        return Times(ms, self.start, self.end)


class Batch(NamedTuple):
    """Values and presence, each of shape (times, label sets)."""

    values: Floats
    present: Bools


class VectorNode(ABC):
    """Something that yields an instant vector."""

    labels: Sequence[Labels]
    order: str = ""  # how an instant query lists it: "", "asc", "desc"

    @abstractmethod
    def at(self, times: Times) -> Batch:
        """The values at each of the times."""


class ScalarNode(ABC):
    """Something that yields one number at each time."""

    @abstractmethod
    def at(self, times: Times) -> Floats:
        """The number at each of the times, shape (times,)."""


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


class StringNode:
    """A string literal; only functions' arguments and whole queries may be one."""

    def __init__(self, text: str) -> None:
        self.text = text


Node = VectorNode | ScalarNode | RangeNode | StringNode


class Number(ScalarNode):
    """A number literal."""

    def __init__(self, value: float) -> None:
        self.value = np.array([value])

    def at(self, times: Times) -> Floats:
        return self.value.repeat(len(times.ms))


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
