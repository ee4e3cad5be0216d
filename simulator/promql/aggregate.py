"""Aggregations: one label set for each group, or the first k of each group."""

from collections.abc import Callable, Sequence

import numpy as np

from simulator.promql import sums
from simulator.promql.errors import PromQLError
from simulator.promql.grouping import GroupingKey, Groups, LabelSetIds
from simulator.promql.growth import ReplanNeeded
from simulator.promql.plan_nodes import EvalTimes, NumberNode, ScalarNode, VectorNode, Vectors
from simulator.telemetry.store import Bools, Floats, Ints, Labels, labels_of

# Arguments: values down axis 0, their presence (None: all present) and the number present.
Reducer = Callable[[Floats, Bools | None, Floats], Floats]
NAN_BITS = np.float64(np.nan).view(np.int64)


def _filled(values: Floats, present: Bools | None, fill: float) -> Floats:
    return values if present is None else np.where(present, values, fill)


def _sum(values: Floats, present: Bools | None, count: Floats) -> Floats:
    return sums.total(_filled(values, present, 0.0))


def _avg(values: Floats, present: Bools | None, count: Floats) -> Floats:
    return sums.mean(_filled(values, present, 0.0), np.maximum(count, 1.0))


def _min(values: Floats, present: Bools | None, count: Floats) -> Floats:
    least: Floats = np.fmin.reduce(_filled(values, present, np.nan), axis=0)
    return least


def _max(values: Floats, present: Bools | None, count: Floats) -> Floats:
    greatest: Floats = np.fmax.reduce(_filled(values, present, np.nan), axis=0)
    return greatest


def _stdvar(values: Floats, present: Bools | None, count: Floats) -> Floats:
    return sums.variance(values, present, np.maximum(count, 1.0))


def _sum_2(values: Floats, present: Bools | None, count: Floats) -> Floats:
    # Prometheus 2.42 adds plainly, in the order of the series; adding -0 changes nothing.
    total: Floats = np.add.accumulate(_filled(values, present, -0.0), axis=0)[-1]
    return total


def _stdvar_2(values: Floats, present: Bools | None, count: Floats) -> Floats:
    # Prometheus 2.42 ignores the value of a lone sample, even NaN.
    return np.where(count == 1, 0.0, _stdvar(values, present, count))


def _stddev(values: Floats, present: Bools | None, count: Floats) -> Floats:
    return np.sqrt(_stdvar(values, present, count))


REDUCERS: dict[str, Reducer] = {
    "sum": _sum,
    "avg": _avg,
    "min": _min,
    "max": _max,
    "stdvar": _stdvar,
    "stddev": _stddev,
    "count": lambda values, present, count: count,
    "group": lambda values, present, count: np.ones(count.shape),
}


REDUCERS_2: dict[str, Reducer] = {
    **REDUCERS,
    "sum": _sum_2,
    "stdvar": _stdvar_2,
    "stddev": lambda values, present, count: np.sqrt(_stdvar_2(values, present, count)),
}


class AggregationNode(VectorNode):
    """Base of aggregations: the groups, and their members laid out down axis 0."""

    def __init__(self, inner: VectorNode, key: GroupingKey, *arguments: ScalarNode) -> None:
        self.inner, self.groups = inner, Groups(key)
        self.labels = self.groups.labels
        self.read_from(inner, *arguments)

    def _add_rows(self, new: Sequence[Sequence[Labels]]) -> None:
        self.groups.add_rows(new[0])

    def members_first(self, vectors: Vectors) -> Vectors:
        """Values and presence of shape (largest group, times, groups)."""
        values, present = vectors
        if self.groups.single:
            return Vectors(values.T[:, :, None], present.T[:, :, None])
        if self.groups.one_row_each:
            return Vectors(values[None], present[None])
        padded = np.empty((len(values), values.shape[1] + 1))
        padded[:, :-1], padded[:, -1] = values, 0.0
        padded_present = np.zeros(padded.shape, dtype=bool)
        padded_present[:, :-1] = present
        members = self.groups.members
        return Vectors(
            padded.take(members, axis=1).transpose(1, 0, 2),
            padded_present.take(members, axis=1).transpose(1, 0, 2),
        )


class Aggregate(AggregationNode):
    """`sum`, `avg`, `min`, `max`, `count`, `group`, `stddev` and `stdvar`."""

    def __init__(self, inner: VectorNode, key: GroupingKey, reducer: Reducer) -> None:
        super().__init__(inner, key)
        self.reducer, self.cannot_fail = reducer, inner.cannot_fail

    def at(self, times: EvalTimes) -> Vectors:
        vectors = self.inner.at(times)
        if not self.labels:
            return vectors
        values, present = self.members_first(vectors)
        if np.count_nonzero(present) == present.size:  # the usual case
            count = np.full(present.shape[1:], float(len(present)))
            return Vectors(self.reducer(values, None, count), np.ones(count.shape, dtype=bool))
        count = present.sum(axis=0, dtype=np.float64)
        return Vectors(self.reducer(values, present, count), count > 0)


