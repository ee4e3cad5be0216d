"""Syntax tree to plan: nodes with static label sets."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import promql_parser as parser

from simulator.promql.aggregate import (
    REDUCERS,
    REDUCERS_2,
    Aggregate,
    CountValues,
    Quantile,
    TopBottomK,
)
from simulator.promql.binary import (
    AndUnless,
    Or,
    ScalarBinary,
    VectorBinary,
    VectorScalar,
    keeps_name,
)
from simulator.promql.calls import ElementwiseFunction, Negation, ScalarToVector
from simulator.promql.dialect import Dialect
from simulator.promql.errors import PromQLError, Unsupported
from simulator.promql.functions import label_functions
from simulator.promql.grouping import GroupingKey, by, without
from simulator.promql.matching import Matching
from simulator.promql.plan_nodes import (
    EmptyVector,
    Node,
    NumberNode,
    RangeNode,
    ScalarNode,
    StringNode,
    VectorNode,
)
from simulator.promql.selection import Selection, selector_of
from simulator.promql.selector_nodes import InstantSelector, RangeSelector, Subquery, TimeShift
from simulator.promql.sharing import CommonSubexpression, SharedWork, is_shareable
from simulator.promql.syntax import Parsed, at_modifier_time
from simulator.units import did_you_mean

CARDINALITIES = {
    "VectorMatchCardinality.OneToOne": "one-to-one",
    "VectorMatchCardinality.ManyToOne": "many-to-one",
    "VectorMatchCardinality.OneToMany": "one-to-many",
    "VectorMatchCardinality.ManyToMany": "many-to-many",
}

Arguments = Sequence[Any]  # the syntax trees of a call's arguments
Builder = Callable[["Planner", str, Arguments], Node]  # planner, function name, arguments


class Planner:
    """Makes the plan of one query; `selections` are the series that it reads.

    Parameters
    ----------
    calls : mapping of str to Builder
        The builder of each function's node: `builders.CALLS`.
    seen_values : dict, optional
        Values that each `count_values` has met so far.
    """

    def __init__(
        self,
        parsed: Parsed,
        dialect: Dialect,
        shared: SharedWork,
        calls: Mapping[str, Builder],
        seen_values: dict[int, dict[str, float]] | None = None,
    ) -> None:
        self.parsed, self.shared, self.calls = parsed, shared, calls
        self.dialect: Dialect = dialect
        self.seen_values = {} if seen_values is None else seen_values
        self.selections: list[Selection] = []
        self._count_values_calls = 0
        self._may_share = bool(shared.repeated) and is_shareable(parsed.text)

    def node(self, tree: Any) -> Node:
        """The node of a subtree; one that other rules contain is made once."""
        node = self._shared_node(tree) or self._new_node(tree)
        if isinstance(node, VectorNode) and node.cannot_fail and not len(node.labels):
            return EmptyVector(node)
        return node

    def _shared_node(self, tree: Any) -> Node | None:
        if not self._may_share or str(tree) not in self.shared.repeated:
            return None
        shared = self.shared.nodes.get(str(tree))
        if shared is None or not shared.is_current():
            before = len(self.selections)
            node = self._new_node(tree)
            if not isinstance(node, VectorNode):
                return node
            shared = CommonSubexpression(node, self.selections[before:])
            self.shared.nodes[str(tree)] = shared
        else:
            self.selections += shared.selections
        return shared

    def _new_node(self, tree: Any) -> Node:
        match tree:
            case parser.NumberLiteral():
                return NumberNode(float(tree.val))
            case parser.StringLiteral():
                return StringNode(tree.val)
            case parser.ParenExpr():
                return self.node(tree.expr)
            case parser.UnaryExpr():
                return self._negation(tree)
            case parser.VectorSelector():
                return self._instant_selector(tree)
            case parser.MatrixSelector():
                return self._range_selector(tree)
            case parser.SubqueryExpr():
                return self._subquery(tree)
            case parser.AggregateExpr():
                return self._aggregation(tree)
            case parser.BinaryExpr():
                return self._binary(tree)
            case parser.Call():
                return self._call(tree)
        raise PromQLError(f"cannot evaluate a {type(tree).__name__}")

    def vector(self, tree: Any) -> VectorNode:
        """The node of a subtree that must be an instant vector."""
        node = self.node(tree)
        if not isinstance(node, VectorNode):
            raise PromQLError(f"expected an instant vector: {tree}")
        return node

    def scalar(self, tree: Any) -> ScalarNode:
        """The node of a subtree that must be a scalar."""
        node = self.node(tree)
        if not isinstance(node, ScalarNode):
            raise PromQLError(f"expected a scalar: {tree}")
        return node

    def range(self, tree: Any) -> RangeNode:
        """The node of a subtree that must be a range vector."""
        node = self.node(tree)
        if not isinstance(node, RangeNode):
            raise PromQLError(f"expected a range vector: {tree}")
        return node

    def text(self, tree: Any) -> str:
        """The text of a subtree that must be a string."""
        node = self.node(tree)
        if not isinstance(node, StringNode):
            raise PromQLError(f"expected a string: {tree}")
        return node.text

    @property
    def _left_closed(self) -> bool:
        return self.dialect.version == 2

    def _selection(self, tree: Any) -> Selection:
        selection = self.shared.selection(selector_of(tree))
        self.selections.append(selection)
        return selection

    def _shift(self, tree: Any) -> TimeShift:
        offset = _milliseconds(tree.offset) if tree.offset else 0
        if tree.at is None:
            return TimeShift(offset)
        if tree.at.type == parser.AtModifierType.Start:
            return TimeShift(offset, bound="start")
        if tree.at.type == parser.AtModifierType.End:
            return TimeShift(offset, bound="end")
        return TimeShift(offset, at_modifier_time(self.parsed, tree.at) - self.dialect.epoch)

    def _instant_selector(self, tree: Any) -> InstantSelector:
        selection, shift = self._selection(tree), self._shift(tree)
        return InstantSelector(selection, shift, self.dialect.lookback_delta, self._left_closed)

    def _range_selector(self, tree: Any) -> RangeSelector:
        selector = tree.vector_selector
        selection, length = self._selection(selector), _milliseconds(tree.range)
        ranges = self.shared.ranges
        return RangeSelector(selection, self._shift(selector), length, self._left_closed, ranges)

    def _subquery(self, tree: Any) -> Subquery:
        inner = self.node(tree.expr)
        if isinstance(inner, ScalarNode):
            inner = ScalarToVector(inner)
        if not isinstance(inner, VectorNode):
            raise PromQLError(f"subquery is only allowed on instant vector: {tree}")
        step = _milliseconds(tree.step) if tree.step else self.dialect.step
        length, epoch = _milliseconds(tree.range), self.dialect.epoch
        return Subquery(inner, self._shift(tree), length, step, self._left_closed, epoch)

    def _negation(self, tree: Any) -> Node:
        inner = self.node(tree.expr)
        if isinstance(inner, ScalarNode):
            return Negation(inner)
        return ElementwiseFunction(self.vector(tree.expr), np.negative, ())

    def _aggregation(self, tree: Any) -> VectorNode:
        inner, key, op = self.vector(tree.expr), _grouping_key(tree.modifier), str(tree.op)
        if op in REDUCERS:
            reducers = REDUCERS if self.dialect.version == 3 else REDUCERS_2
            return Aggregate(inner, key, reducers[op])
        if op in ("topk", "bottomk"):
            return TopBottomK(inner, key, self.scalar(tree.param), largest=op == "topk")
        if op == "quantile":
            return Quantile(inner, key, self.scalar(tree.param))
        if op == "count_values":
            target = self.text(tree.param)
            label_functions.check_name(target, "label name", self.dialect.version)
            self._count_values_calls += 1
            seen_values = self.seen_values.setdefault(self._count_values_calls, {})
            return CountValues(inner, _grouping_key(tree.modifier, target), target, seen_values)
        raise Unsupported(f"aggregation {op!r} is experimental in Prometheus and left out")

    def _binary(self, tree: Any) -> Node:
        op, modifier = str(tree.op), tree.modifier
        as_bool = bool(modifier and modifier.return_bool)
        keep_name = not as_bool and keeps_name(op, self.dialect.version)
        left, right = self.node(tree.lhs), self.node(tree.rhs)
        if isinstance(left, ScalarNode) and isinstance(right, ScalarNode):
            return ScalarBinary(op, left, right)
        if isinstance(left, VectorNode) and isinstance(right, ScalarNode):
            return VectorScalar(op, left, right, False, as_bool, keep_name)
        if isinstance(left, ScalarNode) and isinstance(right, VectorNode):
            return VectorScalar(op, right, left, True, as_bool, keep_name)
        if not isinstance(left, VectorNode) or not isinstance(right, VectorNode):
            raise PromQLError(f"operator {op!r} needs scalars or instant vectors: {tree}")
        matching = _matching(modifier)
        if op == "or":
            return Or(left, right, matching)
        if op in ("and", "unless"):
            return AndUnless(left, right, matching, keep_matched=op == "and")
        return VectorBinary(op, left, right, matching, as_bool, keep_name, self.dialect.version)

    def _call(self, tree: Any) -> Node:
        name = tree.func.name
        build = self.calls.get(name)
        if build is None:
            hint = did_you_mean(name, self.calls)
            raise Unsupported(f"function {name}() is experimental or left out{hint}")
        return build(self, name, list(tree.args))


def _milliseconds(delta: timedelta) -> int:
    return round(delta.total_seconds() * 1000)


def _grouping_key(modifier: Any, *more: str) -> GroupingKey:
    if modifier is None:
        return by(more)
    if modifier.type == parser.AggModifierType.Without:
        return without(modifier.labels)
    return by([*modifier.labels, *more])


def _matching(modifier: Any) -> Matching:
    if modifier is None:
        return Matching()
    fill = modifier.fill_values
    if fill is not None and (fill.lhs is not None or fill.rhs is not None):
        raise Unsupported("fill modifiers are experimental in Prometheus and left out")
    labels = modifier.matching
    return Matching(
        CARDINALITIES[str(modifier.card)],
        labels is not None and labels.type == parser.LabelModifierType.Include,
        tuple(labels.labels) if labels is not None else (),
        tuple(modifier.group_labels or ()),
    )
