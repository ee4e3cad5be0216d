"""Operators between vectors and scalars."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simulator.promql.grouping import Numbering, joined
from simulator.promql.growth import Anew
from simulator.promql.matching import Matching, Once, Pairs
from simulator.promql.plan_nodes import Batch, ScalarNode, Times, VectorNode, without_name
from simulator.promql.rowwise import Renamed, SameLabels, as_is
from simulator.telemetry.store import Bools, Floats, Ints, Labels

Operator = Callable[[Floats, Floats], Floats]
Comparison = Callable[[Floats, Floats], Bools]

ARITHMETIC: dict[str, Operator] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "^": np.power,
    "atan2": np.arctan2,
}
COMPARISONS: dict[str, Comparison] = {
    "==": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    "<": np.less,
    ">=": np.greater_equal,
    "<=": np.less_equal,
}


def keeps_name(op: str, dialect: int) -> bool:
    """Whether a result keeps the metric's name: of comparisons, in Prometheus 2 of atan2 too."""
    return op in COMPARISONS or (op == "atan2" and dialect == 2)


def as_operator(op: str) -> Operator:
    """The operator on numbers; a comparison yields 0 or 1, as with `bool`."""
    if op in ARITHMETIC:
        return ARITHMETIC[op]
    compare = COMPARISONS[op]
    return lambda left, right: compare(left, right).astype(float)


class ScalarBinary(ScalarNode):
    """Scalar with scalar."""

    def __init__(self, op: str, left: ScalarNode, right: ScalarNode) -> None:
        self.operator = as_operator(op)
        self.left, self.right = left, right
        self.sure = left.sure and right.sure
        self.reads(left, right)

    def at(self, times: Times) -> Floats:
        return self.operator(self.left.at(times), self.right.at(times))


class VectorScalar(Renamed):
    """Vector with scalar, either way round; a comparison without `bool` filters the vector."""

    def __init__(
        self,
        op: str,
        vector: VectorNode,
        scalar: ScalarNode,
        swapped: bool,
        as_bool: bool,
        keep_name: bool,
    ) -> None:
        super().__init__(vector, as_is if keep_name else without_name, scalar)
        self.vector, self.scalar, self.swapped = vector, scalar, swapped
        self.compare = COMPARISONS.get(op) if not as_bool else None
        self.operator = as_operator(op)
        checked = self.compare is None and not self.same.unique
        self.sure = vector.sure and scalar.sure and not checked

    def at(self, times: Times) -> Batch:
        values, present = self.vector.at(times)
        scalar = self.scalar.column(times)
        left, right = (scalar, values) if self.swapped else (values, scalar)
        if self.compare is not None:
            return Batch(values, present & self.compare(left, right))
        self.same.check(present)
        return Batch(self.operator(left, right), present)


class Join(VectorNode):
    """Vector with vector: samples that match, one to one or many to one."""

    def __init__(
        self,
        op: str,
        left: VectorNode,
        right: VectorNode,
        matching: Matching,
        as_bool: bool,
        keep_name: bool,
        dialect: int,
    ) -> None:
        self.left, self.right = left, right
        # Prometheus 3 counts matches before a comparison filters, 2 after it.
        self.before = dialect == 3 and matching.card == "one-to-one"
        self.compare = COMPARISONS.get(op) if not as_bool else None
        self.operator = as_operator(op)
        self.swapped = matching.card == "one-to-many"
        many, one = (right, left) if self.swapped else (left, right)
        self.pairs = Pairs(matching, keep_name)
        self.labels = self.pairs.labels
        side = "left" if self.swapped else "right"
        self.one_once = Once(
            one.labels,
            f"found duplicate series on the {side} hand-side of the operation: {{found}}; "
            "many-to-many matching not allowed: matching labels must be unique on one side",
        )
        explicit = "grouping labels must ensure unique matches"
        if matching.card == "one-to-one":
            explicit = "many-to-one matching must be explicit (group_left/group_right)"
        self.results = Numbering()
        self.result_once = Once(self.labels, f"multiple matches for labels: {explicit}")
        self.reads(many, one)
        free = not (self.one_once.needed or self.result_once.needed)
        self.sure = left.sure and right.sure and free

    def _take(self, new: Sequence[Sequence[Labels]]) -> None:
        many, one = new
        before = len(self.labels)
        self.one_once.take(self.pairs.take(many, one))
        self.result_once.take(self.results.of(self.labels[before:]))
        self.many_straight = _straight(self.pairs.many, self.pairs.asked)
        self.one_straight = _straight(self.pairs.one, self.pairs.offered)

    def at(self, times: Times) -> Batch:
        left, right = self.left.at(times), self.right.at(times)
        many, one = (right, left) if self.swapped else (left, right)
        if self.one_once.needed and left.present.any() and right.present.any():
            self.one_once.check(one.present)
        many_values, many_present = many if self.many_straight else _rows(many, self.pairs.many)
        one_values, one_present = one if self.one_straight else _rows(one, self.pairs.one)
        present = many_present & one_present
        if self.before:
            self.result_once.check(present)
        if self.swapped:
            left_values, right_values = one_values, many_values
        else:
            left_values, right_values = many_values, one_values
        if self.compare is None:
            values = self.operator(left_values, right_values)
        else:
            values = left_values
            present = present & self.compare(left_values, right_values)
        if not self.before:
            self.result_once.check(present)
        return Batch(values, present)


