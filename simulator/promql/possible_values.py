"""What an expression can ever yield over known series: nothing, or numbers in a range.

Only what can be proved is said: a range is never narrower than the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import promql_parser as parser

from simulator.promql.binary import COMPARISONS, And
from simulator.promql.builders import CALLS
from simulator.promql.fractions import is_fraction
from simulator.promql.plan_nodes import ScalarNode, VectorNode
from simulator.promql.planner import Dialect, Planner
from simulator.promql.selection import selector_of
from simulator.promql.sharing import Sharing
from simulator.promql.syntax import parse
from simulator.telemetry.store import Labels, SeriesStore
from simulator.telemetry.value_ranges import ANY, POSITIVE, RATIO, ValueRange

# What a function's result lies within, besides its argument's own range.
SAME = (
    *("avg", "min", "max", "topk", "bottomk", "quantile", "vector"),
    *(f"{name}_over_time" for name in ("avg", "min", "max", "last", "quantile")),
    *("label_replace", "label_join", "sort", "sort_desc"),
)
SUMS = ("sum", "sum_over_time")
QUANTILES = ("quantile", "quantile_over_time")
GROWTHS = ("rate", "increase", "irate")
COUNTS = (
    *("rate", "increase", "irate", "changes", "resets", "count_values", "timestamp", "time"),
    *("stddev", "stdvar", "stddev_over_time", "stdvar_over_time", "sqrt", "exp"),
)
FIXED = {
    # No count is 0: where there is nothing to count there is no result.
    "count": ValueRange(1),
    "count_over_time": ValueRange(1),
    "absent": ValueRange(1, 1),
    "absent_over_time": ValueRange(1, 1),
    "present_over_time": ValueRange(1, 1),
    "group": ValueRange(1, 1),
    "sgn": ValueRange(-1, 1),
    "hour": ValueRange(0, 23),
    "minute": ValueRange(0, 59),
    "day_of_week": ValueRange(0, 6),
    "day_of_month": ValueRange(1, 31),
    "days_in_month": ValueRange(28, 31),
    "month": ValueRange(1, 12),
}
# These yield something whatever their argument does.
ALWAYS = frozenset(("absent", "absent_over_time", "scalar"))


class PossibleValues:
    """The reach of expressions over a store of every series that there can be.

    Parameters
    ----------
    store : SeriesStore
        Series without samples will do.
    ranges : callable
        A metric's name to its range.
    dialect : int

    Examples
    --------
    >>> from simulator.telemetry.value_ranges import value_range
    >>> from simulator.telemetry.store import labels_of
    >>> store = SeriesStore()
    >>> _ = store.table("a", [labels_of(__name__="miss_ratio", job="a")])
    >>> reach = PossibleValues(store, value_range)
    >>> reach.of("avg(miss_ratio) * 100"), reach.why
    (ValueRange(low=0.0, high=100.0), [])
    >>> reach.of("miss_ratio > 5") is None, reach.why
    (True, ['miss_ratio > 5 never holds: its left side is at most 1'])
    """

    def __init__(
        self, store: SeriesStore, ranges: Callable[[str | None], ValueRange], dialect: int = 3
    ) -> None:
        self.sharing, self.ranges, self.dialect = Sharing(store), ranges, Dialect(dialect)
        self.why: list[str] = []

    def of(self, expr: str) -> ValueRange | None:
        """The range of an expression; None if it yields nothing, and `why` says why."""
        self.why = []
        parsed = parse(expr)
        # Which labels count_values makes is not known before its samples are.
        self.loose = "count_values" in expr
        self.planner = Planner(parsed, self.dialect, self.sharing, CALLS)
        return self._of(parsed.tree)

    def _of(self, tree: Any) -> ValueRange | None:
        match tree:
            case parser.NumberLiteral():
                return ValueRange(float(tree.val), float(tree.val))
            case parser.ParenExpr() | parser.SubqueryExpr():
                return self._of(tree.expr)
            case parser.MatrixSelector():
                return self._of(tree.vector_selector)
            case parser.UnaryExpr():
                inner = self._of(tree.expr)
                return inner and ValueRange(-inner.high, -inner.low)
            case parser.VectorSelector():
                selector = selector_of(tree)
                return self.ranges(selector.name) if self._labels(tree) else None
            case parser.AggregateExpr():
                return self._applied(str(tree.op), tree, [tree.expr])
            case parser.Call():
                return self._applied(tree.func.name, tree, list(tree.args))
            case parser.BinaryExpr():
                return self._binary(tree)
        return ANY

    def _labels(self, tree: Any) -> Sequence[Labels]:
        node = self.planner.node(tree)
        return node.labels if isinstance(node, VectorNode) else [()]

    def _applied(self, name: str, tree: Any, arguments: list[Any]) -> ValueRange | None:
        found = [self._of(one) for one in arguments if not isinstance(one, parser.StringLiteral)]
        if name not in ALWAYS and None in found:
            return None
        vectors = [one for one in found if one is not None]
        if name.endswith(QUANTILES) and not _within(getattr(tree, "param", None) or arguments[0]):
            return ANY  # beyond 0 and 1 lie the infinities
        if name == "histogram_quantile":
            return self._quantile(tree, arguments[1])
        if name in FIXED:
            return FIXED[name]
        if name in GROWTHS and not (vectors and vectors[0].low >= 0):
            return ANY  # what falls below zero is read as a counter's reset
        if name in COUNTS:
            return POSITIVE
        if name in SUMS and vectors and vectors[0].low >= 0:
            return ValueRange(vectors[0].low)
        if name in SAME and vectors:
            # The parameter of quantile() and quantile_over_time() comes first, if at all.
            return vectors[-1] if name in QUANTILES else vectors[0]
        if name == "abs" and vectors:
            return ValueRange(0.0, max(abs(vectors[0].low), abs(vectors[0].high)))
        return ANY

    def _quantile(self, tree: Any, argument: Any) -> ValueRange | None:
        bounds = [dict(labels).get("le") for labels in self._labels(argument)]
        if "+Inf" not in bounds:
            self.why.append(f"{_shown(tree)} has no buckets: the label 'le' is not kept")
            return None
        finite = [float(bound) for bound in bounds if bound not in (None, "+Inf")]
        # Beyond the last bound Prometheus answers with that bound.
        return ValueRange(min(0.0, *finite), max(finite)) if finite else ANY

    def _binary(self, tree: Any) -> ValueRange | None:
        op, left, right = str(tree.op), self._of(tree.lhs), self._of(tree.rhs)
        if op == "or":
            both = [one for one in (left, right) if one is not None]
            return ValueRange(min(r.low for r in both), max(r.high for r in both)) if both else None
        if left is None or (right is None and op != "unless"):
            return None
        if op == "unless" or right is None:
            return left
        if not self._meet(tree):
            return None
        if op == "and":
            return left
        if op not in COMPARISONS:
            share = op == "/" and left.low >= 0 and right.low >= 0 and is_fraction(tree)
            return RATIO if share else _arithmetic(op, left, right)
        if tree.modifier and tree.modifier.return_bool:
            return RATIO
        return self._compared(tree, op, left, right)

    def _meet(self, tree: Any) -> bool:
        """Whether any series of the left side has a match on the right."""
        node = self.planner.node(tree)
        if self.loose:
            return True
        if isinstance(node, And):
            met = bool(set(node.left_group.tolist()) & set(node.right_group.tolist()))
        else:
            met = not isinstance(node, VectorNode) or len(node.labels) > 0
        if not met:
            sides = [_label_names(self._labels(side)) for side in (tree.lhs, tree.rhs)]
            self.why.append(
                f"the sides of {tree.op} never meet: left is by ({sides[0]}), "
                f"right by ({sides[1]}); say on () or ignoring ()"
            )
        return met

    def _compared(
        self, tree: Any, op: str, left: ValueRange, right: ValueRange
    ) -> ValueRange | None:
        scalar = isinstance(self.planner.node(tree.lhs), ScalarNode)
        if scalar:
            # What passes is the vector on the right.
            op = {">": "<", "<": ">", ">=": "<=", "<=": ">="}.get(op, op)
            left, right = right, left
        side, edge = "right" if scalar else "left", ""
        if op in (">", ">=", "==") and (
            left.high < right.low or (op == ">" and left.high <= right.low)
        ):
            edge = f"at most {left.high:g}"
        elif op in ("<", "<=", "==") and (
            left.low > right.high or (op == "<" and left.low >= right.high)
        ):
            edge = f"at least {left.low:g}"
        if edge:
            self.why.append(f"{_shown(tree)} never holds: its {side} side is {edge}")
            return None
        if op in (">", ">="):
            return ValueRange(max(left.low, right.low), left.high)
        if op in ("<", "<="):
            return ValueRange(left.low, min(left.high, right.high))
        return left


def _within(tree: Any) -> bool:
    """Whether a quantile is a literal from 0 to 1."""
    return isinstance(tree, parser.NumberLiteral) and 0 <= float(tree.val) <= 1


def _arithmetic(op: str, left: ValueRange, right: ValueRange) -> ValueRange:
    if op == "-":
        right = ValueRange(-right.high, -right.low)
    if op in ("+", "-"):
        low, high = left.low + right.low, left.high + right.high
        return ValueRange(low, high) if low <= high else ANY  # inf - inf is no number
    if op == "*" or (op == "/" and right.low == right.high and right.low != 0):
        inverse = right if op == "*" else ValueRange(1 / right.low, 1 / right.low)
        corners = [_times(a, b) for a in left for b in inverse]
        return ValueRange(min(corners), max(corners))
    if op == "/" and left.low >= 0 and right.low >= 0:
        return POSITIVE
    return ANY


def _times(a: float, b: float) -> float:
    return 0.0 if a == 0 or b == 0 else a * b


def _shown(tree: Any) -> str:
    text = " ".join(str(tree).replace("{}", "").split())
    return text if len(text) <= 80 else text[:77] + "…"


def _label_names(series: Sequence[Labels]) -> str:
    names = sorted({name for labels in series for name, _ in labels} - {"__name__"})
    return ", ".join(names)
