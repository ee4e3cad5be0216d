"""Orders: what was asked and waits for the next tick, and how carrying it out ends."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from simulator.actions import ACTIONS, Action, Failed, Site
from simulator.registry import UnknownPart
from simulator.session.door import Order, OrderRejected
from simulator.source.words import say_all


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


def understand(order: Order) -> Action:
    """The action that is asked for.

    Raises
    ------
    OrderRejected
        If there is none of that name, or its arguments are wrong: all that is wrong with them.

    Examples
    --------
    >>> understand(Order("roll_back"))
    Traceback (most recent call last):
    ...
    simulator.session.door.OrderRejected: unknown action 'roll_back'; did you mean 'rollback'? ...
    """
    try:
        kind = ACTIONS.get(order.kind)
        return kind.model_validate(dict(order.args))
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
