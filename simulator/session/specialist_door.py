"""The doors of simulated people: each sees what is theirs, and orders under their own name."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from simulator.oncall.work.specialist import Finding
from simulator.run.events import LookEvent
from simulator.session.door import Order
from simulator.session.inboxes import Inboxes
from simulator.session.internals import Internals
from simulator.session.journal import Journal
from simulator.session.orders import OrderEnd, OrderTargets, SimulatedOrder
from simulator.session.roster import Roster

# What a look at a faulty component shows, as the label of its result.
AT_FAULT = {"state": "at fault"}


class ReachOfPeople(NamedTuple):
    """Whom a simulated person reaches, and the orders of everybody."""

    roster: Roster
    inboxes: Inboxes
    orders: list[SimulatedOrder]
    targets: OrderTargets


class InternalDoor:
    """The door of a simulated person who works on a page (`oncall.work.specialist.SpecialistDoor`).

    Parameters
    ----------
    person, team : str
        Who looks and orders, and the team whose work they do.
    visible : tuple of str
        The components that they can look into.
    """

    def __init__(
        self,
        internals: Internals,
        journal: Journal,
        people: ReachOfPeople,
        person: str,
        team: str,
        visible: tuple[str, ...],
    ) -> None:
        self._internals, self._journal, self._people = internals, journal, people
        self._person, self._team, self._visible = person, team, frozenset(visible)

    @property
    def now(self) -> int:
        """The time at which events are logged, ms."""
        return self._journal.now

    def look(self, target: str) -> Finding:
        """Look into a component, and log it."""
        now, expr = self._journal.now, f"state of {target}"
        if target not in self._visible:
            error = f"{target} is not {self._team}'s to look into"
            self._journal.write(LookEvent(now, self._person, expr, error=error))
            return Finding.NOT_VISIBLE
        if not self._internals.faults.faulty((target,)):
            self._journal.write(LookEvent(now, self._person, expr, count=0))
            return Finding.HEALTHY
        self._journal.write(LookEvent(now, self._person, expr, count=1, labels=AT_FAULT))
        return Finding.AT_FAULT

    def has_traces(self, target: str, since: int) -> bool:
        """Whether a component's own log has more than information since a time, ms.

        A fault that began on it since then leaves a trace, too: not every one makes log lines.
        """
        return target in self._visible and (
            self._internals.faults.began_on(target, since)
            or any(
                line.part == target and line.t >= since and line.level != "INFO"
                for line in self._internals.lines.all
            )
        )

    def order(self, kind: str, args: Mapping[str, Any], on_end: OrderEnd) -> None:
        """Submit an order for the next tick; `on_end` receives how it ends."""
        order = SimulatedOrder(self._person, self._team, Order(kind, args), on_end)
        self._people.orders.append(order)

    def tell(self, to: str, text: str) -> None:
        """Send a message."""
        self._people.inboxes.send(self._person, to, text)

    def order_targets(self, player: str, number: int) -> tuple[str, ...]:
        """The components that an order of a player concerns; none if there is no such order."""
        return self._people.targets.get((player, number), ())

    def team_of(self, player: str) -> str:
        """The team of a player; empty for anybody else."""
        players = self._people.roster.players
        return players[player].team if player in players else ""