class Met(VectorNode):
    """What `and`, `or` and `unless` share: the group of each row on either side."""

    def __init__(self, left: VectorNode, right: VectorNode, matching: Matching) -> None:
        self.left, self.right = left, right
        self.key, self.groups = matching.key(), Numbering()
        self.left_group = self.right_group = np.zeros(0, dtype=np.int64)
        self.reads(left, right)

    def _take(self, new: Sequence[Sequence[Labels]]) -> None:
        left, right = new
        self.left_group = joined(self.left_group, self.groups.of(map(self.key, left)))
        self.right_group = joined(self.right_group, self.groups.of(map(self.key, right)))


class And(Met):
    """`and`, `unless`: the left samples that have, or have not, a match on the right."""

    def __init__(
        self, left: VectorNode, right: VectorNode, matching: Matching, wanted: bool
    ) -> None:
        super().__init__(left, right, matching)
        self.labels, self.wanted = left.labels, wanted
        self.sure = left.sure and right.sure

    def at(self, times: Times) -> Batch:
        values, present = self.left.at(times)
        if self.right.sure and not np.count_nonzero(present):
            return Batch(values, present)
        matched = any_in_group(self.right.at(times).present, self.right_group, len(self.groups))
        met = matched.take(self.left_group, axis=1)
        return Batch(values, present & (met if self.wanted else ~met))


class Or(Met):
    """`or`: the left samples and the right ones that match none of them."""

    def __init__(self, left: VectorNode, right: VectorNode, matching: Matching) -> None:
        self.labels: list[Labels] = []
        self.same = SameLabels()
        super().__init__(left, right, matching)
        self.sure = left.sure and right.sure and bool(self.same.unique)

    def _take(self, new: Sequence[Sequence[Labels]]) -> None:
        if new[0] and len(self.right_group):  # those on the right come last
            raise Anew
        super()._take(new)
        for rows in new:
            self.labels += rows
        self.same.take([*new[0], *new[1]])

    def at(self, times: Times) -> Batch:
        left, right = self.left.at(times), self.right.at(times)
        taken = any_in_group(left.present, self.left_group, len(self.groups))
        others = right.present & ~taken.take(self.right_group, axis=1)
        present = np.concatenate([left.present, others], axis=1)
        self.same.check(present)
        return Batch(np.concatenate([left.values, right.values], axis=1), present)


def _straight(rows: Ints, size: int) -> bool:
    """Whether these are all rows of so many, in order."""
    return len(rows) == size and bool((rows == np.arange(size)).all())


def _rows(batch: Batch, rows: Ints) -> Batch:
    # `take` costs a third of what indexing with an array costs.
    return Batch(batch.values.take(rows, axis=1), batch.present.take(rows, axis=1))


def any_in_group(present: Bools, group: Ints, groups: int) -> Bools:
    """For each time and group, whether any row of the group is present."""
    found = np.zeros((len(present), groups), dtype=bool)
    for row, there in enumerate(present):
        found[row, group[there]] = True
    return found
