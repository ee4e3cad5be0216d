"""Work: what simulated people do about a page that they took."""

from collections.abc import Mapping
from typing import Any, Protocol

from simulator.calendar import Calendar, Process
from simulator.oncall.dice import Dice, draw_ms
from simulator.oncall.organisation import Organisation
from simulator.oncall.sent_page import PagedPerson, SentPage
from simulator.run.events import Event, MessageEvent


class WorkHost(Protocol):
    """The run behind the work of simulated people."""

    @property
    def now(self) -> int:
        """The time at which events are logged, ms."""

    def log_event(self, event: Event) -> None:
        """Log an event."""

    def deliver(self, to: str, kind: str, data: Mapping[str, Any]) -> None:
        """Deliver news to a player or to all players of a team."""

    def order(self, actor: str, team: str, kind: str, args: Mapping[str, Any]) -> None:
        """Submit the order of a simulated person, or of a team with members, for the next tick."""

    def faulty(self, targets: tuple[str, ...]) -> list[str]:
        """The targets that a fault affects now, as their owner would find out."""


class TeamWork:
    """The work of the simulated people of one run."""

    def __init__(
        self, organisation: Organisation, calendar: Calendar, dice: Dice, host: WorkHost
    ) -> None:
        self._organisation, self._calendar = organisation, calendar
        self._dice, self._host = dice, host

    def start(self, page: SentPage, recipient: PagedPerson, woken: bool) -> None:
        """Let somebody work on a page that they took; who was woken for it is slower at first."""
        self._calendar.start(self._work_of_members(page, recipient))

    def _work_of_members(self, page: SentPage, recipient: PagedPerson) -> Process:
        """The short form: after a time, a team finds and fixes what it owns."""
        team = self._organisation.model.teams[recipient.team]
        yield draw_ms(self._dice.generator(page, recipient, "work"), team.work)
        faulty = self._host.faulty((page.about,) if page.about in team.owns else team.owns)
        for target in faulty:
            self._host.order(page.team, page.team, "fix_upstream", {"target": target})
        if not faulty:
            text = f"{page.about or 'our side'}: nothing wrong that is ours"
            self._host.log_event(MessageEvent(self._host.now, page.team, page.by, text))
            self._host.deliver(page.by, "message", {"from": page.team, "text": text})
