"""Work: what simulated people do about a page that they took."""

from collections.abc import Mapping
from typing import Any, Protocol

from simulator.calendar import Calendar, Process
from simulator.oncall.organisation import Organisation
from simulator.oncall.paging.dice import Dice, draw_ms
from simulator.oncall.paging.sent_page import PagedPerson, SentPage
from simulator.oncall.work.approving import ApprovalHost, Approving
from simulator.oncall.work.search import Search
from simulator.oncall.work.specialist import SpecialistDoor
from simulator.run.events import Event, MessageEvent


class WorkHost(ApprovalHost, Protocol):
    """The run behind the work of simulated people."""

    @property
    def now(self) -> int:
        """The time at which events are logged, ms."""

    def log_event(self, event: Event) -> None:
        """Log an event."""

    def deliver(self, to: str, kind: str, data: Mapping[str, Any]) -> None:
        """Deliver news to a player or to all players of a team."""

    def faulty(self, targets: tuple[str, ...]) -> list[str]:
        """The targets that a fault affects now, as their owner would find out."""

    def specialist_door(self, person: str, team: str, visible: tuple[str, ...]) -> SpecialistDoor:
        """The door of a person who works on a page, and can look into these components."""


class TeamWork:
    """The work of the simulated people of one run."""

    def __init__(
        self, organisation: Organisation, calendar: Calendar, dice: Dice, host: WorkHost
    ) -> None:
        self._organisation, self._calendar = organisation, calendar
        self._dice, self._host = dice, host
        self._approving = Approving(organisation, calendar, dice, host)
        self._searches: list[Search] = []

    def start(self, page: SentPage, recipient: PagedPerson, woken: bool) -> None:
        """Let somebody work on a page that they took; who was woken for it is slower at first.

        Who is at work on another page already works on both at once.
        """
        if self._approving.start(page, recipient):
            return
        (person, team), callers = recipient, self._callers(page)
        if self._organisation.model.teams[team].policy is None:
            self._calendar.start(self._work_of_members(page, recipient))
            return
        for search in self._searches:
            if search.is_open and search.recipient == recipient:
                search.join(page, callers)
                return
        visible = self._organisation.visible(team, person)
        door = self._host.specialist_door(person, team, visible)
        search = Search(
            page, recipient, woken, callers, self._organisation, self._calendar, self._dice, door
        )  # fmt: skip
        self._searches.append(search)
        search.start()

    def join(self, page: SentPage) -> Search | None:
        """Give a page of a person to whoever already works for that caller at that team, if any."""
        for search in self._searches:
            at_team = page.team in (search.page.team, search.recipient.team)
            if search.is_open and at_team and page.by in search.callers:
                if not self._approving.start(page, search.recipient):
                    search.join(page, (page.by,))
                return search
        return None

    def _callers(self, page: SentPage) -> tuple[str, ...]:
        """Who hears the answer to a page: whoever asked those who handed it on."""
        if page.via != "person":
            return ()
        for search in reversed(self._searches):
            if search.recipient.person == page.by and page.team in search.handed_on:
                return search.callers
        return (page.by,)

    def _work_of_members(self, page: SentPage, recipient: PagedPerson) -> Process:
        """The short form: after a time, a team finds and fixes what it owns."""
        name, team = recipient.team, self._organisation.model.teams[recipient.team]
        yield draw_ms(self._dice.generator(page, recipient, "work"), team.work)
        faulty = self._host.faulty((page.about,) if page.about in team.owns else team.owns)
        for target in faulty:
            self._host.order(name, name, "fix_upstream", {"target": target})
        if not faulty:
            # An alert that came to them over another team's policy is that team's.
            to = page.team if page.via == "alert" and page.team != name else page.by
            text = f"{page.about or 'our side'}: nothing wrong that is ours"
            self._host.log_event(MessageEvent(self._host.now, name, to, text))
            self._host.deliver(to, "message", {"from": name, "text": text})
