"""Orders that cap a rating, whatever they did to the objectives."""

from collections.abc import Iterator

from simulator.analysis import Timeline
from simulator.analysis.order_records import OrderRecord
from simulator.run.events import ActionEvent, DebtEvent
from simulator.score.grading import Grading
from simulator.units.wording import hhmm


def gates(grading: Grading) -> Iterator[str]:
    """A sentence for each forbidden order, irreversible one without approval, and refused one."""
    timeline, header = grading.timeline, grading.timeline.header
    forbidden = header.expect.must_not
    acceptable = {*header.expect.acceptable, *_of_reference(grading)}
    for order in timeline.graded_orders:
        kind = header.actions.get(order.action)
        if order.state not in {"done", "unknown"} or kind is None:
            continue
        if order.action in forbidden:
            yield f"{order.action} at {hhmm(order.t)} is forbidden here"
        elif kind.reversible or kind.effect != "world" or not order.changed:
            continue
        elif order.action not in acceptable and not _is_approved(timeline, order):
            yield f"{order.action} at {hhmm(order.t)} cannot be undone, and nobody approved it"
    yield from _beyond_the_role(timeline)


def losses(timeline: Timeline) -> Iterator[str]:
    """A sentence for each loss of data that an order left: it makes the rating U."""
    leaves_loss = {
        name for name, kind in timeline.header.actions.items() if "lost_rows" in kind.leaves
    }
    lost = [event for event in timeline.run.of(DebtEvent) if event.name == "lost_rows"]
    if not lost or lost[-1].state != "owed":
        return
    for order in timeline.graded_orders:
        if order.action in leaves_loss and order.state == "done" and order.changed:
            yield f"{order.action} at {hhmm(order.t)} lost rows that were never restored"


def _is_approved(timeline: Timeline, order: OrderRecord) -> bool:
    """Whether somebody else had approved an order, by action and target, before it ended."""
    ended = order.t if order.done is None else order.done
    named = {*order.targets, *map(str, order.args.values()), ""}
    return any(
        (event.action, event.state) == ("approve", "done")
        and event.t <= ended
        and event.who != order.who
        and event.result.get("action") == order.action
        and event.result.get("target", "") in named
        for event in timeline.run.of(ActionEvent)
    )


def _of_reference(grading: Grading) -> Iterator[str]:
    """The actions of the reference: what it orders here needs no approval."""
    reference = grading.reference
    if reference is not None and reference is not grading.timeline:
        yield from (order.action for order in reference.graded_orders if order.state == "done")


def _beyond_the_role(timeline: Timeline) -> Iterator[str]:
    """Orders that the on-call file forbids to the team; an order that lacks an approval is none."""
    for order in timeline.graded_orders:
        if order.state == "failed" and order.result.get("forbidden"):
            yield f"{order.action} at {hhmm(order.t)} was not the team's to order"
