"""One seed of a drill, answered in several ways: the time before the answers part is shared.

The run is the same for every responder until the first order, so it is played once and the
process forks there. `tests/test_drills.py` checks that a branch has the digest of a run that is
played alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from simulator.responders import Responder, drive
from simulator.run import Run
from simulator.session import Session
from simulator.setting import Setting
from tests.forks import run_forked

V = TypeVar("V")


def branches(
    setting: Setting,
    seed: int,
    responders: Mapping[str, Responder | None],
    evaluate: Callable[[Run], V],
) -> dict[str, V]:
    """`evaluate` of the run under each responder; the runs part at the first page."""
    session = Session(setting, seed)
    advance_to_first_page(session)
    return branches_of(session, responders, evaluate)


def branches_at(
    setting: Setting,
    seed: int,
    at: int,
    responders: Mapping[str, Responder | None],
    evaluate: Callable[[Run], V],
) -> dict[str, V]:
    """The same, for responders that do nothing before `at`, ms."""
    session = Session(setting, seed)
    door = session.door(session.plays)
    while session.now < at:
        session.advance(at)
        door.seen()
    return branches_of(session, responders, evaluate)


def branches_of(
    session: Session, responders: Mapping[str, Responder | None], evaluate: Callable[[Run], V]
) -> dict[str, V]:
    def play(responder: Responder | None) -> V:
        drive(session, {} if responder is None else {session.plays: responder})
        return evaluate(session.finish())

    # One after the other: the seeds run in parallel already.
    tasks = ((name, partial(play, responder)) for name, responder in responders.items())
    return dict(run_forked(tasks, cores=1))


def advance_to_first_page(session: Session) -> None:
    """Until the player's first page is delivered, or to the end."""
    door = session.door(session.plays)
    read = 0
    while session.now < session.ends:
        session.advance(session.ends)
        events = session.log.events[read:]
        if any(
            event.kind == "page" and event.who == session.plays and event.state == "delivered"
            for event in events
        ):
            break
        read += len(events)
        door.seen()  # a message and no page yet: no responder acts on it
