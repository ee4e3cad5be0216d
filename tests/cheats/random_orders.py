"""A random responder: sequences drawn from the actions, at random times after the first page."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from simulator.actions import ACTIONS, RESPONDER
from simulator.registry import example_args, reference_of
from simulator.session import Door, Order, OrderRejected
from tests.cheats.names import Names

MAX_ORDERS = 6
LATEST_MS = 1_800_000


class TimedOrder(NamedTuple):
    """An order, and when it is given after the first page, ms."""

    after: int
    order: Order


def draw(names: Names, number: int) -> list[TimedOrder]:
    """One to six orders with random targets and times; the same number draws the same."""
    rng = np.random.default_rng([7, number])
    kinds = [
        kind
        for kind, cls in ACTIONS.all().items()
        if RESPONDER in cls.roles and _can_be_drawn(kind, names)
    ]
    count = int(rng.integers(1, MAX_ORDERS + 1))
    orders = [_order(str(rng.choice(kinds)), names, rng) for _ in range(count)]
    times = sorted(int(t) for t in rng.integers(0, LATEST_MS, count))
    return [TimedOrder(t, order) for t, order in zip(times, orders, strict=True)]


def _can_be_drawn(kind: str, names: Names) -> bool:
    fields = ACTIONS.get(kind).model_fields.values()
    references = [(info, reference_of(info)) for info in fields]
    return all(not info.is_required() or names.get(r.to) for info, r in references if r)


def _order(kind: str, names: Names, rng: np.random.Generator) -> Order:
    cls = ACTIONS.get(kind)
    args: dict[str, Any] = example_args(cls, names)
    for key, info in cls.model_fields.items():
        reference = reference_of(info)
        if reference is not None and isinstance(args.get(key), str):
            args[key] = str(rng.choice(list(names[reference.to])))
    return Order(kind, args)


class Drawn:
    """Acknowledges every page, and orders what was drawn."""

    def __init__(self, orders: list[TimedOrder]) -> None:
        self._orders, self._start = list(orders), -1

    def respond(self, door: Door) -> int | None:
        """Acknowledge new pages, and submit what is due."""
        for item in door.seen().news:
            if item.kind == "page":
                self._start = door.now if self._start < 0 else self._start
                self._submit(door, Order("acknowledge", {"page": item.data["page"]}))
        if self._start < 0:
            return None
        while self._orders and self._start + self._orders[0].after <= door.now:
            self._submit(door, self._orders.pop(0).order)
        return self._start + self._orders[0].after if self._orders else None

    def _submit(self, door: Door, order: Order) -> None:
        with suppress(OrderRejected):
            door.submit(order)
