"""Label sets gathered into groups: for aggregation and for matching."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from simulator.promql.nodes import NAME
from simulator.telemetry.store import Ints, Labels

Key = Callable[[Labels], Labels]
REMEMBERED = 20_000  # label sets of one key


def by(names: Iterable[str]) -> Key:
    """Keeps only these labels (`by`, `on`).

    Examples
    --------
    >>> by(["job"])((("__name__", "up"), ("job", "api")))
    (('job', 'api'),)
    """
    return _remembering(frozenset(names), True)


def without(names: Iterable[str]) -> Key:
    """Keeps all but these and the metric's name (`without`, `ignoring`)."""
    return _remembering(frozenset(names) | {NAME}, False)


@lru_cache(maxsize=1024)
def _remembering(names: frozenset[str], kept: bool) -> Key:
    """A key that knows what it made of a label set before: plans are made again and again."""
    known: dict[Labels, Labels] = {}

    def key(labels: Labels) -> Labels:
        found = known.get(labels)
        if found is None:
            if len(known) >= REMEMBERED:
                known.clear()
            found = tuple([pair for pair in labels if (pair[0] in names) == kept])
            known[labels] = found
        return found

    return key


class Groups(NamedTuple):
    """Which group each row belongs to, and each group's rows as one padded matrix.

    `members` has shape (deepest, groups); the number of rows stands where a group has no more.

    Examples
    --------
    >>> groups = grouped(["a", "b", "a"])
    >>> groups.keys, groups.of.tolist(), groups.members.tolist()
    (['a', 'b'], [0, 1, 0], [[0, 1], [2, 3]])
    """

    keys: list[Hashable]
    of: Ints
    members: Ints
    single: bool  # one group, of every row in order
    alone: bool  # every row is a group of its own, in order


def grouped(keys: Sequence[Hashable]) -> Groups:
    """Rows with equal keys together; groups in the order in which they turn up."""
    first: dict[Hashable, int] = {}
    of = np.array([first.setdefault(key, len(first)) for key in keys], dtype=np.int64)
    counts = np.bincount(of, minlength=len(first))
    members = np.full((int(counts.max(initial=0)), len(first)), len(keys), dtype=np.int64)
    order = np.argsort(of, kind="stable")
    starts = np.cumsum(counts) - counts
    ranks = np.arange(len(keys)) - np.repeat(starts, counts)
    members[ranks, of[order]] = order
    return Groups(list(first), of, members, len(first) == 1, len(first) == len(keys))
