"""The queue of orders: accepted at a door, started in a tick, waiting for hands in between."""

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from simulator.actions import Site
from simulator.calendar import Calendar, Process
from simulator.run.events import ActionEvent, OrderEvent, RefusedEvent
from simulator.session.door import Order, OrderRejected
from simulator.session.hands import Hands
from simulator.session.inboxes import Inboxes
from simulator.session.journal import Journal
from simulator.session.orders import (
    OrderEnd,
    OrderTargets,
    Outcome,
    QueuedOrder,
    SimulatedOrder,
    carry_out,
    check_order,
    check_role,
    ignore_end,
    leave_out,
    targets_of,
    validate,
)
from simulator.session.plain_data import cut
from simulator.session.roster import Roster
from simulator.setting.component_graph import ComponentGraph

OmittedOrders = frozenset[tuple[str, int]]  # player and number


class OrderQueue:
    """The orders of one run.

    Orders submitted since the last tick are logged at the start of a tick, by (who, id). Each
    starts at once if its player's hands are free, else as soon as they are.

    Parameters
    ----------
    site : callable
        The reach of an action: its actor, the order's number, the team of a simulated actor.
    components : ComponentGraph
        Names what an action acts on.
    simulated : list of SimulatedOrder
        Orders of simulated people since the last tick; the queue empties it.
    targets : dict of (str, int) to tuple of str
        What each order concerns, filled by the queue; a twin fills in omitted orders, too.
    omitted : frozenset of (str, int)
        Orders that are numbered and take hands, but are neither logged nor carried out.

    Attributes
    ----------
    completed : dict of str to int
        When the played team first completed each action, ms.
    """

    def __init__(
        self,
        roster: Roster,
        calendar: Calendar,
        journal: Journal,
        inboxes: Inboxes,
        site: Callable[[str, int, str], Site],
        components: ComponentGraph,
        simulated: list[SimulatedOrder],
        targets: OrderTargets,
        omitted: OmittedOrders,
    ) -> None:
        self._roster, self._calendar, self._journal = roster, calendar, journal
        self._inboxes, self._site, self._components = inboxes, site, components
        self._simulated, self._targets, self._omitted = simulated, targets, omitted
        self._hands = {name: Hands(player) for name, player in roster.players.items()}
        self._counts = Counter[str]()  # by actor
        self._submitted: list[QueuedOrder] = []
        self._waiting: defaultdict[str, list[QueuedOrder]] = defaultdict(list)  # by actor
        self._running: dict[tuple[str, int], QueuedOrder] = {}  # by (actor, order)
        self.completed: dict[str, int] = {}

    def submit(
        self, actor: str, order: Order, team: str = "", on_end: OrderEnd = ignore_end
    ) -> int:
        """Queue an order for the next tick; return its number among its actor's.

        Parameters
        ----------
        team : str
            The team of a simulated actor; empty for a player.
        on_end : callable
            Receives the state and the note with which it ends.

        Raises
        ------
        OrderRejected
            If it is invalid, or not for the player's role.
        """
        try:
            logged_order, action = validate(order)
            if not team:
                check_role(self._roster.players[actor], action)
            check_order(action, self._site(actor, self._counts[actor] + 1, team))
        except OrderRejected as error:
            kind = cut(getattr(order, "kind", order), 80)
            self._journal.write(RefusedEvent(self._journal.now, actor, kind, cut(str(error))))
            raise
        self._counts[actor] += 1
        number = self._counts[actor]
        self._submitted.append(QueuedOrder(actor, number, logged_order, action, team, on_end))
        self._targets[actor, number] = targets_of(logged_order)
        return number

    def start_due(self) -> None:
        """Log the orders submitted since the last tick, and start those whose player has hands."""
        simulated = self._simulated[:]
        self._simulated.clear()
        for actor, team, order, on_end in simulated:
            try:
                self.submit(actor, order, team, on_end)
            except OrderRejected as error:
                on_end("refused", str(error))  # it is logged
        submitted, self._submitted = self._submitted, []
        for queued in sorted(submitted, key=lambda queued: (queued.actor, queued.id)):
            if not self._is_omitted(queued):
                self._log_order(queued)
            self._waiting[queued.actor].append(queued)
        new = {(queued.actor, queued.id) for queued in submitted}
        for actor in sorted(self._waiting):
            self._start_waiting(actor)
            for queued in self._waiting[actor]:
                if (actor, queued.id) in new and not self._is_omitted(queued):
                    self._log_action(queued, Outcome("waiting", "hands are full", {}))

    def end(self) -> None:
        """Log how the orders end that the end of the drill cuts off."""
        for queued in self._running.values():
            self._log_action(queued, Outcome("unknown", "the drill ended before it did", {}))
        for actor in sorted(self._waiting):
            for queued in self._waiting[actor]:
                if not self._is_omitted(queued):
                    outcome = Outcome("failed", "the drill ended before it began", {})
                    self._log_action(queued, outcome)

    def close(self) -> None:
        """Drop the orders of simulated people that have not begun, as `Calendar.close` does.

        Whoever waits for their end has a door to the same list.
        """
        self._simulated.clear()

    def _start_waiting(self, actor: str) -> None:
        now, waiting, hands = self._journal.now, self._waiting[actor], self._hands.get(actor)
        while waiting and (hands is None or waiting[0].simulated or hands.free(now)):
            queued = waiting.pop(0)
            if hands is not None and not queued.simulated:
                hands.take(now)
            if self._is_omitted(queued):
                site = self._site(actor, queued.id, queued.team)
                self._calendar.start(leave_out(queued.action, site, queued.simulated))
            else:
                self._calendar.start(self._run(queued))

    def _run(self, queued: QueuedOrder) -> Process:
        """An action from start to end, logged at both."""
        kind, actor, number = queued.order.kind, queued.actor, queued.id
        self._running[actor, number] = queued
        self._log_action(queued, Outcome("started", "", {}))
        site = self._site(actor, number, queued.team)
        outcome = yield from carry_out(queued.action, site, queued.simulated)
        del self._running[actor, number]
        self._log_action(queued, outcome)
        queued.on_end(outcome.state, outcome.note)
        if queued.simulated:
            return
        if outcome.state == "done" and self._roster.is_of_played_team(actor):
            self.completed.setdefault(kind, self._calendar.now)
        self._inboxes.deliver([actor], "result", _visible_result(number, kind, outcome))

    def _is_omitted(self, queued: QueuedOrder) -> bool:
        return (queued.actor, queued.id) in self._omitted

    def _log_order(self, queued: QueuedOrder) -> None:
        order, now = queued.order, self._journal.now
        self._journal.write(
            OrderEvent(now, queued.actor, queued.id, order.kind, dict(order.args), queued.simulated)
        )

    def _log_action(self, queued: QueuedOrder, outcome: Outcome) -> None:
        state, note, result, changed = outcome
        ended = state not in ("waiting", "started")
        targets = self._components.of_action(queued.action) if ended else ()
        self._journal.write(
            ActionEvent(
                self._journal.now, queued.actor, queued.id, queued.order.kind, state, note,
                dict(result), changed, targets,
            )
        )  # fmt: skip


def _visible_result(number: int, kind: str, outcome: Outcome) -> dict[str, Any]:
    """The end of an order as its player sees it."""
    return {
        "order": number,
        "action": kind,
        "state": outcome.state,
        "note": outcome.note,
        "result": outcome.result,
    }
