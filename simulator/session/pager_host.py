"""What the pager and the work of simulated people need of a run."""

from collections.abc import Mapping
from typing import Any

from simulator.actions import ACTIONS
from simulator.oncall.command.rights import Actor, Rights
from simulator.oncall.staffing import Staffing
from simulator.oncall.work.specialist import SpecialistDoor
from simulator.run import Event
from simulator.session.door import Order
from simulator.session.inboxes import Inboxes
from simulator.session.internals import Internals
from simulator.session.journal import Journal
from simulator.session.orders import OrderTargets, SimulatedOrder
from simulator.session.roster import Roster
from simulator.session.specialist_door import InternalDoor, ReachOfPeople


class RunBehindPager:
    """A run behind the pager (`oncall.paging.page_way.PagerHost`).

    Attributes
    ----------
    orders : list of SimulatedOrder
        Orders of simulated people since the last tick. The queue of orders, whose actions reach
        people in turn, takes them from here: a call would tie both into a circle, which would keep
        a run that is over in memory.
    targets : dict of (str, int) to tuple of str
        What each order concerns, by player and number; filled by the queue.
    """

    def __init__(
        self,
        roster: Roster,
        internals: Internals,
        journal: Journal,
        inboxes: Inboxes,
        rights: Rights,
    ) -> None:
        self._roster, self._internals, self._rights = roster, internals, rights
        self._journal, self._inboxes = journal, inboxes
        self.orders: list[SimulatedOrder] = []
        self.targets: OrderTargets = {}

    @property
    def now(self) -> int:
        """The time at which events are logged, ms."""
        return self._journal.now

    def log_event(self, event: Event) -> None:
        """Log an event."""
        self._journal.write(event)

    def team_of(self, player: str) -> str:
        """The team of a player; empty for anybody else."""
        players = self._roster.players
        return players[player].team if player in players else ""

    def approvable(self, approver: Actor, team: str) -> tuple[str, ...]:
        """The actions that a team orders with an approval only, and that somebody can approve."""
        return tuple(
            action
            for action in self._rights.needs_approval(team)
            if not self._rights.refusal(
                approver, action, team, ACTIONS.get(action).possible_targets()
            )
        )

    def staffing(self, team: str, person: str) -> Staffing:
        """Who answers the pages of a team to a person."""
        return self._roster.staffing(team, person)

    def deliver_page(self, team: str, person: str, data: Mapping[str, Any]) -> list[str]:
        """Deliver a page to the player on call, else to all players of the team; return them."""
        players = self._roster.page_recipients(team, person)
        self._inboxes.deliver(players, "page", data)
        return players

    def deliver(self, to: str, kind: str, data: Mapping[str, Any]) -> None:
        """Deliver news to a player or to all players of a team."""
        self._inboxes.deliver(self._roster.recipients(to), kind, data)

    def order(self, actor: str, team: str, kind: str, args: Mapping[str, Any]) -> None:
        """Submit the order of a simulated person, or of a team with members, for the next tick."""
        self.orders.append(SimulatedOrder(actor, team, Order(kind, args)))

    def specialist_door(self, person: str, team: str, visible: tuple[str, ...]) -> SpecialistDoor:
        """The door of a person who works on a page."""
        people = ReachOfPeople(self._roster, self._inboxes, self.orders, self.targets)
        return InternalDoor(self._internals, self._journal, people, person, team, visible)

    def faulty(self, targets: tuple[str, ...]) -> list[str]:
        """The targets that a fault affects now."""
        return self._internals.faults.faulty(targets)
