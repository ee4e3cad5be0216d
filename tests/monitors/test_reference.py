"""Reference rows: of the same hours, in the shares of the window."""

import numpy as np
import pytest

from simulator.monitors._view import _mix_hours
from simulator.session import Session
from simulator.setting import load

MINUTE = 60_000


@pytest.fixture(scope="module")
def morning():
    """Flights out of New York at nine, when airlines and destinations change."""
    return load("first-shift", ["starts_at=2026-11-27T09:00:00-05:00", "injects=[]"])


def test_no_feature_drifts_across_a_change_of_hour(morning):
    session, highest = Session(morning, seed=1), []
    door = session.door("ml-platform")
    for minute in range(1, 32, 5):
        while session.now < minute * MINUTE:
            session.advance(minute * MINUTE)
            door.seen()
        highest.append(float(door.query("max(ml_feature_psi)").values[0]))
    assert max(highest) < 0.05, np.round(highest, 2)


def test_reference_rows_have_the_hours_shares_of_the_window():
    rows = np.arange(40.0).reshape(40, 1)
    by_hour = [np.arange(10), np.arange(10, 40), np.empty(0, np.int64)]
    memo = {}
    mixed = _mix_hours("a", rows, by_hour, {0: 1, 1: 3, 2: 4}, memo)
    assert (mixed.rows < 10).sum() * 3 == (mixed.rows >= 10).sum() == 30
    assert len(_mix_hours("b", rows, by_hour, {0: 3, 1: 1}, memo).rows) == 13
    assert len(_mix_hours("c", rows, by_hour, {2: 1}, memo).rows) == 0
