"""Counts of a team's mistakes."""

from collections.abc import Sequence
from typing import ClassVar

from simulator.analysis import Timeline
from simulator.analysis.claims import claimed_cause
from simulator.analysis.order_records import OrderRecord
from simulator.score.grading import Grading
from simulator.score.measure import Measure
from simulator.score.measurement import Measurement
from simulator.units.wording import hhmm, join_words

# How many mistakes a sentence names.
NAMED = 4


class MistakeCount(Measure):
    """Base of the counts of orders that were mistakes.

    Class attributes
    ----------------
    unit : of the mistakes, a noun in the plural.
    """

    unit: ClassVar[str] = "orders"

    def mistakes(self, record: Timeline) -> Sequence[OrderRecord]:
        """The orders that were mistakes, in order."""
        raise NotImplementedError

    def measure(self, grading: Grading) -> Measurement:
        """Count the mistakes of the team, whoever of its players made them."""
        orders = self.mistakes(grading.timeline)
        return Measurement(
            float(len(orders)),
            self.unit,
            why=name_some([format_mistake(order) for order in orders]) or "there was none",
            events=tuple(line for order in orders for line in order.lines),
        )


def name_some(items: Sequence[str]) -> str:
    """The first of several items, in a sentence.

    Examples
    --------
    >>> name_some(list("abcdef"))
    'a, b, c, d and 2 more'
    """
    more = [f"{len(items) - NAMED} more"] if len(items) > NAMED else []
    return join_words([*items[:NAMED], *more])


def format_mistake(order: OrderRecord) -> str:
    """An order as a sentence about mistakes names it, with its time."""
    subjects = {"diagnose": claimed_cause(order), "declare": str(order.result.get("severity", ""))}
    return f"{subjects.get(order.action) or order.action} at {hhmm(order.t)}"
