"""Quantiles of classic histograms: counters with an `le` label, one per bucket."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from simulator.promql.grouping import Numbering
from simulator.promql.plan_nodes import Batch, ScalarNode, Times, VectorNode, without_name
from simulator.promql.rowwise import SameLabels
from simulator.telemetry.store import Bools, Floats, Ints, Labels

Number = TypeVar("Number", np.float64, np.int64)

SMALL = 1e-12  # Prometheus 3 takes a relative dip of this size for rounding


class HistogramQuantile(VectorNode):
    """`histogram_quantile`: buckets grouped by all labels but `le`, sorted once by bound."""

    def __init__(
        self, q: ScalarNode, inner: VectorNode, dialect: int, *arguments: ScalarNode
    ) -> None:
        self.q, self.inner, self.dialect = q, inner, dialect
        self.labels: list[Labels] = []
        self.same, self.rests = SameLabels(), Numbering()
        self.buckets: list[list[tuple[float, int]]] = []  # of each histogram: bound and column
        self.bounds = np.zeros((0, 0))
        self.column: Ints = np.zeros((0, 0), dtype=np.int64)  # -1 where there is no bucket
        self.taken = 0
        self.doubled = False
        self.reads(inner, q, *arguments)
        self.sure = q.sure and inner.sure and bool(self.same.unique)

    def _take(self, new: Sequence[Sequence[Labels]]) -> None:
        touched = set()
        for column, labels in enumerate(new[0], self.taken):
            bound = _bound(dict(labels).get("le"))
            if bound is not None:
                (row,) = self.rests.of([tuple(pair for pair in labels if pair[0] != "le")])
                if row == len(self.buckets):
                    self.buckets.append([])
                self.buckets[row].append((bound, column))
                touched.add(row)
        self.taken += len(new[0])
        fresh = [without_name(rest) for rest in self.rests.labels[len(self.labels) :]]
        self.labels += fresh
        self.same.take(fresh)
        shape = (len(self.buckets), max(map(len, self.buckets), default=0))
        self.bounds, self.column = wider(self.bounds, shape, np.inf), wider(self.column, shape, -1)
        for row in touched:
            buckets = self.buckets[row]
            buckets.sort()
            bounds, columns = zip(*buckets, strict=True)
            self.doubled |= len(set(bounds)) < len(bounds)
            self.bounds[row, : len(bounds)], self.column[row, : len(bounds)] = bounds, columns

    def at(self, times: Times) -> Batch:
        return self._answers(times, self.q.at(times))

    def _answers(self, times: Times, asked: Iterable[Any]) -> Batch:
        values, present = self.inner.at(times)
        answers = np.zeros((len(values), len(self.labels)))
        there = np.zeros(answers.shape, dtype=bool)
        if not len(self.labels):
            return Batch(answers, there)
        values = np.append(values, np.zeros((len(values), 1)), axis=1)
        present = np.append(present, np.zeros((len(present), 1), dtype=bool), axis=1)
        for row, q in enumerate(asked):
            counts, live = values[row][self.column], present[row][self.column]
            there[row] = live.any(axis=1)
            answers[row] = self._row(q, counts, live)
        self.same.check(there)
        return Batch(answers, there)

    def _of(self, asked: Any, bounds: Floats, counts: Floats) -> Floats:
        return quantiles(float(asked), bounds, counts, self.dialect)

    def _row(self, asked: Any, counts: Floats, live: Bools) -> Floats:
        if live.all() and not self.doubled:
            return self._of(asked, self.bounds, counts)
        answer = np.full(len(counts), np.nan)
        for row in np.flatnonzero(live.any(axis=1)):
            there = live[row]
            bounds, which = np.unique(self.bounds[row][there], return_inverse=True)
            merged = np.zeros(len(bounds))
            np.add.at(merged, which, counts[row][there])
            answer[row] = self._of(asked, bounds[None], merged[None])[0]
        return answer


class HistogramFraction(HistogramQuantile):
    """`histogram_fraction`: which part of the observations lies between two values."""

    def __init__(self, lower: ScalarNode, upper: ScalarNode, inner: VectorNode) -> None:
        super().__init__(lower, inner, 3, upper)
        self.upper = upper
        self.sure = self.sure and upper.sure

    def at(self, times: Times) -> Batch:
        return self._answers(times, zip(self.q.at(times), self.upper.at(times), strict=True))

    def _of(self, asked: Any, bounds: Floats, counts: Floats) -> Floats:
        lower, upper = map(float, asked)
        pairs = zip(bounds, counts, strict=True)
        return np.array([fraction(lower, upper, *pair) for pair in pairs])


def fraction(lower: float, upper: float, bounds: Floats, counts: Floats) -> float:
    """The part of one histogram's observations between two values, linear within its buckets.

    Examples
    --------
    >>> fraction(0.1, 0.15, np.array([0.1, 0.2, np.inf]), np.array([10.0, 20.0, 20.0]))
    0.25
    """
    total = float(counts[-1])
    if not np.isposinf(bounds[-1]) or total == 0 or np.isnan([lower, upper, total]).any():
        return float("nan")
    if lower >= upper:
        return 0.0
    start = 0.0 if bounds[0] > 0 else -np.inf
    edges, ranks = np.append(start, bounds), np.append(0.0, counts)
    return float((_rank(upper, edges, ranks) - _rank(lower, edges, ranks)) / total)


def _rank(value: float, edges: Floats, ranks: Floats) -> float:
    """How many observations lie below a value; of the unbounded buckets all or none do."""
    at = int(edges.searchsorted(value, "right")) - 1
    if at < 0 or np.isneginf(value):
        return 0.0
    if at == len(edges) - 1:
        return float(ranks[-1])
    low, high = edges[at], edges[at + 1]
    share = 0.0
    if np.isfinite(high):  # of the first bucket all, where it has no lower bound
        share = (value - low) / (high - low) if np.isfinite(low) else 1.0
    return min(float(ranks[at] + (ranks[at + 1] - ranks[at]) * share), float(ranks[-1]))


def quantiles(q: float, bounds: Floats, counts: Floats, dialect: int = 3) -> Floats:
    """The q-quantile of each histogram, linear within its bucket.

    Parameters
    ----------
    q : float, 0 to 1
    bounds : ndarray, shape (histograms, buckets), ascending, the last +Inf
    counts : ndarray, shape (histograms, buckets), cumulative

    Examples
    --------
    >>> bounds = np.array([[0.1, 0.2, np.inf]])
    >>> quantiles(0.5, bounds, np.array([[10.0, 20.0, 20.0]])).tolist()
    [0.1]
    >>> quantiles(0.75, bounds, np.array([[10.0, 20.0, 20.0]])).round(9).tolist()
    [0.15]
    """
    rows = np.arange(len(bounds))
    if np.isnan(q):
        return np.full(len(bounds), np.nan)
    if q < 0 or q > 1:
        return np.full(len(bounds), -np.inf if q < 0 else np.inf)
    if bounds.shape[1] < 2:
        return np.full(len(bounds), np.nan)
    if dialect == 2 and np.isnan(counts).any():
        pairs = zip(bounds, counts, strict=True)
        return np.array([_searched(q, *(row.tolist() for row in pair)) for pair in pairs])
    counts = _monotonic(counts, dialect)
    total = counts[:, -1]
    rank = q * total
    found = (counts[:, :-1] < rank[:, None]).sum(axis=1)
    last = found == bounds.shape[1] - 1
    at = np.minimum(found, bounds.shape[1] - 1)
    below = np.maximum(at - 1, 0)
    inner = at > 0
    start = np.where(inner, bounds[rows, below], 0.0)
    under = np.where(inner, counts[rows, below], 0.0)
    end = np.where(last, start, bounds[rows, at])
    within = (rank - under) / (counts[rows, at] - under)
    answer = start + (end - start) * within
    answer = np.where(~inner & (bounds[:, 0] <= 0), bounds[:, 0], answer)
    answer = np.where(last, bounds[:, -2], answer)
    unknown = (total == 0) | np.isnan(total) | ~np.isposinf(bounds[:, -1])
    return np.where(unknown, np.nan, answer)


def _searched(q: float, bounds: list[float], counts: list[float]) -> float:
    """One histogram with NaN among its counts, where 2.42's binary search makes the answer."""
    level = counts[0]
    for at, count in enumerate(counts):
        level = count if count > level else level
        counts[at] = level if count < level else count
    if bounds[-1] != math.inf or counts[-1] == 0:
        return math.nan
    rank = q * counts[-1]
    at, end = 0, len(counts) - 1
    while at < end:
        middle = (at + end) // 2
        at, end = (at, middle) if counts[middle] >= rank else (middle + 1, end)
    if at == len(counts) - 1:
        return bounds[-2]
    if at == 0 and bounds[0] <= 0:
        return bounds[0]
    start, under = (bounds[at - 1], counts[at - 1]) if at else (0.0, 0.0)
    within = np.divide(rank - under, counts[at] - under)
    return float(start + (bounds[at] - start) * within)


def _monotonic(counts: Floats, dialect: int) -> Floats:
    steps = counts[:, 1:] - counts[:, :-1]
    if ((steps == 0) | (steps > 2 * SMALL * counts[:, 1:])).all():
        return counts
    if dialect == 2:
        return np.fmax.accumulate(counts, axis=1)
    level = counts[:, 0]
    fixed = [level]
    for column in range(1, counts.shape[1]):
        here = counts[:, column]
        close = np.abs(here - level) <= SMALL * (np.abs(here) + np.abs(level))
        level = np.where(close | (here < level), level, here)
        fixed.append(level)
    return np.stack(fixed, axis=1)


def wider(table: NDArray[Number], shape: tuple[int, int], value: float) -> NDArray[Number]:
    """The table with rows and columns added that hold a value."""
    found = np.full(shape, value, dtype=table.dtype)
    found[: table.shape[0], : table.shape[1]] = table
    return found


def _bound(le: str | None) -> float | None:
    if le is None:
        return None
    try:
        return float(le)
    except ValueError:
        return None
