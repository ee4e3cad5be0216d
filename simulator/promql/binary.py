"""Operators between vectors and scalars."""

from collections.abc import Callable, Sequence

import numpy as np

from simulator.promql.grouping import LabelSetIds, extended
from simulator.promql.growth import ReplanNeeded
from simulator.promql.matching import MatchedPairs, Matching, UniquePerGroup
from simulator.promql.plan_nodes import EvalTimes, ScalarNode, VectorNode, Vectors, without_name
from simulator.promql.rowwise import RowwiseNode, UniqueLabelSets, same_labels
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


def keeps_name(op: str, version: int) -> bool:
    """Whether results keep the metric's name: for comparisons, in Prometheus 2 also for atan2."""
    return op in COMPARISONS or (op == "atan2" and version == 2)


def numeric_operator(op: str) -> Operator:
    """The operator on numbers; a comparison yields 0 or 1, as with `bool`."""
    if op in ARITHMETIC:
        return ARITHMETIC[op]
    compare = COMPARISONS[op]
    return lambda left, right: compare(left, right).astype(float)


class ScalarBinary(ScalarNode):
    """Scalar with scalar."""

    def __init__(self, op: str, left: ScalarNode, right: ScalarNode) -> None:
        self.operator = numeric_operator(op)
        self.left, self.right = left, right
        self.cannot_fail = left.cannot_fail and right.cannot_fail
        self.read_from(left, right)

    def at(self, times: EvalTimes) -> Floats:
        return self.operator(self.left.at(times), self.right.at(times))


class VectorScalar(RowwiseNode):
    """Vector with scalar, in either order; a comparison without `bool` filters the vector."""

    def __init__(
        self,
        op: str,
        vector: VectorNode,
        scalar: ScalarNode,
        scalar_first: bool,
        as_bool: bool,
        keep_name: bool,
    ) -> None:
        super().__init__(vector, same_labels if keep_name else without_name, scalar)
        self.vector, self.scalar, self.scalar_first = vector, scalar, scalar_first
        self.compare = COMPARISONS.get(op) if not as_bool else None
        self.operator = numeric_operator(op)
        checked = self.compare is None and not self.label_sets.unique
        self.cannot_fail = vector.cannot_fail and scalar.cannot_fail and not checked

    def at(self, times: EvalTimes) -> Vectors:
        values, present = self.vector.at(times)
        scalar = self.scalar.column(times)
        left, right = (scalar, values) if self.scalar_first else (values, scalar)
        if self.compare is not None:
            return Vectors(values, present & self.compare(left, right))
        self.label_sets.check(present)
        return Vectors(self.operator(left, right), present)


class VectorBinary(VectorNode):
    """Vector with vector: samples that match, one-to-one, many-to-one or one-to-many."""

    def __init__(
        self,
        op: str,
        left: VectorNode,
        right: VectorNode,
        matching: Matching,
        as_bool: bool,
        keep_name: bool,
        version: int,
    ) -> None:
        self.left, self.right = left, right
        one_to_one = matching.cardinality == "one-to-one"
        # Prometheus 3 checks for multiple matches before a comparison filters, 2 after it.
        self.check_first = version == 3 and one_to_one
        self.compare = COMPARISONS.get(op) if not as_bool else None
        self.operator = numeric_operator(op)
        self.many_on_right = matching.cardinality == "one-to-many"
        many, one_side = (right, left) if self.many_on_right else (left, right)
        self.pairs = MatchedPairs(matching, keep_name)
        self.labels = self.pairs.labels
        side = "left" if self.many_on_right else "right"
        self.one_unique = UniquePerGroup(
            one_side.labels,
            f"found duplicate series on the {side} hand-side of the operation: {{found}}; "
            "many-to-many matching not allowed: matching labels must be unique on one side",
        )
        advice = "grouping labels must ensure unique matches"
        if one_to_one:
            advice = "many-to-one matching must be explicit (group_left/group_right)"
        self.results = LabelSetIds()
        self.result_unique = UniquePerGroup(self.labels, f"multiple matches for labels: {advice}")
        self.read_from(many, one_side)
        unchecked = not (self.one_unique.needed or self.result_unique.needed)
        self.cannot_fail = left.cannot_fail and right.cannot_fail and unchecked

    def _add_rows(self, new: Sequence[Sequence[Labels]]) -> None:
        many, one_side = new
        before = len(self.labels)
        self.one_unique.add_groups(self.pairs.add_rows(many, one_side))
        self.result_unique.add_groups(self.results.of(self.labels[before:]))
        self.all_many = _is_identity(self.pairs.many_rows, self.pairs.many_count)
        self.all_one = _is_identity(self.pairs.one_rows, self.pairs.one_count)

    def at(self, times: EvalTimes) -> Vectors:
        left, right = self.left.at(times), self.right.at(times)
        many, one_side = (right, left) if self.many_on_right else (left, right)
        if self.one_unique.needed and left.present.any() and right.present.any():
            self.one_unique.check(one_side.present)
        many_values, many_present = many if self.all_many else _take(many, self.pairs.many_rows)
        one_values, one_present = one_side if self.all_one else _take(one_side, self.pairs.one_rows)
        present = many_present & one_present
        if self.check_first:
            self.result_unique.check(present)
        if self.many_on_right:
            left_values, right_values = one_values, many_values
        else:
            left_values, right_values = many_values, one_values
        if self.compare is None:
            values = self.operator(left_values, right_values)
        else:
            values = left_values
            present = present & self.compare(left_values, right_values)
        if not self.check_first:
            self.result_unique.check(present)
        return Vectors(values, present)


