"""Which samples of two vectors meet: worked out once from the label sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.promql.errors import PromQLError
from simulator.promql.grouping import Key, Numbering, by, joined, without
from simulator.promql.growth import Anew
from simulator.promql.plan_nodes import NAME
from simulator.telemetry.store import Bools, Ints, Labels, labels_of


class Matching(NamedTuple):
    """A binary operator's modifiers."""

    card: str = "one-to-one"  # "one-to-one", "many-to-one", "one-to-many", "many-to-many"
    on: bool = False
    names: tuple[str, ...] = ()
    include: tuple[str, ...] = ()

    def key(self) -> Key:
        """The labels by which samples meet."""
        return by(self.names) if self.on else without(self.names)


class Pairs:
    """Which rows of two vectors meet; `one` is the side on which they must be unique.

    Attributes
    ----------
    many, one : ndarray of int
        The rows of every pair that can meet, in the order of `many`.
    labels : list of Labels
        Of its result.

    Examples
    --------
    >>> up, cpu = labels_of(__name__="up", job="a"), labels_of(__name__="cpu", job="a")
    >>> pairs = Pairs(Matching(), keep_name=False)
    >>> pairs.take([up], [cpu]), pairs.labels
    ([0], [(('job', 'a'),)])
    """

    def __init__(self, matching: Matching, keep_name: bool) -> None:
        self.matching, self.keep_name, self.key = matching, keep_name, matching.key()
        self.groups = Numbering()
        self.many = self.one = np.zeros(0, dtype=np.int64)
        self.labels: list[Labels] = []
        self.asked = self.offered = 0  # rows of either side so far
        self._offers: dict[int, list[tuple[int, Labels]]] = {}  # rows of `one` by group
        self._askers: set[int] = set()  # groups that rows of `many` are in

    def take(self, many: Sequence[Labels], one: Sequence[Labels]) -> list[int]:
        """More rows of both sides; the groups of those of `one`."""
        groups = self.groups.of(map(self.key, one))
        if not self._askers.isdisjoint(groups):  # with rows of `many` that stand before others
            raise Anew
        for row, (group, labels) in enumerate(zip(groups, one, strict=True), self.offered):
            self._offers.setdefault(group, []).append((row, labels))
        asking = self.groups.of(map(self.key, many))
        found: list[tuple[int, int]] = []
        for row, (group, labels) in enumerate(zip(asking, many, strict=True), self.asked):
            for other, others in self._offers.get(group, ()):
                found.append((row, other))
                self.labels.append(_result(labels, others, self.matching, self.keep_name))
        self._askers.update(asking)
        self.asked, self.offered = self.asked + len(many), self.offered + len(one)
        self.many = joined(self.many, [row for row, _ in found])
        self.one = joined(self.one, [row for _, row in found])
        return groups


def _result(many: Labels, one: Labels, matching: Matching, keep_name: bool) -> Labels:
    kept = dict(many)
    if not keep_name:
        kept.pop(NAME, None)
    if matching.card == "one-to-one":
        names = frozenset(matching.names)
        kept = {name: value for name, value in kept.items() if (name in names) == matching.on}
    if matching.include:
        other = dict(one)
        for name in matching.include:
            kept[name] = other.get(name, "")
    return labels_of(kept)


class Once:
    """Refuses a match group of which two rows are present at once.

    Most groups can hold only one row; then there is nothing to check.
    """

    def __init__(self, rows: Sequence[Labels], complaint: str) -> None:
        self.rows, self.complaint = rows, complaint
        self.group: Ints = np.zeros(0, dtype=np.int64)
        self.needed: bool | None = None

    def take(self, groups: Sequence[int]) -> None:
        """The groups of some more rows; a plan relies on whether checks are `needed`."""
        self.group = joined(self.group, groups)
        needed = bool((np.bincount(self.group) > 1).any())
        if needed != self.needed is not None:
            raise Anew
        self.needed = needed

    def check(self, present: Bools) -> None:
        """Complain, naming two of the rows."""
        if not self.needed:
            return
        for there in present:
            counts = np.bincount(self.group[there])
            if counts.max(initial=0) > 1:
                twice = int(counts.argmax())
                rows = [r for r in np.flatnonzero(there).tolist() if self.group[r] == twice][:2]
                found = ", ".join(shown(self.rows[row]) for row in rows)
                raise PromQLError(self.complaint.format(found=found))


def shown(labels: Labels) -> str:
    """A label set as Prometheus prints it.

    Examples
    --------
    >>> shown(labels_of(__name__="up", job="api"))
    '{__name__="up", job="api"}'
    """
    return "{" + ", ".join(f'{name}="{value}"' for name, value in labels) + "}"
