"""Vector matching: the pairs of rows that match, determined once from the label sets."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.promql.errors import PromQLError
from simulator.promql.grouping import GroupingKey, LabelSetIds, by, extended, without
from simulator.promql.growth import ReplanNeeded
from simulator.promql.plan_nodes import NAME
from simulator.telemetry.store import Bools, Ints, Labels, labels_of


class Matching(NamedTuple):
    """A binary operator's matching modifiers."""

    cardinality: str = "one-to-one"  # or "many-to-one", "one-to-many", "many-to-many"
    on: bool = False
    names: tuple[str, ...] = ()
    include: tuple[str, ...] = ()

    def key(self) -> GroupingKey:
        """The labels that matching samples have in common."""
        return by(self.names) if self.on else without(self.names)


class MatchedPairs:
    """Pairs of rows of two vectors that match.

    Attributes
    ----------
    many_rows, one_rows : ndarray of int
        The rows of each pair, in the order of the "many" side.
    labels : list of Labels
        The label set of each pair's result.
    many_count, one_count : int
        Rows of either side so far.

    Examples
    --------
    >>> up, cpu = labels_of(__name__="up", job="a"), labels_of(__name__="cpu", job="a")
    >>> pairs = MatchedPairs(Matching(), keep_name=False)
    >>> pairs.add_rows([up], [cpu]), pairs.labels
    ([0], [(('job', 'a'),)])
    """

    def __init__(self, matching: Matching, keep_name: bool) -> None:
        self.matching, self.keep_name, self.key = matching, keep_name, matching.key()
        self.groups = LabelSetIds()
        self.many_rows = self.one_rows = np.zeros(0, dtype=np.int64)
        self.labels: list[Labels] = []
        self.many_count = self.one_count = 0
        self._one_by_group: dict[int, list[tuple[int, Labels]]] = {}
        self._many_groups: set[int] = set()

    def add_rows(self, many: Sequence[Labels], one_side: Sequence[Labels]) -> list[int]:
        """Append rows of both sides; return the groups of those of the "one" side."""
        one_groups = self.groups.of(map(self.key, one_side))
        # Their pairs would stand between those of earlier rows of the "many" side.
        if not self._many_groups.isdisjoint(one_groups):
            raise ReplanNeeded
        for row, (group, labels) in enumerate(
            zip(one_groups, one_side, strict=True), self.one_count
        ):
            self._one_by_group.setdefault(group, []).append((row, labels))
        many_groups = self.groups.of(map(self.key, many))
        pairs: list[tuple[int, int]] = []
        for row, (group, labels) in enumerate(zip(many_groups, many, strict=True), self.many_count):
            for one_row, one_labels in self._one_by_group.get(group, ()):
                pairs.append((row, one_row))
                self.labels.append(
                    _result_labels(labels, one_labels, self.matching, self.keep_name)
                )
        self._many_groups.update(many_groups)
        self.many_count, self.one_count = (
            self.many_count + len(many),
            self.one_count + len(one_side),
        )
        self.many_rows = extended(self.many_rows, [row for row, _ in pairs])
        self.one_rows = extended(self.one_rows, [row for _, row in pairs])
        return one_groups


def _result_labels(many: Labels, one_side: Labels, matching: Matching, keep_name: bool) -> Labels:
    result = dict(many)
    if not keep_name:
        result.pop(NAME, None)
    if matching.cardinality == "one-to-one":
        names = frozenset(matching.names)
        result = {name: value for name, value in result.items() if (name in names) == matching.on}
    if matching.include:
        one_labels = dict(one_side)
        for name in matching.include:
            result[name] = one_labels.get(name, "")
    return labels_of(result)


class UniquePerGroup:
    """Rejects a match group with two rows present at once.

    Most groups can hold only one row; then there is nothing to check.

    Parameters
    ----------
    message : str
        The error's text; `{found}` stands for two of the rows.
    """

    def __init__(self, rows: Sequence[Labels], message: str) -> None:
        self.rows, self.message = rows, message
        self.group: Ints = np.zeros(0, dtype=np.int64)
        self.needed: bool | None = None

    def add_groups(self, groups: Sequence[int]) -> None:
        """The groups of appended rows; the plan relies on `needed` staying the same."""
        self.group = extended(self.group, groups)
        needed = bool((np.bincount(self.group) > 1).any())
        if needed != self.needed is not None:
            raise ReplanNeeded
        self.needed = needed

    def check(self, present: Bools) -> None:
        """Raise, naming two of the rows."""
        if not self.needed:
            return
        for mask in present:
            counts = np.bincount(self.group[mask])
            if counts.max(initial=0) > 1:
                doubled = int(counts.argmax())
                rows = [r for r in np.flatnonzero(mask).tolist() if self.group[r] == doubled][:2]
                duplicates = ", ".join(format_labels(self.rows[row]) for row in rows)
                raise PromQLError(self.message.format(found=duplicates))


def format_labels(labels: Labels) -> str:
    """A label set as Prometheus prints it.

    Examples
    --------
    >>> format_labels(labels_of(__name__="up", job="api"))
    '{__name__="up", job="api"}'
    """
    return "{" + ", ".join(f'{name}="{value}"' for name, value in labels) + "}"
