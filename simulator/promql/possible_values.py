"""The possible values of an expression over given series: none, or a range of numbers.

The analysis is sound: a range is never narrower than the truth.
"""

from collections.abc import Callable, Sequence
from typing import Any

import promql_parser as parser

from simulator.promql.binary import COMPARISONS, AndUnless
from simulator.promql.builders import CALLS
from simulator.promql.dialect import Dialect
from simulator.promql.fractions import is_fraction
from simulator.promql.plan_nodes import ScalarNode, VectorNode
from simulator.promql.planner import Planner
from simulator.promql.selection import selector_of
from simulator.promql.sharing import SharedWork
from simulator.promql.syntax import parse
from simulator.telemetry.store import Labels, SeriesStore
from simulator.telemetry.value_ranges import ANY, POSITIVE, RATIO, ValueRange

# Functions whose result lies in the range of their argument.
SAME = (
    *("avg", "min", "max", "topk", "bottomk", "quantile", "vector"),
    *(f"{name}_over_time" for name in ("avg", "min", "max", "last", "quantile")),
    *("label_replace", "label_join", "sort", "sort_desc"),
)
SUMS = ("sum", "sum_over_time")
QUANTILES = ("quantile", "quantile_over_time")
INCREASES = ("rate", "increase", "irate")
NOT_NEGATIVE = (
    *("rate", "increase", "irate", "changes", "resets", "count_values", "timestamp", "time"),
    *("stddev", "stdvar", "stddev_over_time", "stdvar_over_time", "sqrt", "exp"),
)
FIXED = {
    # A count is never 0: without samples there is no result.
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
# Functions with a result even where their argument is empty.
NEVER_EMPTY = frozenset(("absent", "absent_over_time", "scalar"))
MIRRORED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}


