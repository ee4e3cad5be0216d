"""A run that is over leaves nothing in memory."""

import gc
import os
import weakref
from pathlib import Path

import pytest

from simulator.play import play
from simulator.responders import drive
from simulator.run.events import ActionEvent, LookEvent, OrderEvent
from simulator.session import Order, Session
from tests.small.playing import SLOW, Orders

# The second rollback is still at work when the drill ends.
ORDERS = (
    (12, "acknowledge", {}),
    (14, "rollback", {"target": "serving"}),
    (29, "rollback", {"target": "serving"}),
)


@pytest.fixture
def without_collector():
    """Python without its garbage collector: only what nothing refers to is freed."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_a_session_that_is_over_is_freed_at_once(drill, without_collector):
    session = Session(drill(SLOW), 1)
    drive(session, {"ml": Orders(*ORDERS)})
    run = session.finish()
    internals = session.internals
    parts = {name: weakref.ref(part) for name, part in vars(internals).items()}
    parts["session"] = weakref.ref(session)
    del session, internals
    assert [name for name, part in parts.items() if part() is not None] == []
    assert any(event.state == "unknown" for event in run.of(ActionEvent))


@pytest.mark.parametrize("minutes", [30, 12.25], ids=["to its end", "while somebody orders"])
def test_a_session_with_specialists_is_freed_at_once(minutes, drill, without_collector):
    """At 12:15 the store's owner has looked, and orders its repair in the next tick."""
    injects = [{"id": "dead", "at": "6m", "fault": "slow_dependency", "target": "store"}]
    on_call = {"oncall": "specialists.yaml", "oncall__teams__data__work": {"fixed": "1m"}}
    session = Session(drill(*injects, **on_call), 1)
    page = Order("page", {"team": "data", "suspect": "store", "evidence": ["300 ms"]})
    session.advance(8 * 60_000)
    session.door("ml").submit(page)
    while session.now < minutes * 60_000:
        session.advance(round(minutes * 60_000))
        session.door("ml").seen()
    run = session.finish()
    freed = weakref.ref(session), weakref.ref(session.internals.faults)
    del session
    assert [part() for part in freed] == [None, None]
    assert len(run.of(LookEvent)) == 1
    assert len(run.of(OrderEvent)) == (2 if minutes == 30 else 1)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads Linux' own account")
def test_two_hundred_runs_need_the_memory_of_one(drill, without_collector):
    setting, page = drill(SLOW), os.sysconf("SC_PAGE_SIZE")

    def megabytes():
        return int(Path("/proc/self/statm").read_text().split()[1]) * page / 1e6

    used = []
    for seed in range(1, 201):
        play(setting, seed, Orders(*ORDERS))
        used.append(megabytes())
    print("megabytes after runs 1, 2, 10, 50, 100, 200:", [used[n] for n in (0, 1, 9, 49, 99, 199)])
    assert max(used) - used[0] < 40
