"""The twins of a run by name, and what each leaves out of it."""

from typing import NamedTuple

import msgspec

from simulator.run.events import ActionEvent, Args, InjectEvent, OrderEvent
from simulator.run.run import Run, leave_one_out_name

REFERENCE = "reference"  # the twin that the scenario's reference playbook answers
# Each costs a run; a drill whose orders matter has fewer.
MAX_ORDER_TWINS = 8
# The arguments that say who is called.
CALLED = ("team", "to")
OrderNumber = tuple[str, int]  # the player and the order's number, counted per player


class TwinOrder(NamedTuple):
    """An order that a twin leaves out, together with its repeats.

    Attributes
    ----------
    player, id : str and int
        Of the first.
    action : str
    numbers : frozenset of OrderNumber
        The order and its repeats: the same action with the same arguments, or a call of the same
        team, by any graded player.
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
    """Graded players' orders that changed the world or interrupted people, without repeats.

    An order that failed or changed nothing has no twin of its own: the run is without it already.
    A repeat that failed is left out with the others. It may have failed because they had done it.
    """
    in_vain = {
        (end.who, end.order)
        for end in run.of(ActionEvent)
        if end.state == "failed" or (end.state == "done" and not end.changed)
    }
    graded = run.header.graded_players
    repeats: dict[tuple[str, bytes], list[OrderNumber]] = {}
    for order in run.of(OrderEvent):
        kind = run.header.actions.get(order.action)
        if order.who in graded and not order.simulated and kind and kind.effect != "talk":
            subject = _subject(order.args, kind.effect)
            repeats.setdefault((order.action, subject), []).append((order.who, order.id))
    effective = (
        (action, numbers, [number for number in numbers if number not in in_vain])
        for (action, _), numbers in repeats.items()
    )
    orders = [
        TwinOrder(*first, action, frozenset(numbers))
        for action, numbers, (first, *_) in (group for group in effective if group[2])
    ]
    times = {(order.who, order.id): order.t for order in run.of(OrderEvent)}
    return sorted(orders, key=lambda order: times[order.player, order.id])


def _subject(args: Args, effect: str) -> bytes:
    """What makes orders of one action repeats: their arguments; of calls, who is called.

    Another wording calls nobody else.
    """
    called = {key: args[key] for key in CALLED if key in args} if effect == "people" else {}
    return msgspec.json.encode(called or args, order="sorted")
