"""Responders, one kind a file: playbook, replay; or nobody.

A responder gets a door and nothing else. It is called when it has news or at the wake-up that
it asked for, and returns its next wake-up.
"""

from collections.abc import Callable
from typing import Protocol

from simulator.session import Door, Session

# A few hundredths of a second of real time, so that an interrupted run ends at once.
PROGRESS_EVERY_MS = 60_000


class Responder(Protocol):
    """A player that answers an incident."""

    def respond(self, door: Door) -> int | None:
        """Look, order, and return the next wake-up in ms; None for only on news."""


def drive(
    session: Session, responder: Responder | None, progress: Callable[[int], None] | None = None
) -> None:
    """Play a drill to its end.

    Parameters
    ----------
    responder : Responder or None
        None for nobody.
    progress : callable, optional
        Called with the simulated time, in ms, at least once a minute of it.
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
    """Advance to `until` or to news, reporting progress on the way."""
    until = min(max(until, session.now + 1), session.ends)
    while session.now < until and not (door and door.waiting):
        session.advance(min(until, session.now + PROGRESS_EVERY_MS) if progress else until)
        if progress:
            progress(session.now)
