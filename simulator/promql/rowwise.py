"""Nodes with a row for each row of their input, under labels derived from that row's."""

from collections.abc import Callable, Sequence

import numpy as np

from simulator.promql.errors import PromQLError
from simulator.promql.grouping import LabelSetIds, extended
from simulator.promql.growth import Growing, ReplanNeeded
from simulator.promql.plan_nodes import VectorNode
from simulator.telemetry.store import Bools, Ints, Labels

Relabel = Callable[[Labels], Labels]


def same_labels(labels: Labels) -> Labels:
    """The identity."""
    return labels


class UniqueLabelSets:
    """Rejects a vector in which two samples present at once have the same labels.

    Label sets that differ only in a dropped name coincide; mostly they are unique and nothing
    is left to check.
    """

    def __init__(self) -> None:
        self.ids = LabelSetIds()
        self.of_row: Ints = np.zeros(0, dtype=np.int64)
        self.unique: bool | None = None

    def add_rows(self, rows: Sequence[Labels]) -> None:
        """Append rows; the plan relies on `unique` staying what it was at planning time."""
        self.of_row = extended(self.of_row, self.ids.of(rows))
        unique = len(self.ids) == len(self.of_row)
        if unique != self.unique is not None:
            raise ReplanNeeded
        self.unique = unique

    def check(self, present: Bools) -> None:
        """Raise if a label set is present twice."""
        if self.unique:
            return
        for row in present:
            if np.bincount(self.of_row[row]).max(initial=0) > 1:
                raise PromQLError("vector cannot contain metrics with the same labelset")


class RowwiseNode(VectorNode):
    """A row for each row of another node, which may be a range vector."""

    def __init__(self, inner: Growing, relabel: Relabel, *arguments: Growing) -> None:
        self.labels: list[Labels] = []
        self.relabel, self.label_sets = relabel, UniqueLabelSets()
        self.read_from(inner, *arguments)

    def _add_rows(self, new: Sequence[Sequence[Labels]]) -> None:
        rows = [self.relabel(row) for row in new[0]]
        self.labels += rows
        self.label_sets.add_rows(rows)
