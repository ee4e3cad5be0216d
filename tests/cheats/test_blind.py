"""How a cheat orders: at its times, and nothing else."""

from __future__ import annotations

import pytest

from simulator.play import play
from simulator.run.events import OrderEvent, PageEvent
from simulator.session import Order
from simulator.setting import load
from tests.cheats.blind import Blind, Cheat
from tests.small.playing import SMALL

CHEAT = Cheat("declare", [Order("declare", {"severity": "SEV1"})])


@pytest.mark.parametrize(
    ("when", "minutes"),
    [("at the start", [0]), ("every ten minutes", [0, 10, 20])],
)
def test_a_cheat_orders_at_its_times(when, minutes):
    run = play(load(SMALL), 1, Blind(CHEAT, when))
    times = [order.t // 60_000 for order in run.of(OrderEvent) if order.action == "declare"]
    assert times[: len(minutes)] == minutes
    assert (len(times) > 1) == (when == "every ten minutes")


def test_a_cheat_waits_for_the_first_page():
    run = play(load(SMALL), 1, Blind(CHEAT, "on the first page"))
    pages = [event.t for event in run.of(PageEvent)]
    orders = [order.t for order in run.of(OrderEvent) if order.action == "declare"]
    assert len(orders) == bool(pages)
    assert all(t >= pages[0] for t in orders)
