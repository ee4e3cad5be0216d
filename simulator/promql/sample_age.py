"""How far back an expression reads."""

from __future__ import annotations

from typing import Any

import promql_parser as parser

from simulator.promql.syntax import parse

STALE_AFTER = 300_000  # ms: how old a sample may be and still be current


def max_sample_age(expr: str) -> int:
    """The age, in ms, of the oldest sample that an expression can read; `@` aside.

    Examples
    --------
    >>> [max_sample_age(expr) for expr in ("x", "rate(x[10m] offset 1h)", "x - x offset 1d")]
    [300000, 4200000, 86700000]
    """
    return _of(parse(expr).tree)


def _of(tree: Any) -> int:
    match tree:
        case parser.NumberLiteral() | parser.StringLiteral():
            return 0
        case parser.VectorSelector():
            return _ms(tree.offset) + STALE_AFTER
        case parser.MatrixSelector():
            return _ms(tree.vector_selector.offset) + _ms(tree.range)
        case parser.SubqueryExpr():
            return _ms(tree.offset) + _ms(tree.range) + _of(tree.expr)
        case parser.BinaryExpr():
            return max(_of(tree.lhs), _of(tree.rhs))
        case parser.Call():
            return max([_of(one) for one in tree.args], default=0)
        case parser.AggregateExpr():
            return max(_of(tree.expr), _of(tree.param) if tree.param is not None else 0)
    return _of(tree.expr)  # in parentheses, or with a sign


def _ms(delta: Any) -> int:
    return round(delta.total_seconds() * 1000) if delta else 0
