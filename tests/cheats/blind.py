"""Blind answers: orders at times that nobody had to look for."""

from __future__ import annotations

from contextlib import suppress
from typing import Literal, NamedTuple

from simulator.actions import ACTIONS, RESPONDER
from simulator.session import Door, Order, OrderRejected
from tests.cheats.names import Names, everywhere

When = Literal["at the start", "on the first page", "every ten minutes"]
TIMES: tuple[When, ...] = ("at the start", "on the first page", "every ten minutes")
TEN_MINUTES = 600_000


class Cheat(NamedTuple):
    """Orders that read nothing.

    Attributes
    ----------
    name : str
    orders : list of Order
    acknowledges : bool
        Whether every page is acknowledged as it comes.
    """

    name: str
    orders: list[Order]
    acknowledges: bool = True


class Blind:
    """Submits the orders of a cheat at its times, and reads nothing but that a page has come."""

    def __init__(self, cheat: Cheat, when: When) -> None:
        self._cheat, self._when = cheat, when
        self._next: int | None = None if when == "on the first page" else 0

    def respond(self, door: Door) -> int | None:
        """Acknowledge new pages, and submit what is due."""
        for item in door.seen().news:
            if item.kind != "page":
                continue
            if self._cheat.acknowledges:
                _submit(door, Order("acknowledge", {"page": item.data["page"]}))
            if self._next is None and self._when == "on the first page":
                self._next, self._when = door.now, "at the start"
        if self._next is not None and self._next <= door.now:
            for order in self._cheat.orders:
                _submit(door, order)
            again = self._when == "every ten minutes"
            self._next = door.now + TEN_MINUTES if again else door.ends + 1
        return None if self._next is None or self._next > door.ends else self._next


def _submit(door: Door, order: Order) -> None:
    with suppress(OrderRejected):  # a cheat tries what it likes
        door.submit(order)


def destructive(names: Names) -> list[Cheat]:
    """What may pass no drill: nothing, or more than anybody should do."""
    declare, close = Order("declare", {"severity": "SEV1"}), Order("close")
    claims = everywhere("diagnose", names)
    pages = everywhere("page", names)
    rollbacks = everywhere("rollback", names)
    restarts = [*everywhere("restart", names), *everywhere("restart_scheduler", names)]
    mends = [*everywhere("fix_upstream", names), *everywhere("backfill", names)]
    cheats = [
        Cheat("acknowledge and close", [close]),
        Cheat("scale to nothing", [Order("scale", {"replicas": 0})]),
        Cheat("scale to the most", [Order("scale", {"replicas": 12})]),
        Cheat("silence", everywhere("silence", names, length="1w")),
        Cheat("silence and close", [*everywhere("silence", names, length="1w"), close]),
        Cheat("no validator", [Order("set_threshold", {"threshold": 0.99})]),
        Cheat("quarantine everything", everywhere("quarantine", names)),
        Cheat("drop the traffic", [Order("shed_load", {"share": 1.0})]),
        Cheat("drain every node", everywhere("drain_node", names)),
        Cheat("call everybody", pages),
        Cheat("SEV1", [declare]),
        Cheat("every cause", claims),
        Cheat("every owner mends", mends),
        Cheat("everything", [declare, *pages, *claims, *rollbacks, *restarts, *mends, close]),
    ]
    passive = [Cheat("nothing", [], acknowledges=False), Cheat("acknowledge", [])]
    return [*passive, *(cheat for cheat in cheats if cheat.orders)]


def loops(names: Names) -> list[Cheat]:
    """What may pass no drill if it is ordered every ten minutes."""
    return [
        Cheat("roll back in a loop", everywhere("rollback", names)),
        Cheat("restart in a loop", everywhere("restart", names)),
    ]


def lone_actions(names: Names) -> list[Cheat]:
    """Every action of a responder by itself, on everything that it may be about."""
    return [
        Cheat(kind, orders)
        for kind, cls in ACTIONS.all().items()
        if RESPONDER in cls.roles and cls.effect != "talk" and (orders := everywhere(kind, names))
    ]
