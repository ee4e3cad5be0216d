"""Quantiles and fractions of classic histograms: counters with an `le` label, one per bucket."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from simulator.promql.grouping import LabelSetIds
from simulator.promql.plan_nodes import EvalTimes, ScalarNode, VectorNode, Vectors, without_name
from simulator.promql.rowwise import UniqueLabelSets
from simulator.telemetry.store import Bools, Floats, Ints, Labels

Cell = TypeVar("Cell", np.float64, np.int64)

TOLERANCE = 1e-12  # Prometheus 3 takes a relative dip of this size for rounding


class HistogramQuantile(VectorNode):
    """`histogram_quantile`: buckets grouped by all labels except `le`, sorted once by bound."""

    def __init__(
        self, q: ScalarNode, inner: VectorNode, version: int, *arguments: ScalarNode
    ) -> None:
        self.q, self.inner, self.version = q, inner, version
        self.labels: list[Labels] = []
        self.label_sets, self.histograms = UniqueLabelSets(), LabelSetIds()
        self.buckets: list[list[tuple[float, int]]] = []  # per histogram: bound and column
        self.bounds = np.zeros((0, 0))
        self.column: Ints = np.zeros((0, 0), dtype=np.int64)  # -1 pads missing buckets
        self.column_count = 0
        self.duplicate_bounds = False
        self.read_from(inner, q, *arguments)
        unique = bool(self.label_sets.unique)
        self.cannot_fail = q.cannot_fail and inner.cannot_fail and unique

    def _add_rows(self, new: Sequence[Sequence[Labels]]) -> None:
        changed = set()
        for column, labels in enumerate(new[0], self.column_count):
            bound = _bound(dict(labels).get("le"))
            if bound is not None:
                (row,) = self.histograms.of([tuple(pair for pair in labels if pair[0] != "le")])
                if row == len(self.buckets):
                    self.buckets.append([])
                self.buckets[row].append((bound, column))
                changed.add(row)
        self.column_count += len(new[0])
        added = [without_name(labels) for labels in self.histograms.labels[len(self.labels) :]]
        self.labels += added
        self.label_sets.add_rows(added)
        shape = (len(self.buckets), max(map(len, self.buckets), default=0))
        self.bounds = _enlarged(self.bounds, shape, np.inf)
        self.column = _enlarged(self.column, shape, -1)
        for row in changed:
            buckets = self.buckets[row]
            buckets.sort()
            bounds, columns = zip(*buckets, strict=True)
            self.duplicate_bounds |= len(set(bounds)) < len(bounds)
            self.bounds[row, : len(bounds)], self.column[row, : len(bounds)] = bounds, columns

    def at(self, times: EvalTimes) -> Vectors:
        return self._evaluate(times, self.q.at(times))

    def _evaluate(self, times: EvalTimes, parameters: Iterable[Any]) -> Vectors:
        values, present = self.inner.at(times)
        results = np.zeros((len(values), len(self.labels)))
        result_present = np.zeros(results.shape, dtype=bool)
        if not len(self.labels):
            return Vectors(results, result_present)
        values = np.append(values, np.zeros((len(values), 1)), axis=1)
        present = np.append(present, np.zeros((len(present), 1), dtype=bool), axis=1)
        for row, parameter in enumerate(parameters):
            counts, bucket_present = values[row][self.column], present[row][self.column]
            result_present[row] = bucket_present.any(axis=1)
            results[row] = self._row(parameter, counts, bucket_present)
        self.label_sets.check(result_present)
        return Vectors(results, result_present)

    def _function(self, parameter: Any, bounds: Floats, counts: Floats) -> Floats:
        return quantiles(float(parameter), bounds, counts, self.version)

    def _row(self, parameter: Any, counts: Floats, present: Bools) -> Floats:
        if present.all() and not self.duplicate_bounds:
            return self._function(parameter, self.bounds, counts)
        results = np.full(len(counts), np.nan)
        for row in np.flatnonzero(present.any(axis=1)):
            mask = present[row]
            bounds, bucket = np.unique(self.bounds[row][mask], return_inverse=True)
            merged = np.zeros(len(bounds))
            np.add.at(merged, bucket, counts[row][mask])
            results[row] = self._function(parameter, bounds[None], merged[None])[0]
        return results


class HistogramFraction(HistogramQuantile):
    """`histogram_fraction`: the fraction of observations between two values."""

    def __init__(self, lower: ScalarNode, upper: ScalarNode, inner: VectorNode) -> None:
        super().__init__(lower, inner, 3, upper)
        self.upper = upper
        self.cannot_fail = self.cannot_fail and upper.cannot_fail

    def at(self, times: EvalTimes) -> Vectors:
        return self._evaluate(times, zip(self.q.at(times), self.upper.at(times), strict=True))

    def _function(self, parameter: Any, bounds: Floats, counts: Floats) -> Floats:
        lower, upper = map(float, parameter)
        pairs = zip(bounds, counts, strict=True)
        return np.array([fraction(lower, upper, *pair) for pair in pairs])


def fraction(lower: float, upper: float, bounds: Floats, counts: Floats) -> float:
    """The fraction of a histogram's observations between two values, linear within buckets.

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
    """The number of observations below a value; an unbounded bucket counts whole or not at all."""
    at = int(edges.searchsorted(value, "right")) - 1
    if at < 0 or np.isneginf(value):
        return 0.0
    if at == len(edges) - 1:
        return float(ranks[-1])
    low, high = edges[at], edges[at + 1]
    share = 0.0
    if np.isfinite(high):  # a first bucket without a lower bound counts whole
        share = (value - low) / (high - low) if np.isfinite(low) else 1.0
    return min(float(ranks[at] + (ranks[at + 1] - ranks[at]) * share), float(ranks[-1]))


