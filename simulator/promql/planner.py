"""Syntax tree to plan: nodes, which know their label sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np
import promql_parser as parser

from simulator.promql.aggregate import REDUCERS, REDUCERS_2, Aggregate, Best, CountValues, Quantile
from simulator.promql.binary import And, Join, Or, ScalarBinary, VectorScalar, keeps_name
from simulator.promql.calls import AsVector, Map, Negative
from simulator.promql.errors import PromQLError, Unsupported
from simulator.promql.functions import label_functions
from simulator.promql.grouping import Key, by, without
from simulator.promql.matching import Matching
from simulator.promql.plan_nodes import (
    Node,
    Nothing,
    Number,
    RangeNode,
    ScalarNode,
    StringNode,
    VectorNode,
)
from simulator.promql.selection import Selection, selector_of
from simulator.promql.selector_nodes import Latest, Samples, Shift, Subquery
from simulator.promql.sharing import Repeated, Sharing, sharable
from simulator.promql.syntax import Parsed, pinned_time
from simulator.units import did_you_mean

CARDS = {
    "VectorMatchCardinality.OneToOne": "one-to-one",
    "VectorMatchCardinality.ManyToOne": "many-to-one",
    "VectorMatchCardinality.OneToMany": "one-to-many",
    "VectorMatchCardinality.ManyToMany": "many-to-many",
}


class Dialect(NamedTuple):
    """What a query's answer depends on besides the samples.

    Parameters
    ----------
    version : int
        2 or 3, the major version of Prometheus.
    lookback : int, ms
    step : int, ms
        Of subqueries that name none.
    epoch : int, ms since 1970
        What time 0 is on the calendar: for `time()`, dates, `@` and the grid of subqueries.
    """

    version: int = 3
    lookback: int = 300_000
    step: int = 60_000
    epoch: int = 0


Arguments = Sequence[Any]  # the syntax trees of a call's arguments
Builder = Callable[["Planner", str, Arguments], Node]  # planner, function name, arguments


class Planner:
    """Makes the plan of one query; `selections` are the series that it reads.

    Parameters
    ----------
    parsed : Parsed
    dialect : Dialect
    sharing : Sharing
    calls : mapping of str to Builder
        The builder of each function's node: `builders.CALLS`.
    known : dict, optional
        Values that each `count_values` has met so far.
    """

    def __init__(
        self,
        parsed: Parsed,
        dialect: Dialect,
        sharing: Sharing,
        calls: Mapping[str, Builder],
        known: dict[int, dict[str, float]] | None = None,
    ) -> None:
        self.parsed, self.sharing, self.calls = parsed, sharing, calls
        self.dialect: Dialect = dialect
        self.known = {} if known is None else known
        self.selections: list[Selection] = []
        self.counted = 0
        self.repeats = bool(sharing.repeated) and sharable(parsed.text)

    def node(self, tree: Any) -> Node:
        """The node of a subtree; one that other rules contain is made once."""
        node = self._known(tree) or self._node(tree)
        if isinstance(node, VectorNode) and node.sure and not len(node.labels):
            return Nothing(node)
        return node

    def _known(self, tree: Any) -> Node | None:
        if not self.repeats or str(tree) not in self.sharing.repeated:
            return None
        known = self.sharing.nodes.get(str(tree))
        if known is None or not known.holds():
            before = len(self.selections)
            node = self._node(tree)
            if not isinstance(node, VectorNode):
                return node
            known = Repeated(node, self.selections[before:])
            self.sharing.nodes[str(tree)] = known
        else:
            self.selections += known.selections
        return known

    def _node(self, tree: Any) -> Node:
        match tree:
            case parser.NumberLiteral():
                return Number(float(tree.val))
            case parser.StringLiteral():
                return StringNode(tree.val)
            case parser.ParenExpr():
                return self.node(tree.expr)
            case parser.UnaryExpr():
                return self._negative(tree)
            case parser.VectorSelector():
                return self._latest(tree)
            case parser.MatrixSelector():
                return self._samples(tree)
            case parser.SubqueryExpr():
                return self._subquery(tree)
            case parser.AggregateExpr():
                return self._aggregate(tree)
            case parser.BinaryExpr():
                return self._binary(tree)
            case parser.Call():
                return self._call(tree)
        raise PromQLError(f"cannot evaluate a {type(tree).__name__}")

    def vector(self, tree: Any) -> VectorNode:
        """A subtree that must be an instant vector."""
        node = self.node(tree)
        if not isinstance(node, VectorNode):
            raise PromQLError(f"expected an instant vector: {tree}")
        return node

    def scalar(self, tree: Any) -> ScalarNode:
        """A subtree that must be a scalar."""
        node = self.node(tree)
        if not isinstance(node, ScalarNode):
            raise PromQLError(f"expected a scalar: {tree}")
        return node

    def range(self, tree: Any) -> RangeNode:
        """A subtree that must be a range vector."""
        node = self.node(tree)
        if not isinstance(node, RangeNode):
            raise PromQLError(f"expected a range vector: {tree}")
        return node

    def text(self, tree: Any) -> str:
        """A subtree that must be a string."""
        node = self.node(tree)
        if not isinstance(node, StringNode):
            raise PromQLError(f"expected a string: {tree}")
        return node.text

    @property
    def _closed(self) -> bool:
        return self.dialect.version == 2

    def _selection(self, tree: Any) -> Selection:
        selection = self.sharing.selection(selector_of(tree))
        self.selections.append(selection)
        return selection

    def _shift(self, tree: Any) -> Shift:
        offset = round(tree.offset.total_seconds() * 1000) if tree.offset else 0
        if tree.at is None:
            return Shift(offset)
        if tree.at.type == parser.AtModifierType.Start:
            return Shift(offset, bound="start")
        if tree.at.type == parser.AtModifierType.End:
            return Shift(offset, bound="end")
        return Shift(offset, pinned_time(self.parsed, tree.at) - self.dialect.epoch)

    def _latest(self, tree: Any) -> Latest:
        return Latest(self._selection(tree), self._shift(tree), self.dialect.lookback, self._closed)

    def _samples(self, tree: Any) -> Samples:
        selector = tree.vector_selector
        selection, length = self._selection(selector), _milliseconds(tree.range)
        ranges = self.sharing.ranges
        return Samples(selection, self._shift(selector), length, self._closed, ranges)

    def _subquery(self, tree: Any) -> Subquery:
        inner = self.node(tree.expr)
        if isinstance(inner, ScalarNode):
            inner = AsVector(inner)
        if not isinstance(inner, VectorNode):
            raise PromQLError(f"subquery is only allowed on instant vector: {tree}")
        step = _milliseconds(tree.step) if tree.step else self.dialect.step
        length, epoch = _milliseconds(tree.range), self.dialect.epoch
        return Subquery(inner, self._shift(tree), length, step, self._closed, epoch)

    def _negative(self, tree: Any) -> Node:
        inner = self.node(tree.expr)
        if isinstance(inner, ScalarNode):
            return Negative(inner)
        return Map(self.vector(tree.expr), np.negative, ())

    def _aggregate(self, tree: Any) -> VectorNode:
        inner, key, op = self.vector(tree.expr), _grouping(tree.modifier), str(tree.op)
        if op in REDUCERS:
            reducers = REDUCERS if self.dialect.version == 3 else REDUCERS_2
            return Aggregate(inner, key, reducers[op])
        if op in ("topk", "bottomk"):
            return Best(inner, key, self.scalar(tree.param), largest=op == "topk")
        if op == "quantile":
            return Quantile(inner, key, self.scalar(tree.param))
        if op == "count_values":
            target = self.text(tree.param)
            label_functions.check_name(target, "label name", self.dialect.version)
            self.counted += 1
            known = self.known.setdefault(self.counted, {})
            return CountValues(inner, _grouping(tree.modifier, target), target, known)
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
            return And(left, right, matching, wanted=op == "and")
        return Join(op, left, right, matching, as_bool, keep_name, self.dialect.version)

    def _call(self, tree: Any) -> Node:
        name = tree.func.name
        build = self.calls.get(name)
        if build is None:
            hint = did_you_mean(name, self.calls)
            raise Unsupported(f"function {name}() is experimental or left out{hint}")
        return build(self, name, list(tree.args))


def _milliseconds(delta: timedelta) -> int:
    return round(delta.total_seconds() * 1000)


def _grouping(modifier: Any, *more: str) -> Key:
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
    named = modifier.matching
    return Matching(
        CARDS[str(modifier.card)],
        named is not None and named.type == parser.LabelModifierType.Include,
        tuple(named.labels) if named is not None else (),
        tuple(modifier.group_labels or ()),
    )
