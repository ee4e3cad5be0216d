"""How teams were reached: when they were called, by whom, and over how many hops."""

from collections.abc import Set
from typing import NamedTuple

from simulator.analysis.run_record import RunRecord
from simulator.run.events import PageEvent

SENT = ("sent", "escalated")
REACHED = ("delivered", "acknowledged")


class TeamContact(NamedTuple):
    """The first contact with a team since a time; None for what did not happen.

    Attributes
    ----------
    called : PageEvent or None
        A page to it was sent, or a page came to a level that names it.
    reached : PageEvent or None
        A page was delivered to somebody who does its work.
    taken : PageEvent or None
        Somebody who does its work acknowledged.
    """

    called: PageEvent | None
    reached: PageEvent | None
    taken: PageEvent | None


class TeamCalls:
    """The calls of a run."""

    def __init__(self, record: RunRecord) -> None:
        self._plays = record.header.plays
        self._team_of_player = {p.name: p.team or self._plays for p in record.header.players}
        self._events = record.run.of(PageEvent)
        histories = record.page_histories
        self._first = {(page.page, page.team): page.first for page in histories}

    def contact(self, team: str, since: int) -> TeamContact:
        """The first contact with a team since a time, ms."""
        events = [e for e in self._events if e.t >= since and team in (e.who, e.reached_team)]
        return TeamContact(
            *(
                next((event for event in events if event.state in states), None)
                for states in (SENT, REACHED, ("acknowledged",))
            )
        )

    @property
    def by_players(self) -> dict[str, int]:
        """When the players first called each other team, ms."""
        times: dict[str, int] = {}
        for page in self._first.values():
            own = page.who == self._plays or page.reached_team == self._plays
            if page.via == "person" and not own and self._team_of(page) == self._plays:
                times.setdefault(page.who, page.t)
        return times

    def hops(self, team: str, contact: TeamContact, needed: Set[str]) -> int | None:
        """The hops until a team was reached: the calls that led to it, and those of wrong teams.

        Parameters
        ----------
        needed : set of str
            The teams that were needed, too: to call them is no detour.
        """
        if contact.reached is None:
            return None
        chain, sent = self._chain(contact.reached), self._page(contact.reached).t
        called = {
            event.who
            for event in self._events
            if event.via == "person" and event.state in SENT and event.t < sent
        }
        return len(chain) + len(called - {self._plays, team, *chain} - needed)

    def _page(self, event: PageEvent) -> PageEvent:
        """The first event of an event's page, which has its sender."""
        return self._first[event.page, event.who]

    def _chain(self, event: PageEvent) -> list[str]:
        """The teams that were called one by the other until an event, the last first.

        A page for an alert is nobody's call, nor is one of the played team to itself.
        """
        chain: list[str] = []
        while event.via == "person" and event.who != self._plays and event.who not in chain:
            chain.append(event.who)
            page = self._page(event)
            caller = self._team_of(page)
            before = (
                e
                for e in self._events
                if e.state in REACHED and e.reached_team == caller and e.t <= page.t
            )
            reached = None if caller == self._plays else next(before, None)
            if reached is None:
                break
            event = reached
        return chain

    def _team_of(self, page: PageEvent) -> str:
        """The team of a page's sender: a player's, or the one whose work somebody does then.

        A team with members calls under its own name.
        """
        if page.by in self._team_of_player:
            return self._team_of_player[page.by]
        taken = [
            event.reached_team
            for event in self._events
            if event.state == "acknowledged"
            and event.t <= page.t
            and page.by in (event.person, event.reached_team)
        ]
        return taken[-1] if taken else self._plays
