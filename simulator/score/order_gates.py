"""Orders that cap a rating, whatever they did to the objectives."""

from collections.abc import Iterator

from simulator.analysis import Timeline
from simulator.run.events import ActionEvent, DebtEvent
from simulator.score.grading import Grading
from simulator.units.wording import hhmm


def gates(grading: Grading) -> Iterator[str]:
    """A sentence for each forbidden order, irreversible one without approval, and refused one."""
    timeline, header = grading.timeline, grading.timeline.header
    forbidden = header.expect.must_not
    approved = {*header.expect.acceptable, *_approved(timeline), *_of_reference(grading)}
    for order in timeline.graded_orders:
        if order.state not in {"done", "unknown"} or not order.changed:
            continue
        kind = header.actions.get(order.action)
        if order.action in forbidden:
            yield f"{order.action} at {hhmm(order.t)} is forbidden here"
        elif (
            kind and not kind.reversible and kind.effect == "world" and order.action not in approved
        ):
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


def _approved(timeline: Timeline) -> Iterator[str]:
    """The actions that somebody else than the played team's player approved."""
    players = timeline.header.graded_players
    for event in timeline.run.of(ActionEvent):
        if (event.action, event.state) == ("approve", "done") and event.who not in players:
            yield str(event.result.get("action", ""))


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
