"""Rule: the rubric's limits of mistakes. People may err; a shotgun may not win."""

from collections.abc import Iterator, Sequence

from simulator.analysis import Timeline
from simulator.analysis.claims import claimed_cause
from simulator.analysis.mistakes import (
    false_declarations,
    orders_in_vain,
    orders_on_healthy,
    wrong_claims,
)
from simulator.analysis.need_record import line_numbers
from simulator.analysis.order_records import OrderRecord
from simulator.run.events import PageEvent
from simulator.scenario.rubric import Rubric
from simulator.score.verdict.reason import VerdictReason
from simulator.units.wording import hhmm, join_words

# Examples that a reason names.
NAMED = 4


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
            yield _reason(mistake, limit, [_format(order) for order in orders], lines)
    calls = log.needless_calls
    if len(calls) > limits.needless_pages:
        pages = {(event.t, event.who): event for event in reversed(log.run.of(PageEvent))}
        lines = line_numbers(log.run, (pages.get((t, team)) for team, t in calls.items()))
        called = [f"{team} at {hhmm(t)}" for team, t in calls.items()]
        yield _reason("teams were called without a need", limits.needless_pages, called, lines)


def _reason(
    mistake: str, limit: int, items: Sequence[str], lines: tuple[int, ...]
) -> VerdictReason:
    more = ["more"] if len(items) > NAMED else []
    text = f"{len(items)} {mistake}, more than {limit}: {join_words([*items[:NAMED], *more])}"
    return VerdictReason(text, "mistake_limits", lines)


def _format(order: OrderRecord) -> str:
    """An order as a reason names it, with its time."""
    names = {"diagnose": claimed_cause(order), "declare": str(order.result.get("severity", ""))}
    return f"{names.get(order.action) or order.action} at {hhmm(order.t)}"
