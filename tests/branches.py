"""One seed of a drill, answered in several ways: the time before the first page is shared.

Up to the first page nobody orders anything, so the run is the same whoever answers: it is
played once, and there the process forks. `tests/test_drills.py` checks that the digest is
that of a run played alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from simulator.responders import Responder, drive
from simulator.run import Run
from simulator.session import Session
from simulator.setting import Setting
from tests.apart import apart


def branches(
    setting: Setting,
    seed: int,
    responders: Mapping[str, Responder | None],
    look: Callable[[Run], Any],
) -> dict[str, Any]:
    """What `look` makes of the run under each responder."""
    session = Session(setting, seed)
    door = session.door(session.plays)
    seen = 0
    while session.now < session.ends:
        session.advance(session.ends)
        news = session.log.events[seen:]
        if any(
            item.kind == "page" and item.who == session.plays and item.data["state"] == "delivered"
            for item in news
        ):
            break
        seen += len(news)
        door.seen()  # a message, and no page yet: whoever answers leaves it at that

    def play(responder: Responder | None) -> Any:
        drive(session, responder)
        return look(session.finish())

    # One after the other: the seeds run beside each other already.
    return dict(apart(((name, lambda r=r: play(r)) for name, r in responders.items()), cores=1))
