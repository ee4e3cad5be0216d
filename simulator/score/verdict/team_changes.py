"""The orders by which a team changed the pipeline."""

from collections.abc import Iterator

from simulator.analysis import Timeline
from simulator.analysis.order_records import OrderRecord


def team_changes(log: Timeline) -> Iterator[OrderRecord]:
    """The team's orders that changed the pipeline, or may have, in order; talk changes nothing."""
    kinds = log.header.actions
    return (
        order
        for order in log.graded_orders
        if order.action in kinds
        and kinds[order.action].effect == "world"
        and order.state != "failed"
        and order.changed
    )
