"""The mistakes of a team that a rubric limits, counted from the log alone."""

from collections.abc import Iterator

from simulator.analysis.claims import TrueCauses, claimed_cause, leaf
from simulator.analysis.order_records import OrderRecord
from simulator.analysis.page_history import earliest
from simulator.analysis.run_record import RunRecord
from simulator.analysis.severity_path import rank
from simulator.run.events import InjectEvent

# Orders of one kind on one target within it are one attempt, ms.
SAME_ATTEMPT = 1_800_000


def wrong_claims(record: RunRecord) -> list[OrderRecord]:
    """The claims of what is no cause, in order; a repeated claim is one.

    A withdrawn one counts. A near miss, of the same type or component, is wrong too.
    """
    expected = TrueCauses(record.header.expect.cause)
    faults = {event.name for event in record.run.of(InjectEvent) if event.type == "fault"}
    wrong: dict[str, OrderRecord] = {}
    for _, order in record.done_times("diagnose"):
        claim = claimed_cause(order)
        if not expected.match_any(claim) and leaf(claim) not in faults:
            wrong.setdefault(leaf(claim), order)
    return [*wrong.values()]


def orders_in_vain(record: RunRecord) -> list[OrderRecord]:
    """The orders to change something that failed, or that changed nothing."""
    return [
        order
        for order in record.graded_orders
        if _effect(record, order) != "talk"
        and (order.state == "failed" or (order.state == "done" and not order.changed))
    ]


def orders_on_healthy(record: RunRecord) -> list[OrderRecord]:
    """The orders on targets that are neither faulty nor related to a fault.

    Related is what depends on the fault's component and what that depends on. One kind of order on
    one target counts once in half an hour: who tries again errs once, a loop does not. Actions that
    the scenario accepts are left out.
    """
    acceptable = record.header.expect.acceptable
    related = {*_related(record)}
    counted: list[OrderRecord] = []
    last: dict[tuple[str, tuple[str, ...]], int] = {}
    for order in record.graded_orders:
        healthy = order.targets and not related.intersection(order.targets)
        if healthy and _changed(record, order) and order.action not in acceptable:
            key = order.action, order.targets
            if key not in last or order.t >= last[key] + SAME_ATTEMPT:
                last[key] = order.t
                counted.append(order)
    return counted


def false_declarations(record: RunRecord) -> list[OrderRecord]:
    """The declarations of SEV1 to SEV3 before anything was wrong, or where nothing ever was."""
    first = _first_trouble(record)
    return [
        order
        for t, order in record.done_times("declare")
        if rank(str(order.result["severity"])) <= rank("SEV3") and (first is None or t < first)
    ]


def _changed(record: RunRecord, order: OrderRecord) -> bool:
    return order.state == "done" and order.changed and _effect(record, order) == "world"


def _effect(record: RunRecord, order: OrderRecord) -> str:
    kind = record.header.actions.get(order.action)
    return kind.effect if kind else ""


def _begun(record: RunRecord) -> Iterator[InjectEvent]:
    """The injects that something was wrong by: faults, or changes where those are the cause."""
    changes = not record.header.faults and bool(record.header.expect.cause)
    kinds = {"fault", "change"} if changes else {"fault"}
    return (event for event in record.run.of(InjectEvent) if event.type in kinds)


def _related(record: RunRecord) -> Iterator[str]:
    """The components of the faults that began, and those related to them."""
    planned = {fault.id: fault.component for fault in record.header.faults}
    for event in _begun(record):
        # A facilitator's fault is not in the header.
        component = planned.get(event.id) or event.target or str(event.args.get("target", ""))
        yield component
        yield from record.header.related.get(component, ())


def _first_trouble(record: RunRecord) -> int | None:
    """When anything was wrong first, ms: a fault began, or an objective was breached."""
    breach = record.truth.first_breach(record.header.warm_up)
    onsets = (event.t for event in _begun(record))
    return earliest(*onsets, breach.t if breach else None)
