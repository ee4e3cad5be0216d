"""Syntax tree to plan: every node's label sets are worked out here, once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

import numpy as np
import promql_parser as parser

from simulator.promql.aggregate import REDUCERS, Aggregate, Best, CountValues, Quantile
from simulator.promql.binary import And, Join, Or, ScalarBinary, VectorScalar, keeps_name
from simulator.promql.calls import (
    Absent,
    AsScalar,
    AsVector,
    Clamp,
    Map,
    Negative,
    Now,
    OverRange,
    Sampled,
    Sorted,
)
from simulator.promql.errors import PromQLError, Unsupported
from simulator.promql.functions import labels as label_functions
from simulator.promql.functions import over_time, rates, regression
from simulator.promql.functions.dates import DATES
from simulator.promql.functions.histograms import HistogramQuantile
from simulator.promql.functions.mathematics import ELEMENTWISE
from simulator.promql.grouping import Key, by, without
from simulator.promql.matching import Matching
from simulator.promql.nodes import Number, ScalarNode, StringNode, VectorNode
from simulator.promql.reading import Latest, RangeNode, Samples, Shift, Subquery
from simulator.promql.selection import Selection, selector_of
from simulator.promql.syntax import Parsed, pinned_time
from simulator.telemetry.store import Labels, Store, labels_of

Node = VectorNode | ScalarNode | StringNode | RangeNode

KEEPS_NAME = ("last_over_time",)
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
    """

    version: int = 3
    lookback: int = 300_000
    step: int = 60_000


class Planner:
    """Makes the plan of one query over one store; `selections` are what it reads."""

    def __init__(
        self, parsed: Parsed, store: Store, dialect: Dialect, known: dict[int, dict[str, float]]
    ) -> None:
        self.parsed, self.store, self.dialect = parsed, store, dialect
        self.known = known
        self.selections: list[Selection] = []
        self.counted = 0

    def node(self, tree: Any) -> Node:
        """The node of a subtree."""
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

    def _text(self, tree: Any) -> str:
        node = self.node(tree)
        if not isinstance(node, StringNode):
            raise PromQLError(f"expected a string: {tree}")
        return node.text

    @property
    def _closed(self) -> bool:
        return self.dialect.version == 2

    def _selection(self, tree: Any) -> Selection:
        selection = Selection(selector_of(tree), self.store)
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
        return Shift(offset, pinned_time(self.parsed, tree.at))

    def _latest(self, tree: Any) -> Latest:
        return Latest(
            self._selection(tree), self._shift(tree), self.dialect.lookback, self._closed
        )

    def _samples(self, tree: Any) -> Samples:
        selector = tree.vector_selector
        return Samples(
            self._selection(selector), self._shift(selector), _milliseconds(tree.range), self._closed
        )

    def _subquery(self, tree: Any) -> Subquery:
        inner = self.node(tree.expr)
        if isinstance(inner, ScalarNode):
            inner = AsVector(inner)
        if not isinstance(inner, VectorNode):
            raise PromQLError(f"subquery is only allowed on instant vector: {tree}")
        step = _milliseconds(tree.step) if tree.step else self.dialect.step
        return Subquery(inner, self._shift(tree), _milliseconds(tree.range), step, self._closed)

    def _negative(self, tree: Any) -> Node:
        inner = self.node(tree.expr)
        if isinstance(inner, ScalarNode):
            return Negative(inner)
        return Map(self.vector(tree.expr), np.negative, ())

    def _aggregate(self, tree: Any) -> VectorNode:
        inner, key, op = self.vector(tree.expr), _grouping(tree.modifier), str(tree.op)
        if op in REDUCERS:
            return Aggregate(inner, key, REDUCERS[op])
        if op in ("topk", "bottomk"):
            return Best(inner, key, self.scalar(tree.param), largest=op == "topk")
        if op == "quantile":
            return Quantile(inner, key, self.scalar(tree.param))
        if op == "count_values":
            target = self._text(tree.param)
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
        return Join(op, left, right, matching, as_bool, keep_name)

    def _call(self, tree: Any) -> Node:
        name = tree.func.name
        build = CALLS.get(name)
        if build is None:
            near = get_close_matches(name, CALLS, n=1)
            hint = f"; nearest: {near[0]}()" if near else ""
            raise Unsupported(f"function {name}() is experimental or left out{hint}")
        return build(self, name, list(tree.args))


def _milliseconds(delta: Any) -> int:
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


Arguments = Sequence[Any]
Builder = Callable[[Planner, str, Arguments], Node]


