"""`safety`: whether orders did harm."""

from typing import ClassVar

from simulator.analysis import Timeline
from simulator.analysis.worth import OrderWorth
from simulator.registry import part
from simulator.score.avoided_harm import TOLERATED_SHARE, safety
from simulator.score.grading import Grading
from simulator.score.measure import Measure
from simulator.score.measurement import Measurement
from simulator.score.time_between import NO_TWINS
from simulator.score.time_limits import objective_budget
from simulator.units.wording import format_duration, hhmm


@part
class Safety(Measure):
    """1 where no order did harm, by the twins that lack one order each.

    An order's harm is the time outside of objectives that the run spends more than its twin without
    that order. A tenth of the objectives' budgets takes it to .37.
    """

    unit: ClassVar[str] = "ratio"
    lower_is_better: ClassVar[bool | None] = False

    def measure(self, grading: Grading) -> Measurement:
        """Above 0, up to 1; the parts are the harm of each order that did any, in seconds."""
        timeline, worth = grading.timeline, grading.timeline.worth
        if worth is None:
            return Measurement.missing(NO_TWINS, "no_twins", self.unit)
        harmful = [order for order in worth.orders if order.seconds < 0]
        why = "no order did harm"
        if harmful:
            costs = (
                f"{order.action} at {hhmm(round(1000 * order.t_seconds))} cost "
                f"{format_duration(-1000 * order.seconds)}"
                for order in harmful
            )
            why = f"outside of objectives: {', '.join(costs)}"
        if worth.not_tried:
            why += f"; {len(worth.not_tried)} later orders were not tried"
        return Measurement(
            safety((-order.seconds for order in harmful), tolerated_harm(timeline)),
            self.unit,
            {f"{order.action} {order.id}": -order.seconds for order in harmful},
            why,
            events=_lines(timeline, harmful),
        )


def tolerated_harm(timeline: Timeline) -> float:
    """A tenth of the budgets of all objectives, weighted seconds."""
    objectives = timeline.header.objectives
    budgets = sum(
        objective.weight * objective_budget(timeline, name) / 1000
        for name, objective in objectives.items()
    )
    return max(TOLERATED_SHARE * budgets, 1.0)


def _lines(timeline: Timeline, orders: list[OrderWorth]) -> tuple[int, ...]:
    numbers = {(order.player, order.id) for order in orders}
    return tuple(
        line
        for record in timeline.order_records
        if (record.who, record.id) in numbers
        for line in record.lines
    )
