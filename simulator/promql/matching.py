"""Which samples of two vectors meet: worked out once from the label sets."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np

from simulator.promql.errors import PromQLError
from simulator.promql.grouping import Key, by, without
from simulator.promql.nodes import NAME
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


class Pairs(NamedTuple):
    """Left and right row of every pair that can meet, and the labels of its result."""

    left: Ints
    right: Ints
    labels: list[Labels]


def numbered(left: Sequence[Labels], right: Sequence[Labels], key: Key) -> tuple[Ints, Ints, int]:
    """The number of each row's match group, shared by both sides, and how many there are."""
    first: dict[Hashable, int] = {}
    numbers = [
        np.array([first.setdefault(key(row), len(first)) for row in side], dtype=np.int64)
        for side in (left, right)
    ]
    return numbers[0], numbers[1], len(first)


def pairs(
    many: Sequence[Labels], one: Sequence[Labels], matching: Matching, keep_name: bool
) -> Pairs:
    """All pairs of rows in the same match group; `one` is the side that must be unique.

    Examples
    --------
    >>> up, cpu = labels_of(__name__="up", job="a"), labels_of(__name__="cpu", job="a")
    >>> pairs([up], [cpu], Matching(), keep_name=False).labels
    [(('job', 'a'),)]
    """
    key = matching.key()
    rows: dict[Labels, list[int]] = {}
    for number, labels in enumerate(one):
        rows.setdefault(key(labels), []).append(number)
    left: list[int] = []
    right: list[int] = []
    labels_out: list[Labels] = []
    for number, labels in enumerate(many):
        for other in rows.get(key(labels), ()):
            left.append(number)
            right.append(other)
            labels_out.append(_result(labels, one[other], matching, keep_name))
    return Pairs(np.array(left, dtype=np.int64), np.array(right, dtype=np.int64), labels_out)


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

    def __init__(self, group: Ints, groups: int, rows: Sequence[Labels], complaint: str) -> None:
        self.group, self.groups, self.rows, self.complaint = group, groups, rows, complaint
        self.needed = bool((np.bincount(group, minlength=groups) > 1).any())

    def check(self, present: Bools) -> None:
        """Complain, naming two of the rows."""
        if not self.needed:
            return
        for there in present:
            counts = np.bincount(self.group[there], minlength=self.groups)
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
