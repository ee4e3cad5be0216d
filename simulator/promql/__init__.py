"""PromQL over the store, with Prometheus' results.

Read `syntax` (text to tree), `planner` (tree to nodes with static labels), `growth` (new
series in a plan), `plan_nodes`, `selector_nodes` (samples from the store), then `aggregate`,
`binary`, `calls` and `functions`. Static analysis of an expression, without evaluation, is in
`possible_values`, `unmatched` and `sample_age`; `error_position` finds the place of an error.
"""

import promql_parser

from simulator.promql.engine import Engine, Plan, Result
from simulator.promql.errors import PromQLError, Unsupported
from simulator.promql.selection import Matcher, Selector, selector_of
from simulator.promql.syntax import duration, parse

__all__ = [
    "Engine", "Matcher", "Plan", "PromQLError", "Result", "Selector", "Unsupported", "duration",
    "parse", "selectors",
]  # fmt: skip


def selectors(expr: str) -> list[Selector]:
    """The vector selectors in an expression.

    Examples
    --------
    >>> [str(selector) for selector in selectors('rate(up{job="a"}[5m]) / on() x')]
    ['up{job="a"}', 'x']
    """
    collected: list[Selector] = []

    def visit(node: object) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            collected.append(selector_of(node))

    promql_parser.walk(parse(expr).tree, visit)
    return collected
