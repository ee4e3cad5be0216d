"""What a responder is, and how one ends before the drill does."""

from typing import Protocol

from simulator.session import Door


class Responder(Protocol):
    """A player that answers an incident."""

    def respond(self, door: Door) -> int | None:
        """Look, order, and return the next wake-up in ms; None for only on news."""


class ResponderEnded(Exception):
    """A responder has ended before the drill: it is not called again.

    Attributes
    ----------
    state : str
        raised, timed_out, bad_wake_up, flood or recursion.
    why : str
        One short line.
    """

    def __init__(self, state: str, why: str) -> None:
        super().__init__(f"{state}: {why}")
        self.state, self.why = state, why


class Silent:
    """Reads its news and orders nothing."""

    def respond(self, door: Door) -> int | None:
        """Empty the inbox."""
        door.seen()
        return None
