"""Label sets gathered into groups: for aggregation and for vector matching."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from simulator.promql.plan_nodes import NAME
from simulator.telemetry.store import Ints, Labels

GroupingKey = Callable[[Labels], Labels]


def by(names: Iterable[str]) -> GroupingKey:
    """Keeps only these labels (`by`, `on`).

    Examples
    --------
    >>> by(["job"])((("__name__", "up"), ("job", "api")))
    (('job', 'api'),)
    """
    kept = frozenset(names)
    return lambda labels: tuple([pair for pair in labels if pair[0] in kept])


def without(names: Iterable[str]) -> GroupingKey:
    """Drops these labels and the metric's name (`without`, `ignoring`)."""
    dropped = frozenset(names) | {NAME}
    return lambda labels: tuple([pair for pair in labels if pair[0] not in dropped])


class LabelSetIds:
    """Numbers distinct label sets in order of appearance.

    Attributes
    ----------
    labels : list of Labels
        The label set of each id.

    Examples
    --------
    >>> jobs = LabelSetIds()
    >>> jobs.of([(("job", "a"),), (("job", "b"),)]), jobs.of([(("job", "a"),)]), len(jobs)
    ([0, 1], [0], 2)
    """

    def __init__(self) -> None:
        self.labels: list[Labels] = []
        self._ids: dict[Labels, int] = {}

    def __len__(self) -> int:
        return len(self.labels)

    def of(self, label_sets: Iterable[Labels]) -> list[int]:
        """The id of each label set; unknown ones get new ids."""
        ids = self._ids
        result = []
        for labels in label_sets:
            number = ids.get(labels)
            if number is None:
                number = ids[labels] = len(self.labels)
                self.labels.append(labels)
            result.append(number)
        return result


class Groups:
    """The group of each row, and each group's rows as one padded matrix.

    `members` has shape (largest group, groups); the number of rows pads smaller groups.

    Examples
    --------
    >>> groups = Groups(by(["job"]))
    >>> groups.add_rows([(("job", "a"),), (("job", "b"),)])
    >>> groups.add_rows([(("i", "1"), ("job", "a"))])
    >>> groups.labels, groups.of_row.tolist(), groups.members.tolist()
    ([(('job', 'a'),), (('job', 'b'),)], [0, 1, 0], [[0, 1], [2, 3]])
    """

    def __init__(self, key: GroupingKey) -> None:
        self.key, self.ids = key, LabelSetIds()
        self.labels = self.ids.labels
        self.of_row: Ints = np.zeros(0, dtype=np.int64)
        self.members: Ints
        self.single: bool  # one group, of every row in order
        self.one_row_each: bool  # every row is a group of its own, in order

    def add_rows(self, rows: Sequence[Labels]) -> None:
        """Append rows."""
        of_row = self.of_row = extended(self.of_row, self.ids.of(map(self.key, rows)))
        groups = len(self.labels)
        counts = np.bincount(of_row, minlength=groups)
        members = np.full((int(counts.max(initial=0)), groups), len(of_row), dtype=np.int64)
        order = np.argsort(of_row, kind="stable")
        starts = np.cumsum(counts) - counts
        ranks = np.arange(len(of_row)) - np.repeat(starts, counts)
        members[ranks, of_row[order]] = order
        self.members = members
        self.single, self.one_row_each = groups == 1, groups == len(of_row)


def extended(numbers: Ints, more: Sequence[int]) -> Ints:
    """An array with numbers appended."""
    return np.concatenate([numbers, np.array(more, dtype=np.int64)])