class PossibleValues:
    """The possible values of expressions over a store of every possible series.

    Parameters
    ----------
    store : SeriesStore
        Series without samples suffice.
    ranges : callable
        From a metric's name to its range.

    Examples
    --------
    >>> from simulator.telemetry.store import labels_of
    >>> from simulator.telemetry.value_ranges import value_range
    >>> store = SeriesStore()
    >>> _ = store.table("a", [labels_of(__name__="miss_ratio", job="a")])
    >>> possible = PossibleValues(store, value_range)
    >>> possible.of("avg(miss_ratio) * 100"), possible.reasons
    (ValueRange(low=0.0, high=100.0), [])
    >>> possible.of("miss_ratio > 5") is None, possible.reasons
    (True, ['miss_ratio > 5 never holds: its left side is at most 1'])
    """

    def __init__(
        self, store: SeriesStore, ranges: Callable[[str | None], ValueRange], dialect: int = 3
    ) -> None:
        self.shared, self.ranges, self.dialect = SharedWork(store), ranges, Dialect(dialect)
        self.reasons: list[str] = []

    def of(self, expr: str) -> ValueRange | None:
        """The range of an expression; None if its result is always empty, see `reasons`."""
        self.reasons = []
        parsed = parse(expr)
        # The labels that count_values makes depend on sample values.
        self._labels_unknown = "count_values" in expr
        self._planner = Planner(parsed, self.dialect, self.shared, CALLS)
        return self._range(parsed.tree)

    def _range(self, tree: Any) -> ValueRange | None:
        match tree:
            case parser.NumberLiteral():
                return ValueRange(float(tree.val), float(tree.val))
            case parser.ParenExpr() | parser.SubqueryExpr():
                return self._range(tree.expr)
            case parser.MatrixSelector():
                return self._range(tree.vector_selector)
            case parser.UnaryExpr():
                inner = self._range(tree.expr)
                return inner and ValueRange(-inner.high, -inner.low)
            case parser.VectorSelector():
                selector = selector_of(tree)
                return self.ranges(selector.name) if self._labels(tree) else None
            case parser.AggregateExpr():
                return self._call(str(tree.op), tree, [tree.expr])
            case parser.Call():
                return self._call(tree.func.name, tree, list(tree.args))
            case parser.BinaryExpr():
                return self._binary(tree)
        return ANY

    def _labels(self, tree: Any) -> Sequence[Labels]:
        node = self._planner.node(tree)
        return node.labels if isinstance(node, VectorNode) else [()]

    def _call(self, name: str, tree: Any, arguments: list[Any]) -> ValueRange | None:
        """The range of a function or an aggregation."""
        ranges = [
            self._range(argument)
            for argument in arguments
            if not isinstance(argument, parser.StringLiteral)
        ]
        if name not in NEVER_EMPTY and None in ranges:
            return None
        bounded = [values for values in ranges if values is not None]
        q = getattr(tree, "param", None) or arguments[0] if name.endswith(QUANTILES) else None
        if q is not None and not _is_probability(q):
            return ANY  # quantiles beyond 0 and 1 are infinite
        if name == "histogram_quantile":
            return self._histogram_quantile(tree, arguments[1])
        if name in FIXED:
            return FIXED[name]
        if name in INCREASES and not (bounded and bounded[0].low >= 0):
            return ANY  # a fall below zero is read as a counter reset
        if name in NOT_NEGATIVE:
            return POSITIVE
        if name in SUMS and bounded and bounded[0].low >= 0:
            return ValueRange(bounded[0].low)
        if name in SAME and bounded:
            # The parameter of quantile() and quantile_over_time() comes first, if at all.
            return bounded[-1] if name in QUANTILES else bounded[0]
        if name == "abs" and bounded:
            return ValueRange(0.0, max(abs(bounded[0].low), abs(bounded[0].high)))
        return ANY

    def _histogram_quantile(self, tree: Any, argument: Any) -> ValueRange | None:
        bounds = [dict(labels).get("le") for labels in self._labels(argument)]
        if "+Inf" not in bounds:
            self.reasons.append(f"{_shorten(tree)} has no buckets: the label 'le' is not kept")
            return None
        finite = [float(bound) for bound in bounds if bound not in (None, "+Inf")]
        # In the +Inf bucket Prometheus returns the last finite bound.
        return ValueRange(min(0.0, *finite), max(finite)) if finite else ANY

    def _binary(self, tree: Any) -> ValueRange | None:
        op, left, right = str(tree.op), self._range(tree.lhs), self._range(tree.rhs)
        if op == "or":
            sides = [values for values in (left, right) if values is not None]
            if not sides:
                return None
            return ValueRange(min(r.low for r in sides), max(r.high for r in sides))
        if left is None or (right is None and op != "unless"):
            return None
        if op == "unless" or right is None:
            return left
        if not self._can_match(tree):
            return None
        if op == "and":
            return left
        if op not in COMPARISONS:
            share = op == "/" and left.low >= 0 and right.low >= 0 and is_fraction(tree)
            return RATIO if share else _arithmetic(op, left, right)
        if tree.modifier and tree.modifier.return_bool:
            return RATIO
        return self._filtered(tree, op, left, right)

    def _can_match(self, tree: Any) -> bool:
        """Whether any series of the left side can match one on the right."""
        node = self._planner.node(tree)
        if self._labels_unknown:
            return True
        if isinstance(node, AndUnless):
            matched = bool(set(node.left_group.tolist()) & set(node.right_group.tolist()))
        else:
            matched = not isinstance(node, VectorNode) or len(node.labels) > 0
        if not matched:
            left, right = (_label_names(self._labels(side)) for side in (tree.lhs, tree.rhs))
            self.reasons.append(
                f"the sides of {tree.op} never match: left is by ({left}), "
                f"right by ({right}); use on () or ignoring ()"
            )
        return matched

    def _filtered(
        self, tree: Any, op: str, left: ValueRange, right: ValueRange
    ) -> ValueRange | None:
        """The range of the samples that pass a comparison."""
        scalar_first = isinstance(self._planner.node(tree.lhs), ScalarNode)
        if scalar_first:  # the filtered vector is on the right
            op = MIRRORED.get(op, op)
            left, right = right, left
        side, limit = "right" if scalar_first else "left", ""
        if op in (">", ">=", "==") and (
            left.high < right.low or (op == ">" and left.high <= right.low)
        ):
            limit = f"at most {left.high:g}"
        elif op in ("<", "<=", "==") and (
            left.low > right.high or (op == "<" and left.low >= right.high)
        ):
            limit = f"at least {left.low:g}"
        if limit:
            self.reasons.append(f"{_shorten(tree)} never holds: its {side} side is {limit}")
            return None
        if op in (">", ">="):
            return ValueRange(max(left.low, right.low), left.high)
        if op in ("<", "<="):
            return ValueRange(left.low, min(left.high, right.high))
        return left


def _is_probability(tree: Any) -> bool:
    """Whether a quantile's parameter is a literal from 0 to 1."""
    return isinstance(tree, parser.NumberLiteral) and 0 <= float(tree.val) <= 1


def _arithmetic(op: str, left: ValueRange, right: ValueRange) -> ValueRange:
    if op == "-":
        right = ValueRange(-right.high, -right.low)
    if op in ("+", "-"):
        low, high = left.low + right.low, left.high + right.high
        return ValueRange(low, high) if low <= high else ANY  # inf - inf is NaN
    if op == "*" or (op == "/" and right.low == right.high and right.low != 0):
        factor = right if op == "*" else ValueRange(1 / right.low, 1 / right.low)
        corners = [_product(a, b) for a in left for b in factor]
        return ValueRange(min(corners), max(corners))
    if op == "/" and left.low >= 0 and right.low >= 0:
        return POSITIVE
    return ANY


def _product(a: float, b: float) -> float:
    return 0.0 if a == 0 or b == 0 else a * b


def _shorten(tree: Any) -> str:
    text = " ".join(str(tree).replace("{}", "").split())
    return text if len(text) <= 80 else text[:77] + "…"


def _label_names(series: Sequence[Labels]) -> str:
    names = sorted({name for labels in series for name, _ in labels} - {"__name__"})
    return ", ".join(names)
