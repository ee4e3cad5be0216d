"""The age of the oldest sample that an expression can read."""

from typing import Any

import promql_parser as parser

from simulator.promql.syntax import parse

LOOKBACK_DELTA = 300_000  # ms, Prometheus' default


def max_sample_age(expr: str) -> int:
    """The age, in ms, of the oldest sample that an expression can read; `@` aside.

    Examples
    --------
    >>> [max_sample_age(expr) for expr in ("x", "rate(x[10m] offset 1h)", "x - x offset 1d")]
    [300000, 4200000, 86700000]
    """
    return _max_age(parse(expr).tree)


def _max_age(tree: Any) -> int:
    match tree:
        case parser.NumberLiteral() | parser.StringLiteral():
            return 0
        case parser.VectorSelector():
            return _ms(tree.offset) + LOOKBACK_DELTA
        case parser.MatrixSelector():
            return _ms(tree.vector_selector.offset) + _ms(tree.range)
        case parser.SubqueryExpr():
            return _ms(tree.offset) + _ms(tree.range) + _max_age(tree.expr)
        case parser.BinaryExpr():
            return max(_max_age(tree.lhs), _max_age(tree.rhs))
        case parser.Call():
            return max([_max_age(argument) for argument in tree.args], default=0)
        case parser.AggregateExpr():
            parameter = _max_age(tree.param) if tree.param is not None else 0
            return max(_max_age(tree.expr), parameter)
    return _max_age(tree.expr)  # in parentheses, or with a sign


def _ms(delta: Any) -> int:
    return round(delta.total_seconds() * 1000) if delta else 0
