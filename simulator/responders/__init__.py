"""Who answers, one file each: playbook, replay, none.

A responder gets a door and nothing else. It is called when there is news for it or when
the time has come that it asked to be woken at, and says when it wants to be called next.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from simulator.session import Door, Session

# Some hundredths of a second: whoever ends a run, or its twins, need not wait.
TELL_EVERY_MS = 60_000


class Responder(Protocol):
    """What answers."""

    def respond(self, door: Door) -> int | None:
        """Look, order, and say when to be woken next, in ms; None for only on news."""


def drive(
    session: Session, responder: Responder | None, progress: Callable[[int], None] | None = None
) -> None:
    """Play a drill to its end.

    Parameters
    ----------
    session : Session
    responder : Responder or None
        None for nobody.
    progress : callable, optional
        Told where time stands, in ms, now and then.
    """
    if responder is None:
        _advance(session, session.ends, progress)
        return
    door = session.door(session.plays)
    wake: int | None = 0
    while session.now < session.ends:
        if door.waiting or (wake is not None and session.now >= wake):
            wake = responder.respond(door)
        _advance(session, session.ends if wake is None else wake, progress, door)


def _advance(
    session: Session, until: int, progress: Callable[[int], None] | None, door: Door | None = None
) -> None:
    """On to `until` or to news, telling now and then where time stands."""
    until = min(max(until, session.now + 1), session.ends)
    while session.now < until and not (door and door.waiting):
        session.advance(min(until, session.now + TELL_EVERY_MS) if progress else until)
        if progress:
            progress(session.now)
