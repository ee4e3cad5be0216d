"""PromQL over the store, as Prometheus answers it.

Read `syntax` (text to tree), `plan` (tree to nodes with static labels), `growth` (what new
series do to it), `nodes`, `reading` (samples out of the store), then `aggregate`, `binary`,
`calls` and `functions`. What an expression can do at all, without asking it, say `reach`,
`unmatched` and `lookback`.
"""

from __future__ import annotations

import promql_parser

from simulator.promql.engine import Engine, Plan, Result
from simulator.promql.errors import PromQLError, Unsupported
from simulator.promql.selection import Matcher, Selector, matches, selector_of
from simulator.promql.syntax import duration, parse

__all__ = [
    "Engine",
    "Matcher",
    "Plan",
    "PromQLError",
    "Result",
    "Selector",
    "Unsupported",
    "duration",
    "matches",
    "parse",
    "selectors",
]


def selectors(expr: str) -> list[Selector]:
    """The vector selectors in an expression.

    Examples
    --------
    >>> [str(selector) for selector in selectors('rate(up{job="a"}[5m]) / on() x')]
    ['up{job="a"}', 'x']
    """
    found: list[Selector] = []

    def visit(node: object) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(selector_of(node))

    promql_parser.walk(parse(expr).tree, visit)
    return found
