"""The orders of a player in a former run, at their former times."""

from pathlib import Path

from simulator.responders.page_numbers import PageNumbers
from simulator.responders.responder import ResponderEnded
from simulator.run import Run, RunError
from simulator.run.events import OrderEvent, PageEvent, ResponderEvent
from simulator.session import Door, Order, OrderRejected


class Replay:
    """Submits a player's orders of a run again, and ends where the player's responder did.

    Parameters
    ----------
    run : Run
    player : str
        The name of the player; simulated teams and the director order by themselves.
    """

    def __init__(self, run: Run, player: str) -> None:
        log = (run.folder or Path()) / "log.jsonl"
        # The first line is the header, which is not among the events.
        self._orders = [
            (event.t, Order(event.action, event.args), f"{log}:{line}")
            for line, event in enumerate(run.events, 2)
            if isinstance(event, OrderEvent) and event.who == player and not event.simulated
        ]
        self._pages = PageNumbers(run.of(PageEvent))
        ends = (event for event in run.of(ResponderEvent) if event.who == player)
        self._end = next(ends, None)

    def respond(self, door: Door) -> int | None:
        """Submit the orders of this tick.

        Raises
        ------
        RunError
            If the session rejects one: the log was changed, or comes from another version.
        ResponderEnded
            When the run's responder ended.
        """
        self._pages.read(door.seen().news)
        while self._orders and self._orders[0][0] <= door.now:
            _, order, place = self._orders.pop(0)
            try:
                door.submit(self._about_pages_here(order))
            except OrderRejected as error:
                raise RunError(f"{place}: {error}") from None
        if self._end is not None and self._end.t <= door.now:
            raise ResponderEnded(self._end.state, self._end.why)
        times = [order[0] for order in self._orders[:1]]
        if self._end is not None:
            times.append(self._end.t)
        return min(times, default=None)

    def _about_pages_here(self, order: Order) -> Order:
        """The order with the number that its page has in this run."""
        page = order.args.get("page") if order.kind == "acknowledge" else None
        if page is None:
            return order
        return Order(order.kind, {**order.args, "page": self._pages.here(page)})