class SetOperation(VectorNode):
    """Base of `and`, `or` and `unless`: the match group of each row on either side."""

    def __init__(self, left: VectorNode, right: VectorNode, matching: Matching) -> None:
        self.left, self.right = left, right
        self.key, self.groups = matching.key(), LabelSetIds()
        self.left_group = self.right_group = np.zeros(0, dtype=np.int64)
        self.read_from(left, right)

    def _add_rows(self, new: Sequence[Sequence[Labels]]) -> None:
        left, right = new
        self.left_group = extended(self.left_group, self.groups.of(map(self.key, left)))
        self.right_group = extended(self.right_group, self.groups.of(map(self.key, right)))


class AndUnless(SetOperation):
    """`and`, `unless`: the left samples with, or without, a match on the right."""

    def __init__(
        self, left: VectorNode, right: VectorNode, matching: Matching, keep_matched: bool
    ) -> None:
        super().__init__(left, right, matching)
        self.labels, self.keep_matched = left.labels, keep_matched
        self.cannot_fail = left.cannot_fail and right.cannot_fail

    def at(self, times: EvalTimes) -> Vectors:
        values, present = self.left.at(times)
        if self.right.cannot_fail and not np.count_nonzero(present):
            return Vectors(values, present)
        group_present = any_in_group(
            self.right.at(times).present, self.right_group, len(self.groups)
        )
        matched = group_present.take(self.left_group, axis=1)
        return Vectors(values, present & (matched if self.keep_matched else ~matched))


class Or(SetOperation):
    """`or`: the left samples, and the right ones without a match on the left."""

    def __init__(self, left: VectorNode, right: VectorNode, matching: Matching) -> None:
        self.labels: list[Labels] = []
        self.label_sets = UniqueLabelSets()
        super().__init__(left, right, matching)
        self.cannot_fail = left.cannot_fail and right.cannot_fail and bool(self.label_sets.unique)

    def _add_rows(self, new: Sequence[Sequence[Labels]]) -> None:
        if new[0] and len(self.right_group):  # rows of the right side come last
            raise ReplanNeeded
        super()._add_rows(new)
        for rows in new:
            self.labels += rows
        self.label_sets.add_rows([*new[0], *new[1]])

    def at(self, times: EvalTimes) -> Vectors:
        left, right = self.left.at(times), self.right.at(times)
        group_present = any_in_group(left.present, self.left_group, len(self.groups))
        right_present = right.present & ~group_present.take(self.right_group, axis=1)
        present = np.concatenate([left.present, right_present], axis=1)
        self.label_sets.check(present)
        return Vectors(np.concatenate([left.values, right.values], axis=1), present)


def _is_identity(rows: Ints, size: int) -> bool:
    """Whether rows are 0, 1, … size - 1."""
    return len(rows) == size and bool((rows == np.arange(size)).all())


def _take(vectors: Vectors, rows: Ints) -> Vectors:
    # `take` costs a third of indexing with an array.
    return Vectors(vectors.values.take(rows, axis=1), vectors.present.take(rows, axis=1))


def any_in_group(present: Bools, group: Ints, groups: int) -> Bools:
    """For each time and group, whether any row of the group is present."""
    group_present = np.zeros((len(present), groups), dtype=bool)
    for row, mask in enumerate(present):
        group_present[row, group[mask]] = True
    return group_present
