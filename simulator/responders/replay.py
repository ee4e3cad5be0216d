"""The orders of a former run, at their former times."""

from pathlib import Path

from simulator.run import Run, RunError
from simulator.run.events import OrderEvent
from simulator.session import Door, Order, OrderRejected


class Replay:
    """Submits a run's orders again.

    Parameters
    ----------
    run : Run
        Only the player's orders: simulated teams and the director order by themselves.
    """

    def __init__(self, run: Run) -> None:
        log = (run.folder or Path()) / "log.jsonl"
        # The first line is the header, which is not among the events.
        self._orders = [
            (event.t, Order(event.action, event.args), f"{log}:{line}")
            for line, event in enumerate(run.events, 2)
            if isinstance(event, OrderEvent)
            and event.who == run.header.plays
            and not event.simulated
        ]

    def respond(self, door: Door) -> int | None:
        """Submit the orders of this tick.

        Raises
        ------
        RunError
            If the session rejects one: the log was changed, or comes from another version.
        """
        door.seen()
        while self._orders and self._orders[0][0] <= door.now:
            _, order, place = self._orders.pop(0)
            try:
                door.submit(order)
            except OrderRejected as error:
                raise RunError(f"{place}: {error}") from None
        return self._orders[0][0] if self._orders else None
