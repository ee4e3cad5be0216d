"""Whether a division is a fraction: a part of something over the whole of it."""

from __future__ import annotations

from typing import Any

import promql_parser as parser

from simulator.promql.selection import Matcher, selector_of

# Of counters and of counts: what a part has the whole has at least as much of.
GROWING = frozenset(("rate", "increase"))


def is_fraction(tree: Any) -> bool:
    """Whether `sum(rate(x{…}[5m])) / sum(rate(x[5m]))`: it lies between 0 and 1.

    Examples
    --------
    >>> def fraction(text): return is_fraction(parser.parse(text))
    >>> fraction('sum(rate(a{code="500"}[5m])) / sum(rate(a[5m]))')
    True
    >>> fraction('sum(rate(a[5m])) / sum(rate(a{code="500"}[5m]))')
    False
    """
    part, whole = _shape(tree.lhs), _shape(tree.rhs)
    if part is None or whole is None:
        return False
    return part[0] == whole[0] and whole[1] <= part[1]


def _shape(tree: Any) -> tuple[str, frozenset[Matcher]] | None:
    """A sum of growths of one selector: what it is but for its matchers, and those."""
    while isinstance(tree, parser.ParenExpr):
        tree = tree.expr
    if not isinstance(tree, parser.AggregateExpr) or str(tree.op) != "sum":
        return None
    call = tree.expr
    if not isinstance(call, parser.Call) or call.func.name not in GROWING:
        return None
    matrix = call.args[0]
    if not isinstance(matrix, parser.MatrixSelector):
        return None
    selector = matrix.vector_selector
    found = selector_of(selector)
    modifier = tree.modifier
    by = (str(modifier.type), tuple(sorted(modifier.labels))) if modifier else ()
    kind = (found.name, call.func.name, matrix.range, selector.offset, str(selector.at), by)
    return str(kind), frozenset(found.matchers)