class Quantile(AggregationNode):
    """`quantile`: interpolated between the neighbours of the rank, per group."""

    def __init__(self, inner: VectorNode, key: GroupingKey, q: ScalarNode) -> None:
        super().__init__(inner, key, q)
        self.q, self.cannot_fail = q, inner.cannot_fail and q.cannot_fail

    def at(self, times: EvalTimes) -> Vectors:
        vectors = self.inner.at(times)
        if not self.labels:
            return vectors
        values, present = self.members_first(vectors)
        rows = [
            sums.quantile(float(q), values[:, row], present[:, row])
            for row, q in enumerate(self.q.at(times))
        ]
        return Vectors(np.stack(rows), np.asarray(present.any(axis=0)))


class TopBottomK(AggregationNode):
    """`topk` and `bottomk`: the first k samples of each group by value, labels unchanged."""

    def __init__(self, inner: VectorNode, key: GroupingKey, k: ScalarNode, largest: bool) -> None:
        super().__init__(inner, key, k)
        self.labels = inner.labels
        self.k = k
        self.largest = largest
        valid_k = isinstance(k, NumberNode) and bool(abs(k.value[0]) < 2**63)
        self.cannot_fail = inner.cannot_fail and valid_k
        self.order = "desc" if largest else "asc"

    def at(self, times: EvalTimes) -> Vectors:
        values, present = self.inner.at(times)
        selected = np.zeros(present.shape, dtype=bool)
        limits = [_checked_k(float(k)) for k in self.k.at(times)]
        if not self.labels:
            return Vectors(values, selected)
        group_of_row = self.groups.of_row
        for row, limit in enumerate(limits):
            key = np.where(np.isnan(values[row]), -np.inf, values[row])
            if not self.largest:
                key = np.where(np.isnan(values[row]), np.inf, values[row])
            ranked = np.lexsort((-key if self.largest else key, ~present[row], group_of_row))
            group = group_of_row[ranked]
            starts = np.flatnonzero(np.append(True, group[1:] != group[:-1]))
            rank = np.arange(len(group)) - np.repeat(starts, np.diff(np.append(starts, len(group))))
            selected[row, ranked[rank < limit]] = True
        return Vectors(values, selected & present)


def _checked_k(k: float) -> int:
    if np.isnan(k):
        raise PromQLError("Parameter value is NaN")
    if abs(k) >= 2**63:
        raise PromQLError(f"Scalar value {k:g} overflows int64")
    return int(k)


class CountValues(VectorNode):
    """`count_values`: a label set for every distinct value, counted.

    The values become labels, which are static; so the values met so far are kept in
    `seen_values`, and a new one needs a new plan.
    """

    def __init__(
        self, inner: VectorNode, key: GroupingKey, target: str, seen_values: dict[str, float]
    ) -> None:
        self.inner, self.key, self.target, self.seen_values = inner, key, target, seen_values
        self.ids = LabelSetIds()
        self.labels = self.ids.labels
        # Shape (input rows, seen values): the result row that a value of an input row counts for.
        self.result_row: Ints = np.zeros((0, len(seen_values)), dtype=np.int64)
        self.read_from(inner)

    def _add_rows(self, new: Sequence[Sequence[Labels]]) -> None:
        result_rows = [
            self.ids.of(
                self.key(labels_of({**dict(labels), self.target: text}))
                for text in self.seen_values
            )
            for labels in new[0]
        ]
        shape = (len(result_rows), self.result_row.shape[1])
        added = np.array(result_rows, dtype=np.int64).reshape(shape)
        self.result_row = np.concatenate([self.result_row, added])

    def at(self, times: EvalTimes) -> Vectors:
        values, present = self.inner.at(times)
        values = np.ascontiguousarray(values)
        bits = values.view(np.int64)  # -0 and 0 are two labels, all NaN payloads are one
        bits = np.where(np.isnan(values), NAN_BITS, bits)
        distinct = np.unique(bits[present]).view(np.float64)
        texts = {format_go_float(value): value for value in distinct.tolist()}
        if texts.keys() - self.seen_values.keys():
            self.seen_values |= texts
            raise ReplanNeeded
        counts = np.zeros((len(values), len(self.labels)))
        for rows, value in zip(self.result_row.T, self.seen_values.values(), strict=True):
            equal = present & (bits == np.float64(value).view(np.int64))
            for moment, mask in enumerate(equal):
                counts[moment] += np.bincount(rows[mask], minlength=len(self.labels))
        return Vectors(counts, counts > 0)


def format_go_float(value: float) -> str:
    """A value as Go formats it with 'f': the shortest decimals, no exponent.

    Examples
    --------
    >>> [format_go_float(value) for value in (1e21, 0.1, float("inf"), 6.0)]
    ['1000000000000000000000', '0.1', '+Inf', '6']
    """
    if np.isnan(value):
        return "NaN"
    if np.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return np.format_float_positional(value, trim="-")
