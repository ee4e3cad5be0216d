"""What rows are compared with: the same hours, in the shares in which a window has them."""

import numpy as np
import pytest

from simulator.monitors._seen import _mixed
from simulator.session import Session
from simulator.setting import load

MINUTE = 60_000


@pytest.fixture(scope="module")
def morning():
    """Flights out of New York change at nine: other airlines fly, to other places."""
    return load("first-shift", ["starts_at=2026-11-27T09:00:00-05:00", "injects=[]"])


def test_no_feature_drifts_while_one_hour_passes_into_the_next(morning):
    session, highest = Session(morning, seed=1), []
    door = session.door("ml-platform")
    for minute in range(1, 32, 5):
        while session.now < minute * MINUTE:
            session.advance(minute * MINUTE)
            door.seen()
        highest.append(float(door.query("max(ml_feature_psi)").values[0]))
    assert max(highest) < 0.05, np.round(highest, 2)


def test_a_reference_has_of_each_hour_what_the_window_has():
    rows = np.arange(40.0).reshape(40, 1)
    by_hour = [np.arange(10), np.arange(10, 40), np.empty(0, np.int64)]
    memo = {}
    mixed = _mixed("a", rows, by_hour, {0: 1, 1: 3, 2: 4}, memo)
    assert (mixed.rows < 10).sum() * 3 == (mixed.rows >= 10).sum() == 30
    assert len(_mixed("b", rows, by_hour, {0: 3, 1: 1}, memo).rows) == 13
    assert len(_mixed("c", rows, by_hour, {2: 1}, memo).rows) == 0
