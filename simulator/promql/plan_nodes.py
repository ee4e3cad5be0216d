"""The plan of a query: a tree of nodes with static label sets and changing values.

At planning time a node fixes every label set that it can yield (`labels`). Evaluation yields,
for each evaluation time and label set, a value and whether it is present: comparisons,
staleness markers and gaps only clear presence bits, so a plan stays valid while samples come,
and grows when series do.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from simulator.promql.growth import Growing, ReplanNeeded
from simulator.promql.window import Kernel, KernelResult, Window
from simulator.telemetry.store import Bools, Floats, Ints, Labels

NAME = "__name__"


class EvalTimes(NamedTuple):
    """Evaluation times, ms, and the bounds that `@ start()` and `@ end()` refer to."""

    ms: Ints
    start: int
    end: int

    @staticmethod
    def at(t: int) -> EvalTimes:
        """The single time of an instant query."""
        return _instant(t)

    def with_ms(self, ms: Ints) -> EvalTimes:
        """Other evaluation times of the same query."""
        return EvalTimes(ms, self.start, self.end)


@lru_cache(maxsize=64)  # rules of a group share their evaluation time
def _instant(t: int) -> EvalTimes:
    ms = np.array([t], dtype=np.int64)
    ms.flags.writeable = False
    return EvalTimes(ms, t, t)


class Vectors(NamedTuple):
    """Values and presence, each of shape (evaluation times, label sets)."""

    values: Floats
    present: Bools


class VectorNode(Growing, ABC):
    """A node that yields an instant vector."""

    order: str = ""  # order of an instant query's result: "", "asc", "desc"
    cannot_fail: bool = False  # never raises: need not be evaluated if its values are unused

    @abstractmethod
    def at(self, times: EvalTimes) -> Vectors:
        """The vector at each evaluation time."""


class ScalarNode(Growing, ABC):
    """A node that yields one number at each evaluation time."""

    cannot_fail: bool = False

    @abstractmethod
    def at(self, times: EvalTimes) -> Floats:
        """The number at each evaluation time, shape (times,)."""

    def column(self, times: EvalTimes) -> Floats:
        """The same, shaped to broadcast over (times, label sets)."""
        return self.at(times)[:, None]


class RangeNode(Growing, ABC):
    """A node that yields a range vector: at one time, a window per group of series."""

    range_ms: int

    @abstractmethod
    def windows(self, t: int, times: EvalTimes) -> list[tuple[slice | Ints, Window]]:
        """The windows that end at t, each with the rows of its columns."""

    def rolling(self, times: EvalTimes) -> list[tuple[slice | Ints, Window]] | None:
        """The windows of all evaluation times side by side; None if their shapes differ."""
        return None

    def apply(
        self, kernel: Kernel, arguments: Sequence[float], t: int, times: EvalTimes
    ) -> Iterator[tuple[slice | Ints, KernelResult | None]]:
        """The kernel's result on each window, with the window's rows; None without samples."""
        for rows, window in self.windows(t, times):
            yield rows, None if window.empty else kernel(window, arguments)


class EmptyVector(VectorNode):
    """A vector without possible samples: no series for it exists yet."""

    cannot_fail = True

    def __init__(self, inner: VectorNode) -> None:
        self.read_from(inner)

    def _add_rows(self, new: Sequence[Sequence[Labels]]) -> None:
        if new[0]:
            raise ReplanNeeded

    def at(self, times: EvalTimes) -> Vectors:
        shape = (len(times.ms), 0)
        return Vectors(np.zeros(shape), np.zeros(shape, dtype=bool))


class StringNode(Growing):
    """A string literal; only a function's argument or a whole query may be one."""

    def __init__(self, text: str) -> None:
        self.text = text


Node = VectorNode | ScalarNode | RangeNode | StringNode


class NumberNode(ScalarNode):
    """A number literal."""

    cannot_fail = True

    def __init__(self, value: float) -> None:
        self.value = np.array([value])

    def at(self, times: EvalTimes) -> Floats:
        return self.value.repeat(len(times.ms))

    def column(self, times: EvalTimes) -> Floats:
        return self.value


@lru_cache(maxsize=50_000)
def without_name(labels: Labels) -> Labels:
    """The labels without the metric's name."""
    if labels and labels[0][0] == NAME:  # sorts before any other legal label
        return labels[1:]
    return tuple(pair for pair in labels if pair[0] != NAME)
