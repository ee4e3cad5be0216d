"""Rule: who makes a debt pays it once the fault that it holds off is over."""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.analysis import Timeline
from simulator.analysis.need_record import line_numbers
from simulator.analysis.order_records import OrderRecord
from simulator.run.events import DebtEvent, EndedEvent
from simulator.scenario.rubric import Rubric
from simulator.score.verdict.reason import VerdictReason
from simulator.units.wording import format_duration, hhmm

HOUR = 3_600_000


class UnpaidDebt(NamedTuple):
    """A debt that is owed at the end, and the orders of the team that left it."""

    owed: DebtEvent
    orders: tuple[OrderRecord, ...]


def unpaid_debts(log: Timeline, rubric: Rubric) -> Iterator[VerdictReason]:
    """A debt of the team that is unpaid at the end, long after its fault, fails.

    A fault excuses only debts that may hold it off, as long as it lasts; then there is an hour, or
    a quarter of a shorter drill, to pay.
    """
    if not log.complete:
        return
    grace = min(HOUR, log.header.duration // 4)
    for debt in _unpaid(log):
        since = _payable_since(log, debt)
        if since is not None and log.end - since > grace:
            order, name = debt.orders[0], debt.owed.name.replace("_", " ")
            overdue, allowed = format_duration(log.end - since), format_duration(grace)
            yield VerdictReason(
                f"{order.action} at {hhmm(order.t)} left {name} to the end, {overdue} after the "
                f"debt could be paid, longer than {allowed}",
                "unpaid_debts",
                _lines(log, debt),
            )


def _unpaid(log: Timeline) -> Iterator[UnpaidDebt]:
    """The debts owed at the end that an order of the team left, unless the scenario accepts them.

    What an autoscaler or a fault left is nobody's.
    """
    changes: dict[str, list[DebtEvent]] = {}
    for event in log.run.of(DebtEvent):
        changes.setdefault(event.name, []).append(event)
    for name, events in changes.items():
        if events[-1].state != "owed":
            continue
        clear = events[-2].t if len(events) > 1 else 0
        orders = tuple(
            order
            for order in log.graded_orders
            if order.t >= clear and order.state != "failed" and name in _leaves(log, order)
        )
        accepted = {name, *(order.action for order in orders)}.intersection(
            log.header.expect.acceptable
        )
        if orders and not accepted:
            yield UnpaidDebt(events[-1], orders)


def _leaves(log: Timeline, order: OrderRecord) -> tuple[str, ...]:
    kind = log.header.actions.get(order.action)
    return kind.leaves if kind else ()


def _payable_since(log: Timeline, debt: UnpaidDebt) -> int | None:
    """From when on a debt could be paid, ms; None while a fault lasts that it may hold off."""
    held_off = {fault.id for fault in log.header.faults if debt.owed.name in fault.held_off_by}
    since = debt.owed.t
    for onset in log.onsets:
        if onset.id in held_off:
            end = log.fault_end(onset.id).removed
            if end is None:
                return None
            since = max(since, end)
    return since


def _lines(log: Timeline, debt: UnpaidDebt) -> tuple[int, ...]:
    ends = [e for e in log.run.of(EndedEvent) if debt.owed.t <= e.t]
    orders = (line for order in debt.orders for line in order.lines)
    return (*orders, *line_numbers(log.run, [debt.owed, *ends]))
