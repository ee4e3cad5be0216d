"""How teams were reached: when they were called, by whom, and over how many hops."""

from collections.abc import Mapping, Set
from typing import NamedTuple

from simulator.analysis.need_record import line_numbers
from simulator.analysis.run_record import RunRecord
from simulator.run.events import PageEvent

SENT = ("sent", "escalated")
# Who sleeps or is busy is not reached, though the page is delivered.
REACHED = ("seen", "acknowledged")


class TeamContact(NamedTuple):
    """The first contact with a team since a time; None for what did not happen.

    Attributes
    ----------
    called : PageEvent or None
        A page to it was sent, or a page came to a level that names it.
    reached : PageEvent or None
        Somebody who does its work saw a page.
    taken : PageEvent or None
        Somebody who does its work acknowledged.
    """

    called: PageEvent | None
    reached: PageEvent | None
    taken: PageEvent | None


class CallChain(NamedTuple):
    """The calls that led to a team.

    Attributes
    ----------
    teams : tuple of str
        The teams that were called one by the other, the last first. A page for an alert is
        nobody's call, nor is one of the played team to itself.
    by_players : bool
        Whether the played team began it: otherwise an alert or somebody else did.
    first_page : PageEvent
        The first event of the page that began it, with the facts of its caller.
    """

    teams: tuple[str, ...]
    by_players: bool
    first_page: PageEvent


class TeamCalls:
    """The calls of a run."""

    def __init__(self, record: RunRecord) -> None:
        self._plays = plays = record.header.plays
        # A run without players in its header is the played team's.
        teams = {p.name: p.team for p in record.header.players} or {plays: plays}
        self._events = record.run.of(PageEvent)
        self._first: dict[tuple[int, str], PageEvent] = {}
        self._caller: dict[tuple[int, str], str] = {}
        taken_for: dict[str, str] = {}  # the team whose work somebody does
        for event in self._events:
            key = event.page, event.who
            if key not in self._first:
                self._first[key] = event
                # The director and facilitators are of no team.
                self._caller[key] = teams.get(event.by, taken_for.get(event.by, ""))
            if event.state == "acknowledged":
                # A team with members calls under its own name.
                taken_for |= dict.fromkeys((event.person, event.reached_team), event.reached_team)

    def contact(self, team: str, since: int) -> TeamContact:
        """The first contact with a team since a time, ms."""
        events = [e for e in self._events if e.t >= since and team in (e.who, e.reached_team)]
        called = (event for event in events if event.state in SENT)
        # A level of the team's policy may name another team.
        own = [event for event in events if event.reached_team == team]
        reached, taken = (
            next((event for event in own if event.state in states), None)
            for states in (REACHED, ("acknowledged",))
        )
        return TeamContact(next(called, None), reached, taken)

    @property
    def by_players(self) -> dict[str, int]:
        """When the players first called each other team, ms."""
        times: dict[str, int] = {}
        for page in self._first.values():
            own = page.who == self._plays or page.reached_team == self._plays
            if page.via == "person" and not own and self._calling_team(page) == self._plays:
                times.setdefault(page.who, page.t)
        return times

    def sender(self, event: PageEvent) -> str:
        """Who sent the page of an event."""
        return self._page(event).by

    def hops(self, team: str, contact: TeamContact, needed: Set[str]) -> int | None:
        """The hops until a team was reached: the calls that led to it, and those of wrong teams.

        Parameters
        ----------
        needed : set of str
            The teams that were needed, too: to call them is no detour.
        """
        if contact.reached is None:
            return None
        chain, sent = self.chain(contact.reached).teams, self._page(contact.reached).t
        called = {
            event.who
            for event in self._events
            if event.via == "person" and event.state in SENT and event.t < sent
            if self._calling_team(event)
        }
        return len(chain) + len(called - {self._plays, team, *chain} - needed)

    def chain(self, event: PageEvent) -> CallChain:
        """The calls that led to an event of a page."""
        chain: list[str] = []
        first_page = self._page(event)
        while event.via == "person" and event.who != self._plays and event.who not in chain:
            chain.append(event.who)
            page, caller = self._page(event), self._calling_team(event)
            first_page = page
            before = (
                e
                for e in self._events
                if e.state in REACHED and e.reached_team == caller and e.t <= page.t
            )
            reached = None if caller == self._plays else next(before, None)
            if reached is None:
                break
            event = reached
        by_players = event.via == "person" and self._calling_team(event) == self._plays
        return CallChain(tuple(chain), by_players, first_page)

    def _page(self, event: PageEvent) -> PageEvent:
        """The first event of an event's page, which has its sender."""
        return self._first[event.page, event.who]

    def _calling_team(self, event: PageEvent) -> str:
        """The team for which the page of an event was sent; empty if it is nobody's call."""
        return self._caller[event.page, event.who]


def first_calls(record: RunRecord, times: Mapping[str, int]) -> tuple[int, ...]:
    """The lines of log.jsonl of the first pages to teams, by the team and its time, ms."""
    pages = {(event.t, event.who): event for event in reversed(record.run.of(PageEvent))}
    return line_numbers(record.run, (pages.get((t, team)) for team, t in times.items()))
