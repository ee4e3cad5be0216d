"""The twins of a run by name, and what each leaves out of it."""

from typing import NamedTuple

import msgspec

from simulator.run.events import ActionEvent, InjectEvent, OrderEvent
from simulator.run.run import Run, leave_one_out_name

REFERENCE = "reference"  # the twin that the scenario's reference playbook answers
# Each costs a run; a drill whose orders matter has fewer.
MAX_ORDER_TWINS = 8
OrderNumber = tuple[str, int]  # the player and the order's number, counted per player


class TwinOrder(NamedTuple):
    """An order that a twin leaves out, together with its repeats.

    Attributes
    ----------
    player, id : str and int
        Of the first.
    action : str
    numbers : frozenset of OrderNumber
        The order and its repeats: the same action with the same arguments, by any graded player.
    """

    player: str
    id: int
    action: str
    numbers: frozenset[OrderNumber]

    @property
    def twin(self) -> str:
        """The name of the twin without it.

        Examples
        --------
        >>> TwinOrder("ana", 3, "rollback", frozenset({("ana", 3)})).twin
        'without-order-ana-3'
        """
        return f"without-order-{self.player}-{self.id}"


def fault_twins(run: Run) -> dict[str, str]:
    """The faults that a twin leaves out, with the twins' names: none for a single fault.

    A fault that was never injected has no twin: the run is without it already.
    """
    faults = [inject.id for inject in run.of(InjectEvent) if inject.type == "fault"]
    return {fault: leave_one_out_name(fault) for fault in faults} if len(faults) > 1 else {}


def twin_orders(run: Run) -> list[TwinOrder]:
    """The orders that a twin leaves out, in order of time: the first eight that could matter."""
    return _orders_of_effect(run)[:MAX_ORDER_TWINS]


def not_tried(run: Run) -> list[OrderNumber]:
    """The orders that could matter and that no twin leaves out: those after the first eight."""
    return [(order.player, order.id) for order in _orders_of_effect(run)[MAX_ORDER_TWINS:]]


def _orders_of_effect(run: Run) -> list[TwinOrder]:
    """Graded players' orders that change the world or interrupt people, without repeats.

    An order that failed changed nothing: the run is without it already.
    """
    failed = {(end.who, end.order) for end in run.of(ActionEvent) if end.state == "failed"}
    graded = run.header.graded_players
    repeats: dict[tuple[str, bytes], list[OrderNumber]] = {}
    for order in run.of(OrderEvent):
        kind = run.header.actions.get(order.action)
        if order.who not in graded or order.simulated or (order.who, order.id) in failed:
            continue
        if kind and kind.effect != "talk":
            args = msgspec.json.encode(order.args, order="sorted")
            repeats.setdefault((order.action, args), []).append((order.who, order.id))
    return [
        TwinOrder(*numbers[0], action, frozenset(numbers))
        for (action, _), numbers in repeats.items()
    ]
