"""Rows of features and labels that requests ask about, and the laws that bend them.

Real data are thin and their labels late, so a request scores a row of a *pool*: real rows of the
same hour of day over several weeks, each with its own label and the lag of that label. Faults
bend three things: which rows are requested (`MixLaw`), the values that the source delivers
(`RowLaw`) and the true labels (`LabelLaw`); `label_recording` bends the *recorded* labels. A
request gets the uniform that picks its row at its birth, and every law draws by the id of the
request, so that twins see the same customers.
"""

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Bools, Floats, Ints
from simulator.streams import uniforms


@dataclass(frozen=True)
class Column:
    """A column of the rows: numeric, or categorical with codes into `levels`."""

    name: str
    levels: tuple[str, ...] = ()
    by_frequency: tuple[int, ...] = field(default=(), compare=False, repr=False)
    """The codes of the levels, the most frequent in the data first; empty if not counted."""

    @property
    def categorical(self) -> bool:
        """Whether the values are codes."""
        return bool(self.levels)


@dataclass(frozen=True, eq=False)
class RowPool:
    """The rows that requests are drawn from.

    Attributes
    ----------
    columns : tuple of Column, length features
    rows : ndarray, shape (rows, features)
        Categories as codes.
    label : ndarray of int8, shape (rows,)
    lag_ms : ndarray, shape (rows,)
        Time from the request to its label.
    logit : ndarray, shape (rows,)
        Log odds of the label under the law of the data: exact for synthetic rows, fitted
        for real ones.
    effects : ndarray, shape (rows, features)
        The term of each column in the log odds.
    latent : ndarray, shape (rows,)
        Uniforms with label = latent < sigmoid(logit). Under another law the same uniform
        gives another label.
    by_hour : tuple of ndarray
        For each hour of the day, the rows requested in it.
    previous : ndarray of int, shape (rows,), or None
        The previous row of the same entity, -1 for none; None where entities are unknown.
    """

    columns: tuple[Column, ...]
    rows: Floats
    label: NDArray[np.int8]
    lag_ms: Floats
    logit: Floats
    effects: Floats
    latent: Floats
    by_hour: tuple[Ints, ...]
    previous: Ints | None = None
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self  # immutable, and large

    def index(self, column: str) -> int:
        """The index of a column; KeyError if no column has that name."""
        for i, candidate in enumerate(self.columns):
            if candidate.name == column:
                return i
        raise KeyError(column)

    def rows_in_range(self, column: int, low: float, high: float) -> Ints:
        """The rows with a value of the column in [low, high]."""
        key = ("range", column, low, high)
        if key not in self.memo:
            value = self.rows[:, column]
            self.memo[key] = np.flatnonzero((value >= low) & (value <= high))
        indices: Ints = self.memo[key]
        return indices

    def rows_with_label(self, label: int) -> Ints:
        """The rows with a label."""
        key = ("label", label)
        if key not in self.memo:
            self.memo[key] = np.flatnonzero(self.label == label)
        indices: Ints = self.memo[key]
        return indices

    def without_nulls(self, columns: tuple[int, ...]) -> bool:
        """Whether the columns contain no nulls."""
        key = ("without_nulls", columns)
        if key not in self.memo:
            self.memo[key] = not np.isnan(self.rows[:, columns]).any()
        return bool(self.memo[key])

    def std(self, column: int) -> float:
        """The standard deviation of a column."""
        key = ("std", column)
        if key not in self.memo:
            self.memo[key] = float(np.nanstd(self.rows[:, column]))
        return float(self.memo[key])

    def relabelled(self, column: int, factor: float, bias: float = 0.0) -> NDArray[np.int8]:
        """The labels under a law in which the effect of a column is multiplied.

        Parameters
        ----------
        factor : float
            1 changes nothing, 0 removes the effect, -1 reverses it.
        bias : float
            Added to the log odds of every row.

        Returns
        -------
        ndarray of int8, shape (rows,)
        """
        key = ("relabelled", column, factor, bias)
        if key not in self.memo:
            logit = self.logit + (factor - 1.0) * self.effects[:, column] + bias
            self.memo[key] = (self.latent < sigmoid(logit)).astype(np.int8)
        labels: NDArray[np.int8] = self.memo[key]
        return labels


@dataclass(frozen=True)
class RowLaw:
    """In a share of the rows, one column becomes value * factor + offset.

    `null` makes it null instead; `where` (column, low, high) limits the law to a range.
    """

    fault: str
    column: int
    share: float
    factor: float = 1.0
    offset: float = 0.0
    null: bool = False
    where: tuple[int, float, float] | None = None

    def transform(self, values: Floats) -> Floats:
        """The values that the source delivers instead."""
        if self.null:
            return np.full(len(values), np.nan)
        return values * self.factor + self.offset

    def affected(self, rows: Floats, ids: Floats, seed: int) -> Bools:
        """The rows that the law transforms, shape (rows,)."""
        mask: Bools = uniforms(ids, f"rows/{self.fault}", seed) < self.share
        if self.where is not None:
            column, low, high = self.where
            mask &= (rows[:, column] >= low) & (rows[:, column] <= high)
        return mask


@dataclass(frozen=True)
class TruncatedValues(RowLaw):
    """The values lose their decimals."""

    def transform(self, values: Floats) -> Floats:
        return np.trunc(values)


@dataclass(frozen=True)
class CyclicShift(RowLaw):
    """Cyclic values, such as hours of the day, are shifted by `offset` modulo `period`."""

    period: float = 24.0

    def transform(self, values: Floats) -> Floats:
        return (values + self.offset) % self.period


@dataclass(frozen=True, eq=False)
class MixLaw:
    """A share of the requests asks about these rows of the pool instead."""

    fault: str
    share: float
    rows: Ints


@dataclass(frozen=True, eq=False)
class LabelLaw:
    """A share of the rows has the true label in `labels`, shape (pool rows,)."""

    fault: str
    share: float
    labels: NDArray[np.int8]


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), without overflow.

    Examples
    --------
    >>> sigmoid(np.array([0.0, 1000.0])).tolist()
    [0.5, 1.0]
    """
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def bend_rows(
    rows: Floats,
    laws: tuple[RowLaw, ...] | list[RowLaw],
    ids: Floats,
    seed: int,
    hits: dict[str, int],
) -> Bools:
    """Apply the laws to rows in place, in their order, and count the changed rows of each.

    Returns
    -------
    ndarray of bool, shape (rows,)
        The changed rows.
    """
    bent = np.zeros(len(rows), bool)
    for law in laws:
        column = rows[:, law.column]
        changed = np.where(law.affected(rows, ids, seed), law.transform(column), column)
        # A zero in minutes is a zero in hours too: only a changed value counts as a hit.
        differs = (changed != column) & ~np.isnan(column)
        count = int(differs.sum())
        if count:
            hits[law.fault] = hits.get(law.fault, 0) + count
            bent |= differs
        rows[:, law.column] = changed
    return bent
