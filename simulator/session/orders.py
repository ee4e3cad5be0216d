"""Orders: what was asked and waits for the next tick, and how carrying it out ends."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from simulator.actions import ACTIONS, Action, Failed, Site
from simulator.registry import UnknownPart
from simulator.run import normalize
from simulator.session.door import Order, OrderRejected
from simulator.source.words import say_all
from simulator.units import show


class Queued(NamedTuple):
    """An order that begins at the next tick, with the action that it asks for."""

    who: str
    id: int
    order: Order
    action: Action
    simulated: bool  # a simulated team's own, not a player's


class Outcome(NamedTuple):
    """How an action ended."""

    state: str  # done, or failed: then nothing was changed
    note: str
    result: Mapping[str, Any]  # facts that whoever ordered it may read


def understand(order: Order) -> tuple[Order, Action]:
    """The order as the log keeps it, and the action that it asks for.

    Both have a copy of the arguments, as they are now and in the log's own types: whoever gave
    them may change theirs, and a replay, which knows the log only, plays what was played.

    Raises
    ------
    OrderRejected
        If it is no order, there is no action of that name, or its arguments are wrong: all that
        is wrong with them.

    Examples
    --------
    >>> understand(Order("roll_back"))
    Traceback (most recent call last):
    ...
    simulator.session.door.OrderRejected: unknown action 'roll_back'; did you mean 'rollback'? ...
    """
    if not isinstance(order, Order):
        raise OrderRejected(f"given {show(order)}, expected an order")
    if not isinstance(order.kind, str):
        raise OrderRejected(f"given {show(order.kind)}, expected the name of an action")
    if not isinstance(order.args, Mapping):
        raise OrderRejected(f"{order.kind}: given {show(order.args)}, expected a map of arguments")
    args = normalize(order.args)
    try:
        kind = ACTIONS.get(order.kind)
        return Order(order.kind, args), kind.model_validate(args)
    except UnknownPart as error:
        raise OrderRejected(str(error)) from None
    except ValidationError as error:
        raise OrderRejected(f"{order.kind}: {say_all(error, kind)}") from None


def carry_out(action: Action, site: Site) -> Generator[int, None, Outcome]:
    """Do it, taking its time; gives how it ended."""
    try:
        end = yield from action.act(site)
    except Failed as error:
        return Outcome("failed", str(error), {})
    note, result = end if isinstance(end, tuple) else (end, {})
    return Outcome("done", note, result)
