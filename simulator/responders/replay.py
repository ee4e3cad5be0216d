"""The orders of a former run, at the times at which they were given."""

from __future__ import annotations

from simulator.run import Run
from simulator.session import Door, Order


class Replay:
    """Gives a run's orders again.

    Parameters
    ----------
    run : Run
        Of one player; simulated teams order for themselves.
    """

    def __init__(self, run: Run) -> None:
        self._left = [
            (event.t, event.who, Order(event.data["action"], event.data["args"]))
            for event in run.of("order")
            if not event.data["simulated"]
        ]

    def respond(self, door: Door) -> int | None:
        """Submit what was submitted before this tick."""
        door.seen()
        while self._left and self._left[0][0] <= door.now:
            door.submit(self._left.pop(0)[2])
        return self._left[0][0] if self._left else None
