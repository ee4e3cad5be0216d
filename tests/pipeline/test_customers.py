"""Everybody who might ask: drawn by block and layer, and kept as long as is useful."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.pipeline.arrays import Floats
from simulator.pipeline.requests import ID
from simulator.pipeline.traffic.customers import Customers, _in_order
from simulator.pipeline.traffic.distributions import Lognormal
from simulator.streams import BLOCK_MS, Streams


def test_earlier_draws_stay_when_more_are_drawn() -> None:
    customers = Customers(Streams(1))
    first = customers.points("base", 0, 5000, Lognormal(0.6), 10.0)
    kept = first.copy()
    for block in range(1, 4):
        customers.points("base", block * BLOCK_MS, block * BLOCK_MS + 5000, Lognormal(0.6), 10.0)
    assert (first == kept).all()
    assert (customers.points("base", 0, 5000, Lognormal(0.6), 10.0) == kept).all()


def test_an_interrupted_draw_leaves_no_state() -> None:
    class Interrupted(Lognormal):
        def draw(self, normal: Floats, dice: np.random.Generator) -> Floats:
            if len(normal) > 1000:  # the third layer; two have been written by then
                raise KeyboardInterrupt
            return super().draw(normal, dice)

    customers = Customers(Streams(1))
    customers.points("base", -5000, 0, Lognormal(0.6), 20.0)  # leaves room for all that follow
    before = customers.points("base", 0, 5000, Lognormal(0.6), 10.0)
    with pytest.raises(KeyboardInterrupt):
        customers.points("base", BLOCK_MS, BLOCK_MS + 5000, Interrupted(0.6), 10.0)
    assert (customers.points("base", 0, 5000, Lognormal(0.6), 10.0) == before).all()


def test_a_rising_rate_draws_a_block_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, below = [], Customers._below
    monkeypatch.setattr(Customers, "_below", lambda *a: drawn.append(a[1]) or below(*a))
    climbing, steady = Customers(Streams(1)), Customers(Streams(1))
    for tick in range(20):
        t, rate = 5000 * tick, 100.0 + 100 * tick
        rows = climbing.points("base", t, t + 5000, Lognormal(0.6), rate)
        whole = steady.points("base", t, t + 5000, Lognormal(0.6), 3000.0)
        assert np.isin(rows[:, ID], whole[:, ID]).all()
    assert drawn == [100.0, 3000.0, 200.0, 400.0, 800.0, 1600.0, 3200.0]


@given(st.lists(st.floats(0.0, 1.0, exclude_max=True)), st.integers(0, 3))
def test_uniforms_are_ordered_as_a_stable_sort_does(at: list[float], near: int) -> None:
    beside = np.array(at)
    for _ in range(near):  # so near to the first that their high digits are the same
        beside = np.nextafter(beside, 0.0)
    both = np.concatenate((at, beside, at))
    assert (_in_order(both) == np.argsort(both, kind="stable")).all()


def test_uniforms_of_the_same_high_digits_are_ordered_too() -> None:
    near = 0.5 + np.arange(2**14)[::-1] * 2.0**-53  # all keys but 8 are those of many
    assert (_in_order(near) == np.argsort(near, kind="stable")).all()
