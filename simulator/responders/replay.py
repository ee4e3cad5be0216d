"""The orders of a former run, at the times at which they were given."""

from __future__ import annotations

from pathlib import Path

from simulator.run import Run, RunError
from simulator.session import Door, Order, OrderRejected


class Replay:
    """Gives a run's orders again.

    Parameters
    ----------
    run : Run
        Simulated teams order for themselves, and so does the director.
    """

    def __init__(self, run: Run) -> None:
        log = (run.folder or Path()) / "log.jsonl"
        # The first line is the header's, which is none of the events.
        self._left = [
            (
                event.t,
                Order(event.data.get("action", ""), event.data.get("args", {})),
                f"{log}:{line}",
            )
            for line, event in enumerate(run.events, 2)
            if event.kind == "order"
            and event.who == run.header["plays"]
            and not event.data.get("simulated")
        ]

    def respond(self, door: Door) -> int | None:
        """Submit what was submitted before this tick.

        Raises
        ------
        RunError
            If no session takes it: somebody has changed the log, or it is of another version.
        """
        door.seen()
        while self._left and self._left[0][0] <= door.now:
            _, order, place = self._left.pop(0)
            try:
                door.submit(order)
            except OrderRejected as error:
                raise RunError(f"{place}: {error}") from None
        return self._left[0][0] if self._left else None
