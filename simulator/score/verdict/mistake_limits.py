"""Rule: the rubric's limits of mistakes. People may err; a shotgun may not win."""

from collections.abc import Iterator, Sequence

from simulator.analysis import Timeline
from simulator.analysis.mistakes import (
    false_declarations,
    orders_in_vain,
    orders_on_healthy,
    wrong_claims,
)
from simulator.analysis.team_calls import first_calls
from simulator.scenario.rubric import Rubric
from simulator.score.mistake_count import format_mistake, name_some
from simulator.score.verdict.reason import VerdictReason
from simulator.units.wording import hhmm


def mistake_limits(log: Timeline, rubric: Rubric) -> Iterator[VerdictReason]:
    """More mistakes of a kind than the rubric allows fail."""
    limits = rubric.limits
    for limit, mistake, orders in (
        (limits.wrong_claims, "claims of a cause were wrong", wrong_claims(log)),
        (limits.orders_in_vain, "orders failed or changed nothing", orders_in_vain(log)),
        (limits.orders_on_healthy, "orders were on what was healthy", orders_on_healthy(log)),
        (limits.false_declarations, "incidents were declared while nothing was wrong",
         false_declarations(log)),
    ):  # fmt: skip
        if len(orders) > limit:
            lines = tuple(line for order in orders for line in order.lines)
            yield _reason(mistake, limit, [format_mistake(order) for order in orders], lines)
    calls = log.needless_calls
    if len(calls) > limits.needless_pages:
        called = [f"{team} at {hhmm(t)}" for team, t in calls.items()]
        lines = first_calls(log, calls)
        yield _reason("teams were called without a need", limits.needless_pages, called, lines)


def _reason(
    mistake: str, limit: int, items: Sequence[str], lines: tuple[int, ...]
) -> VerdictReason:
    text = f"{len(items)} {mistake}, more than {limit}: {name_some(items)}"
    return VerdictReason(text, "mistake_limits", lines)
