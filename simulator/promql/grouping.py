"""Label sets gathered into groups: for aggregation and for matching."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from simulator.promql.plan_nodes import NAME
from simulator.telemetry.store import Ints, Labels

Key = Callable[[Labels], Labels]


def by(names: Iterable[str]) -> Key:
    """Keeps only these labels (`by`, `on`).

    Examples
    --------
    >>> by(["job"])((("__name__", "up"), ("job", "api")))
    (('job', 'api'),)
    """
    kept = frozenset(names)
    return lambda labels: tuple([pair for pair in labels if pair[0] in kept])


def without(names: Iterable[str]) -> Key:
    """Keeps all but these and the metric's name (`without`, `ignoring`)."""
    dropped = frozenset(names) | {NAME}
    return lambda labels: tuple([pair for pair in labels if pair[0] not in dropped])


class Numbering:
    """Numbers label sets in the order in which they turn up; equal ones have one number.

    Attributes
    ----------
    labels : list of Labels
        The label set of each number.

    Examples
    --------
    >>> jobs = Numbering()
    >>> jobs.of([(("job", "a"),), (("job", "b"),)]), jobs.of([(("job", "a"),)]), len(jobs)
    ([0, 1], [0], 2)
    """

    def __init__(self) -> None:
        self.labels: list[Labels] = []
        self._numbers: dict[Labels, int] = {}

    def __len__(self) -> int:
        return len(self.labels)

    def of(self, some: Iterable[Labels]) -> list[int]:
        """The number of each, new ones where they have none."""
        numbers, labels = self._numbers, self.labels
        found = []
        for one in some:
            number = numbers.get(one)
            if number is None:
                number = numbers[one] = len(labels)
                labels.append(one)
            found.append(number)
        return found


class Groups:
    """Which group each row belongs to, and each group's rows as one padded matrix.

    `members` has shape (deepest, groups); the number of rows stands where a group has no more.

    Examples
    --------
    >>> groups = Groups(by(["job"]))
    >>> groups.take([(("job", "a"),), (("job", "b"),)])
    >>> groups.take([(("i", "1"), ("job", "a"))])
    >>> groups.labels, groups.of.tolist(), groups.members.tolist()
    ([(('job', 'a'),), (('job', 'b'),)], [0, 1, 0], [[0, 1], [2, 3]])
    """

    def __init__(self, key: Key) -> None:
        self.key, self.numbers = key, Numbering()
        self.labels = self.numbers.labels
        self.of: Ints = np.zeros(0, dtype=np.int64)
        self.members: Ints
        self.single: bool  # one group, of every row in order
        self.alone: bool  # every row is a group of its own, in order

    def take(self, rows: Sequence[Labels]) -> None:
        """Some more rows."""
        of = self.of = joined(self.of, self.numbers.of(map(self.key, rows)))
        groups = len(self.labels)
        counts = np.bincount(of, minlength=groups)
        members = np.full((int(counts.max(initial=0)), groups), len(of), dtype=np.int64)
        order = np.argsort(of, kind="stable")
        starts = np.cumsum(counts) - counts
        ranks = np.arange(len(of)) - np.repeat(starts, counts)
        members[ranks, of[order]] = order
        self.members = members
        self.single, self.alone = groups == 1, groups == len(of)


def joined(numbers: Ints, more: Sequence[int]) -> Ints:
    """Numbers and more of them."""
    return np.concatenate([numbers, np.array(more, dtype=np.int64)])
