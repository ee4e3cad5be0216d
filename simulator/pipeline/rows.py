"""Rows: who asks, what the source says of them, and what really becomes of them.

Real data are thin and late, so a request scores a row of a *pool*: real rows of the same
hour of day over several weeks, each with its own label and the time that label took.
Faults bend three things: which rows ask (`MixLaw`), what is said of them (`RowLaw`) and
what becomes of them (`LabelLaw`); what is *recorded* of that is bent in `recording`. A
request carries the uniform that picks its row from birth, and every law draws by the
request's own id, so that twins see the same customers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Floats, Ints
from simulator.streams import uniforms


@dataclass(frozen=True)
class Column:
    """A column of the rows: numeric, or categorical with codes into `levels`."""

    name: str
    levels: tuple[str, ...] = ()

    @property
    def categorical(self) -> bool:
        """Whether its numbers are codes."""
        return bool(self.levels)


@dataclass(frozen=True, eq=False)
class Pool:
    """The rows that requests are drawn from.

    Attributes
    ----------
    columns : tuple of Column, length features
    rows : ndarray, shape (rows, features)
        Categories as codes.
    label : ndarray of int8, shape (rows,)
    lag_ms : ndarray, shape (rows,)
        How long after the request each label is known.
    logit : ndarray, shape (rows,)
        Log odds of the label under the law of the data: known for synthetic rows, fitted
        for real ones.
    effects : ndarray, shape (rows, features)
        What each column adds to the log odds.
    latent : ndarray, shape (rows,)
        Uniforms with label = latent < sigmoid(logit): each row's luck. Under another law
        the same luck gives another label.
    by_hour : tuple of ndarray
        For each hour of the day, the rows that ask then.
    previous : ndarray of int, shape (rows,), or None
        The row before of the same entity, -1 for none; None where entities are not known.
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

    def __deepcopy__(self, memo: dict[int, Any]) -> Pool:
        return self  # immutable, and large

    def index(self, column: str) -> int:
        """The number of a column.

        Raises
        ------
        KeyError
            If there is none of that name.
        """
        for number, each in enumerate(self.columns):
            if each.name == column:
                return number
        raise KeyError(column)

    def segment(self, column: int, low: float, high: float) -> Ints:
        """The rows whose value lies in [low, high]."""
        key = ("segment", column, low, high)
        if key not in self.memo:
            value = self.rows[:, column]
            self.memo[key] = np.flatnonzero((value >= low) & (value <= high))
        found: Ints = self.memo[key]
        return found

    def of_label(self, label: int) -> Ints:
        """The rows with that label."""
        key = ("label", label)
        if key not in self.memo:
            self.memo[key] = np.flatnonzero(self.label == label)
        found: Ints = self.memo[key]
        return found

    def whole(self, columns: tuple[int, ...]) -> bool:
        """Whether these columns are without nulls."""
        key = ("whole", columns)
        if key not in self.memo:
            self.memo[key] = not np.isnan(self.rows[:, columns]).any()
        return bool(self.memo[key])

    def spread(self, column: int) -> float:
        """The standard deviation of a column."""
        key = ("spread", column)
        if key not in self.memo:
            self.memo[key] = float(np.nanstd(self.rows[:, column]))
        return float(self.memo[key])

    def relabelled(self, column: int, factor: float, bias: float = 0.0) -> NDArray[np.int8]:
        """The labels if the column's effect on the outcome were `factor` times itself.

        Parameters
        ----------
        column : int
        factor : float
            1 changes nothing, 0 removes the effect, -1 reverses it.
        bias : float
            Added to everybody's log odds.

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
    """A share of the rows says something else in one column: value * factor + offset.

    `null` makes it a null instead, `where` (column, low, high) leaves all other rows alone.
    """

    fault: str
    column: int
    share: float
    factor: float = 1.0
    offset: float = 0.0
    null: bool = False
    where: tuple[int, float, float] | None = None

    def says(self, value: Floats) -> Floats:
        """What is said instead of these values."""
        if self.null:
            return np.full(len(value), np.nan)
        return value * self.factor + self.offset

    def bites(self, rows: Floats, ids: Floats, seed: int) -> NDArray[np.bool_]:
        """The rows that it is about, shape (rows,)."""
        bit: NDArray[np.bool_] = uniforms(ids, f"rows/{self.fault}", seed) < self.share
        if self.where is not None:
            column, low, high = self.where
            bit &= (rows[:, column] >= low) & (rows[:, column] <= high)
        return bit


@dataclass(frozen=True)
class Whole(RowLaw):
    """What stands behind the decimal point is lost."""

    def says(self, value: Floats) -> Floats:
        return np.trunc(value)


@dataclass(frozen=True)
class Turned(RowLaw):
    """Values go round, as hours of the day do: `offset` on, and from `turn` back to 0."""

    turn: float = 24.0

    def says(self, value: Floats) -> Floats:
        return (value + self.offset) % self.turn


@dataclass(frozen=True, eq=False)
class MixLaw:
    """A share of the requests is about other rows of the pool."""

    fault: str
    share: float
    rows: Ints


@dataclass(frozen=True, eq=False)
class LabelLaw:
    """A share of the rows has the label `becomes` (shape (pool rows,)) in truth."""

    fault: str
    share: float
    becomes: NDArray[np.int8]


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
) -> NDArray[np.bool_]:
    """Change rows in place as the laws say, in their order, and count where they bit.

    Returns
    -------
    ndarray of bool, shape (rows,)
        The rows that a law changed.
    """
    bent = np.zeros(len(rows), bool)
    for law in laws:
        column = rows[:, law.column]
        changed = np.where(law.bites(rows, ids, seed), law.says(column), column)
        # A zero in minutes is a zero in hours too: only a changed value is a bite.
        differs = (changed != column) & ~np.isnan(column)
        count = int(differs.sum())
        if count:
            hits[law.fault] = hits.get(law.fault, 0) + count
            bent |= differs
        rows[:, law.column] = changed
    return bent