def _over_range(planner: Planner, name: str, arguments: Arguments) -> Node:
    if name in ("holt_winters", "double_exponential_smoothing"):
        _check_smoothing(planner, name)
    at = next(i for i, tree in enumerate(arguments) if _is_range(tree))
    scalars = [planner.scalar(tree) for i, tree in enumerate(arguments) if i != at]
    inner = planner.range(arguments[at])
    kernels = {**rates.kernels(planner.dialect.version), **over_time.KERNELS, **regression.KERNELS}
    return OverRange(inner, kernels[name], scalars, name in KEEPS_NAME)


def _is_range(tree: Any) -> bool:
    while isinstance(tree, parser.ParenExpr):
        tree = tree.expr
    return isinstance(tree, parser.MatrixSelector | parser.SubqueryExpr)


def _check_smoothing(planner: Planner, name: str) -> None:
    if planner.dialect.version == 3 and name == "holt_winters":
        raise Unsupported("holt_winters() is Prometheus 2's; Prometheus 3 has it no more")
    if planner.dialect.version == 2 and name == "double_exponential_smoothing":
        raise Unsupported("double_exponential_smoothing() is Prometheus 3's; 2 has holt_winters()")


def _map(planner: Planner, name: str, arguments: Arguments) -> Node:
    scalars = [planner.scalar(tree) for tree in arguments[1:]]
    return Map(planner.vector(arguments[0]), ELEMENTWISE[name], scalars)


def _clamp(planner: Planner, name: str, arguments: Arguments) -> Node:
    low, high = (planner.scalar(tree) for tree in arguments[1:])
    return Clamp(planner.vector(arguments[0]), low, high)


def _date(planner: Planner, name: str, arguments: Arguments) -> Node:
    inner = planner.vector(arguments[0]) if arguments else AsVector(Now())
    return Map(inner, DATES[name], ())


def _label_replace(planner: Planner, name: str, arguments: Arguments) -> Node:
    inner = planner.vector(arguments[0])
    target, replacement, source, pattern = (planner._text(tree) for tree in arguments[1:])
    version = planner.dialect.version
    labels = label_functions.replaced(inner.labels, target, replacement, source, pattern, version)
    return label_functions.Relabelled(inner, labels)


def _label_join(planner: Planner, name: str, arguments: Arguments) -> Node:
    inner = planner.vector(arguments[0])
    target, separator, *sources = (planner._text(tree) for tree in arguments[1:])
    version = planner.dialect.version
    labels = label_functions.joined(inner.labels, target, separator, sources, version)
    return label_functions.Relabelled(inner, labels)


def _absent(planner: Planner, name: str, arguments: Arguments) -> Node:
    return Absent(planner.vector(arguments[0]), _pinned_labels(arguments[0]))


def _absent_over_time(planner: Planner, name: str, arguments: Arguments) -> Node:
    inner = OverRange(planner.range(arguments[0]), over_time.present, (), keep_name=True)
    tree = arguments[0]
    return Absent(inner, _pinned_labels(getattr(tree, "vector_selector", tree)))


def _pinned_labels(tree: Any) -> Labels:
    """The labels that a selector fixes by `=`, which `absent` shows; none if it is no selector."""
    if not isinstance(tree, parser.VectorSelector):
        return ()
    matchers = [m for m in selector_of(tree).matchers if m.name != "__name__"]
    names = [m.name for m in matchers]
    return labels_of({m.name: m.value for m in matchers if m.op == "=" and names.count(m.name) == 1})


CALLS: dict[str, Builder] = {
    **dict.fromkeys([*rates.kernels(3), *over_time.KERNELS, *regression.KERNELS], _over_range),
    **dict.fromkeys(ELEMENTWISE, _map),
    **dict.fromkeys(DATES, _date),
    "clamp": _clamp,
    "label_replace": _label_replace,
    "label_join": _label_join,
    "absent": _absent,
    "absent_over_time": _absent_over_time,
    "histogram_quantile": lambda planner, name, arguments: HistogramQuantile(
        planner.scalar(arguments[0]), planner.vector(arguments[1]), planner.dialect.version
    ),
    "scalar": lambda planner, name, arguments: AsScalar(planner.vector(arguments[0])),
    "vector": lambda planner, name, arguments: AsVector(planner.scalar(arguments[0])),
    "time": lambda planner, name, arguments: Now(),
    "pi": lambda planner, name, arguments: Number(np.pi),
    "timestamp": lambda planner, name, arguments: Sampled(planner.vector(arguments[0])),
    "sort": lambda planner, name, arguments: Sorted(planner.vector(arguments[0]), "asc"),
    "sort_desc": lambda planner, name, arguments: Sorted(planner.vector(arguments[0]), "desc"),
}