def quantiles(q: float, bounds: Floats, counts: Floats, version: int = 3) -> Floats:
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
    if version == 2 and np.isnan(counts).any():
        pairs = zip(bounds, counts, strict=True)
        return np.array([_binary_search(q, *(row.tolist() for row in pair)) for pair in pairs])
    counts = _monotonic(counts, version)
    total = counts[:, -1]
    rank = q * total
    bucket = (counts[:, :-1] < rank[:, None]).sum(axis=1)
    last = bucket == bounds.shape[1] - 1
    at = np.minimum(bucket, bounds.shape[1] - 1)
    below = np.maximum(at - 1, 0)
    inner = at > 0
    start = np.where(inner, bounds[rows, below], 0.0)
    under = np.where(inner, counts[rows, below], 0.0)
    end = np.where(last, start, bounds[rows, at])
    within = (rank - under) / (counts[rows, at] - under)
    result = start + (end - start) * within
    result = np.where(~inner & (bounds[:, 0] <= 0), bounds[:, 0], result)
    result = np.where(last, bounds[:, -2], result)
    undefined = (total == 0) | np.isnan(total) | ~np.isposinf(bounds[:, -1])
    return np.where(undefined, np.nan, result)


def _binary_search(q: float, bounds: list[float], counts: list[float]) -> float:
    """One histogram with NaN among its counts, where 2.42's binary search decides the result."""
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


def _monotonic(counts: Floats, version: int) -> Floats:
    """Cumulative counts made monotonic, as Prometheus does."""
    steps = counts[:, 1:] - counts[:, :-1]
    if ((steps == 0) | (steps > 2 * TOLERANCE * counts[:, 1:])).all():
        return counts
    if version == 2:
        return np.fmax.accumulate(counts, axis=1)
    level = counts[:, 0]
    columns = [level]
    for column in range(1, counts.shape[1]):
        count = counts[:, column]
        close = np.abs(count - level) <= TOLERANCE * (np.abs(count) + np.abs(level))
        level = np.where(close | (count < level), level, count)
        columns.append(level)
    return np.stack(columns, axis=1)


def _enlarged(table: NDArray[Cell], shape: tuple[int, int], fill: float) -> NDArray[Cell]:
    """The table with rows and columns added that hold `fill`."""
    enlarged = np.full(shape, fill, dtype=table.dtype)
    enlarged[: table.shape[0], : table.shape[1]] = table
    return enlarged


def _bound(le: str | None) -> float | None:
    if le is None:
        return None
    try:
        return float(le)
    except ValueError:
        return None
