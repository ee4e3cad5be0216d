"""Aggregations: many label sets into one for each group, or the best few of each group."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simulator.promql import sums
from simulator.promql.errors import PromQLError
from simulator.promql.grouping import Groups, Key, Numbering
from simulator.promql.growth import Anew
from simulator.promql.plan_nodes import Batch, Number, ScalarNode, Times, VectorNode
from simulator.telemetry.store import Bools, Floats, Ints, Labels, labels_of

# Of values down axis 0, which of them are there (None: all are), and how many are.
Reducer = Callable[[Floats, Bools | None, Floats], Floats]
NAN_BITS = np.float64(np.nan).view(np.int64)


def _there(values: Floats, live: Bools | None, instead: float) -> Floats:
    return values if live is None else np.where(live, values, instead)


def _sum(values: Floats, live: Bools | None, count: Floats) -> Floats:
    return sums.total(_there(values, live, 0.0))


def _avg(values: Floats, live: Bools | None, count: Floats) -> Floats:
    return sums.mean(_there(values, live, 0.0), np.maximum(count, 1.0))


def _min(values: Floats, live: Bools | None, count: Floats) -> Floats:
    least: Floats = np.fmin.reduce(_there(values, live, np.nan), axis=0)
    return least


def _max(values: Floats, live: Bools | None, count: Floats) -> Floats:
    greatest: Floats = np.fmax.reduce(_there(values, live, np.nan), axis=0)
    return greatest


def _stdvar(values: Floats, live: Bools | None, count: Floats) -> Floats:
    return sums.variance(values, live, np.maximum(count, 1.0))


def _sum_2(values: Floats, live: Bools | None, count: Floats) -> Floats:
    # Prometheus 2.42 adds plainly, in the order of the series; -0 changes nothing, not even -0.
    added: Floats = np.add.accumulate(_there(values, live, -0.0), axis=0)[-1]
    return added


def _stdvar_2(values: Floats, live: Bools | None, count: Floats) -> Floats:
    # Prometheus 2.42 looks at a lone sample's value only when a second one comes.
    return np.where(count == 1, 0.0, _stdvar(values, live, count))


def _stddev(values: Floats, live: Bools | None, count: Floats) -> Floats:
    return np.sqrt(_stdvar(values, live, count))


REDUCERS: dict[str, Reducer] = {
    "sum": _sum,
    "avg": _avg,
    "min": _min,
    "max": _max,
    "stdvar": _stdvar,
    "stddev": _stddev,
    "count": lambda values, live, count: count,
    "group": lambda values, live, count: np.ones(count.shape),
}


REDUCERS_2: dict[str, Reducer] = {
    **REDUCERS,
    "sum": _sum_2,
    "stdvar": _stdvar_2,
    "stddev": lambda values, live, count: np.sqrt(_stdvar_2(values, live, count)),
}


class Grouped(VectorNode):
    """What aggregations share: the groups, and members laid out one below the other."""

    def __init__(self, inner: VectorNode, key: Key, *arguments: ScalarNode) -> None:
        self.inner, self.groups = inner, Groups(key)
        self.labels = self.groups.labels
        self.reads(inner, *arguments)

    def _take(self, new: Sequence[Sequence[Labels]]) -> None:
        self.groups.take(new[0])

    def laid_out(self, batch: Batch) -> Batch:
        """Values and presence of shape (deepest, times, groups)."""
        values, present = batch
        if self.groups.single:
            return Batch(values.T[:, :, None], present.T[:, :, None])
        if self.groups.alone:
            return Batch(values[None], present[None])
        padded = np.empty((len(values), values.shape[1] + 1))
        padded[:, :-1], padded[:, -1] = values, 0.0
        there = np.zeros(padded.shape, dtype=bool)
        there[:, :-1] = present
        members = self.groups.members
        return Batch(
            padded.take(members, axis=1).transpose(1, 0, 2),
            there.take(members, axis=1).transpose(1, 0, 2),
        )


class Aggregate(Grouped):
    """`sum`, `avg`, `min`, `max`, `count`, `group`, `stddev` and `stdvar`."""

    def __init__(self, inner: VectorNode, key: Key, reducer: Reducer) -> None:
        super().__init__(inner, key)
        self.reducer, self.sure = reducer, inner.sure

    def at(self, times: Times) -> Batch:
        batch = self.inner.at(times)
        if not self.labels:
            return batch
        values, live = self.laid_out(batch)
        if np.count_nonzero(live) == live.size:  # on most days
            count = np.full(live.shape[1:], float(len(live)))
            return Batch(self.reducer(values, None, count), np.ones(count.shape, dtype=bool))
        count = live.sum(axis=0, dtype=np.float64)
        return Batch(self.reducer(values, live, count), count > 0)


class Quantile(Grouped):
    """`quantile`: between the neighbours of the rank, group by group."""

    def __init__(self, inner: VectorNode, key: Key, q: ScalarNode) -> None:
        super().__init__(inner, key, q)
        self.q, self.sure = q, inner.sure and q.sure

    def at(self, times: Times) -> Batch:
        batch = self.inner.at(times)
        if not self.labels:
            return batch
        values, live = self.laid_out(batch)
        rows = [
            sums.quantile(float(q), values[:, row], live[:, row])
            for row, q in enumerate(self.q.at(times))
        ]
        return Batch(np.stack(rows), np.asarray(live.any(axis=0)))


class Best(Grouped):
    """`topk` and `bottomk`: of each group only the k first by value stay, labels and all."""

    def __init__(self, inner: VectorNode, key: Key, k: ScalarNode, largest: bool) -> None:
        super().__init__(inner, key, k)
        self.labels = inner.labels
        self.k = k
        self.largest = largest
        self.sure = inner.sure and isinstance(k, Number) and bool(abs(k.value[0]) < 2**63)
        self.order = "desc" if largest else "asc"

    def at(self, times: Times) -> Batch:
        values, present = self.inner.at(times)
        kept = np.zeros(present.shape, dtype=bool)
        limits = [_count(float(k)) for k in self.k.at(times)]
        if not self.labels:
            return Batch(values, kept)
        of = self.groups.of
        for row, limit in enumerate(limits):
            key = np.where(np.isnan(values[row]), -np.inf, values[row])
            if not self.largest:
                key = np.where(np.isnan(values[row]), np.inf, values[row])
            ranked = np.lexsort((-key if self.largest else key, ~present[row], of))
            group = of[ranked]
            starts = np.flatnonzero(np.append(True, group[1:] != group[:-1]))
            rank = np.arange(len(group)) - np.repeat(starts, np.diff(np.append(starts, len(group))))
            kept[row, ranked[rank < limit]] = True
        return Batch(values, kept & present)


def _count(k: float) -> int:
    if np.isnan(k):
        raise PromQLError("Parameter value is NaN")
    if abs(k) >= 2**63:
        raise PromQLError(f"Scalar value {k:g} overflows int64")
    return int(k)


class CountValues(VectorNode):
    """`count_values`: a label set for every value seen, counted.

    The values become labels, which are static; so the values met so far are kept in `known`
    and a new one makes the plan anew.
    """

    def __init__(self, inner: VectorNode, key: Key, target: str, known: dict[str, float]) -> None:
        self.inner, self.key, self.target, self.known = inner, key, target, known
        self.numbers = Numbering()
        self.labels = self.numbers.labels
        self.row: Ints = np.zeros((0, len(known)), dtype=np.int64)
        self.reads(inner)

    def _take(self, new: Sequence[Sequence[Labels]]) -> None:
        found = [
            self.numbers.of(
                self.key(labels_of({**dict(labels), self.target: text})) for text in self.known
            )
            for labels in new[0]
        ]
        more = np.array(found, dtype=np.int64).reshape(len(found), self.row.shape[1])
        self.row = np.concatenate([self.row, more])

    def at(self, times: Times) -> Batch:
        values, present = self.inner.at(times)
        values = np.ascontiguousarray(values)
        bits = values.view(np.int64)  # -0 and 0 are two labels, all kinds of NaN are one
        bits = np.where(np.isnan(values), NAN_BITS, bits)
        seen = np.unique(bits[present]).view(np.float64)
        news = {spelled(value): value for value in seen.tolist()}
        if news.keys() - self.known.keys():
            self.known |= news
            raise Anew
        counts = np.zeros((len(values), len(self.labels)))
        for row, value in zip(self.row.T, self.known.values(), strict=True):
            same = present & (bits == np.float64(value).view(np.int64))
            for moment, there in enumerate(same):
                counts[moment] += np.bincount(row[there], minlength=len(self.labels))
        return Batch(counts, counts > 0)


def spelled(value: float) -> str:
    """A value as Go spells it with 'f': the shortest decimals, no exponent.

    Examples
    --------
    >>> spelled(1e21), spelled(0.1), spelled(float("inf")), spelled(6.0)
    ('1000000000000000000000', '0.1', '+Inf', '6')
    """
    if np.isnan(value):
        return "NaN"
    if np.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return np.format_float_positional(value, trim="-")
