"""Divisions of a part by its whole, whose value lies between 0 and 1."""

from typing import Any

import promql_parser as parser

from simulator.promql.selection import Matcher, selector_of

# Sums of these grow with the set of series: the whole is at least as large as a part.
MONOTONIC = frozenset(("rate", "increase"))


def is_fraction(tree: Any) -> bool:
    """Whether a division has the form `sum(rate(x{…}[5m])) / sum(rate(x[5m]))`.

    Examples
    --------
    >>> def fraction(text): return is_fraction(parser.parse(text))
    >>> fraction('sum(rate(a{code="500"}[5m])) / sum(rate(a[5m]))')
    True
    >>> fraction('sum(rate(a[5m])) / sum(rate(a{code="500"}[5m]))')
    False
    """
    part, whole = _shape_and_matchers(tree.lhs), _shape_and_matchers(tree.rhs)
    if part is None or whole is None:
        return False
    return part[0] == whole[0] and whole[1] <= part[1]


def _shape_and_matchers(tree: Any) -> tuple[str, frozenset[Matcher]] | None:
    """A sum of rates: everything except its label matchers, and the matchers; else None."""
    while isinstance(tree, parser.ParenExpr):
        tree = tree.expr
    if not isinstance(tree, parser.AggregateExpr) or str(tree.op) != "sum":
        return None
    call = tree.expr
    if not isinstance(call, parser.Call) or call.func.name not in MONOTONIC:
        return None
    matrix = call.args[0]
    if not isinstance(matrix, parser.MatrixSelector):
        return None
    vector = matrix.vector_selector
    selector = selector_of(vector)
    modifier = tree.modifier
    by = (str(modifier.type), tuple(sorted(modifier.labels))) if modifier else ()
    shape = (selector.name, call.func.name, matrix.range, vector.offset, str(vector.at), by)
    return str(shape), frozenset(selector.matchers)
