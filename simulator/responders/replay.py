"""The orders of a former run, at the times at which they were given."""

from __future__ import annotations

from simulator.run import Run
from simulator.session import Door, Order


class Replay:
    """Gives a run's orders again.

    Parameters
    ----------
    run : Run
        Simulated teams order for themselves, and so does the director.
    """

    def __init__(self, run: Run) -> None:
        self._left = [
            (event.t, Order(event.data["action"], event.data["args"]))
            for event in run.of("order")
            if event.who == run.header["plays"] and not event.data["simulated"]
        ]

    def respond(self, door: Door) -> int | None:
        """Submit what was submitted before this tick."""
        door.seen()
        while self._left and self._left[0][0] <= door.now:
            door.submit(self._left.pop(0)[1])
        return self._left[0][0] if self._left else None
