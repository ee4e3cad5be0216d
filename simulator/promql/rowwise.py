"""Vectors with a row for each row of another, under labels that follow from that row's."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simulator.promql.errors import PromQLError
from simulator.promql.grouping import Numbering, joined
from simulator.promql.growth import Anew, Growing
from simulator.promql.plan_nodes import VectorNode
from simulator.telemetry.store import Bools, Ints, Labels

Rename = Callable[[Labels], Labels]


def as_is(labels: Labels) -> Labels:
    """The same labels."""
    return labels


class SameLabels:
    """Refuses a vector in which two samples present at once carry the same labels.

    Label sets that differ only in a dropped name coincide; most of the time they are unique
    and nothing is left to check.
    """

    def __init__(self) -> None:
        self.numbers = Numbering()
        self.slot: Ints = np.zeros(0, dtype=np.int64)
        self.unique: bool | None = None

    def take(self, rows: Sequence[Labels]) -> None:
        """Some more rows; whether the first ones are `unique` the rest of a plan relies on."""
        self.slot = joined(self.slot, self.numbers.of(rows))
        unique = len(self.numbers) == len(self.slot)
        if unique != self.unique is not None:
            raise Anew
        self.unique = unique

    def check(self, present: Bools) -> None:
        """Complain if one label set is there twice."""
        if self.unique:
            return
        for row in present:
            if np.bincount(self.slot[row]).max(initial=0) > 1:
                raise PromQLError("vector cannot contain metrics with the same labelset")


class Renamed(VectorNode):
    """A row for each row of another node, which may be a range vector."""

    def __init__(self, inner: Growing, rename: Rename, *arguments: Growing) -> None:
        self.labels: list[Labels] = []
        self.rename, self.same = rename, SameLabels()
        self.reads(inner, *arguments)

    def _take(self, new: Sequence[Sequence[Labels]]) -> None:
        rows = [self.rename(row) for row in new[0]]
        self.labels += rows
        self.same.take(rows)
