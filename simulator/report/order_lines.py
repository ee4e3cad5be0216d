"""The orders of a run with their outcomes, in words."""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.analysis import Timeline
from simulator.analysis.order_records import OrderRecord
from simulator.report.order_texts import TEXTS, order_text


class OrderLine(NamedTuple):
    """An order and its text."""

    order: OrderRecord
    text: str

    @property
    def note_suffix(self) -> str:
        """The note of its action as the end of a sentence.

        A done action with a text of its own repeats only that in its note.
        """
        order = self.order
        repeats = order.action in TEXTS and order.state == "done"
        return f": {order.note}" if order.note and not repeats else ""


def order_lines(timeline: Timeline) -> Iterator[OrderLine]:
    """Every order of a run with its text."""
    earlier: dict[str, dict[int, str]] = {}
    for order in timeline.order_records:
        numbered = earlier.setdefault(order.who, {})
        yield OrderLine(order, order_text(order.action, order.args, numbered))
        numbered[order.id] = order.action
