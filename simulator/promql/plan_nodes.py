"""The plan of a query: a tree of nodes whose label sets are static and whose values are not.

A node knows at planning time every label set that it can ever yield (`labels`). Evaluating it
yields, for each asked time and label set, a value and whether it is there (`present`):
comparisons, stale markers and gaps only clear bits, so a plan stays warm while samples come,
and grows when series do.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from simulator.promql.growth import Anew, Growing
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


class VectorNode(Growing, ABC):
    """Something that yields an instant vector."""

    order: str = ""  # how an instant query lists it: "", "asc", "desc"
    sure: bool = False  # can not be refused: whoever has no use for its values need not ask

    @abstractmethod
    def at(self, times: Times) -> Batch:
        """The values at each of the times."""


class ScalarNode(Growing, ABC):
    """Something that yields one number at each time."""

    sure: bool = False

    @abstractmethod
    def at(self, times: Times) -> Floats:
        """The number at each of the times, shape (times,)."""

    def column(self, times: Times) -> Floats:
        """The same beside a vector: it broadcasts over (times, label sets)."""
        return self.at(times)[:, None]


class RangeNode(Growing, ABC):
    """Something that yields a range vector: for one moment, a window for each group of series."""

    range_ms: int

    @abstractmethod
    def windows(self, t: int, times: Times) -> list[tuple[slice | Ints, Window]]:
        """The samples before t, and which rows each window's columns are."""

    def rolling(self, times: Times) -> list[tuple[slice | Ints, Window]] | None:
        """The windows of several moments side by side; None where they are not of one kind."""
        return None

    def through(
        self, kernel: Kernel, given: Sequence[float], t: int, times: Times
    ) -> Iterator[tuple[slice | Ints, tuple[Floats, Bools] | None]]:
        """Window by window the rows, and what the kernel makes of them; None: no sample."""
        for rows, window in self.windows(t, times):
            yield rows, None if window.empty else kernel(window, given)


class Nothing(VectorNode):
    """A vector that can not have a sample: there are no series for it yet."""

    sure = True

    def __init__(self, inner: VectorNode) -> None:
        self.reads(inner)

    def _take(self, new: Sequence[Sequence[Labels]]) -> None:
        if new[0]:
            raise Anew

    def at(self, times: Times) -> Batch:
        return nothing(times, 0)


def nothing(times: Times, columns: int) -> Batch:
    """No sample under any of so many label sets."""
    shape = (len(times.ms), columns)
    return Batch(np.zeros(shape), np.zeros(shape, dtype=bool))


class StringNode(Growing):
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


@lru_cache(maxsize=50_000)
def without_name(labels: Labels) -> Labels:
    """The labels less the metric's name."""
    if labels and labels[0][0] == NAME:  # sorts before any other legal label
        return labels[1:]
    return tuple(pair for pair in labels if pair[0] != NAME)
