"""The desk: pages on their way to people, and simulated teams at work.

A page goes to the primary. If it does not reach them, or they do not acknowledge it in time, it
is escalated. Draws are keyed by team, subject and the number of pages before, never by a counter
that another order would shift, so that twins have the same people.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from simulator.calendar import Calendar, Process
from simulator.oncall.rotation import midnight, on_call
from simulator.oncall.staffing import Staffing
from simulator.run.events import Event, MessageEvent, PageEvent
from simulator.scenario import OnCall
from simulator.scenario.team import Team
from simulator.scenario.time_law import TimeLaw
from simulator.streams import Streams


class DeskHost(Protocol):
    """The run behind the desk."""

    @property
    def now(self) -> int:
        """The time at which events are logged, ms."""

    def log_event(self, event: Event) -> None:
        """Log an event."""

    def staffing(self, team: str) -> Staffing:
        """Who answers the pages of a team."""

    def deliver_page(self, team: str, person: str, data: Mapping[str, Any]) -> None:
        """Deliver a page to the player on call, else to all players of the team."""

    def deliver(self, to: str, kind: str, data: Mapping[str, Any]) -> None:
        """Deliver news to a player or to all players of a team."""

    def order(self, team: str, kind: str, args: Mapping[str, Any]) -> None:
        """Submit a simulated team's order."""

    def faulty(self, targets: tuple[str, ...]) -> list[str]:
        """The targets that a fault affects now, as their owner would find out."""


@dataclass
class SentPage:
    """One page to one team."""

    number: int
    team: str
    via: str  # alert or person
    by: str
    subject: str  # the key of its draws: the group of alerts, or the sender and the component
    about: str
    text: str
    alerts: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)  # that its sender states
    level: int = 0
    person: str = ""
    acknowledged: bool = False
    resolved: bool = False
    reached: list[str] = field(default_factory=list)  # people


class Desk:
    """The people of one run.

    Parameters
    ----------
    epoch_ms : int
        The scenario's start, in ms since 1970.
    """

    def __init__(
        self,
        model: OnCall,
        calendar: Calendar,
        streams: Streams,
        host: DeskHost,
        epoch_ms: int,
    ) -> None:
        self._model = model
        self._calendar = calendar
        self._streams = streams
        self._host = host
        self._epoch = epoch_ms
        self.pages: list[SentPage] = []
        self._last_number = 0
        self._draws = Counter[tuple[str, str, str]]()

    def has_team(self, name: str) -> bool:
        """Whether there is a team of this name."""
        return name in self._model.teams

    def owner(self, target: str) -> str:
        """The team that owns a stage, credential or dependency; empty if there is none."""
        for name, team in self._model.teams.items():
            if target in team.owns:
                return name
        return ""

    def owns(self, team: str, target: str) -> bool:
        """Whether a team owns a target."""
        return self.owner(target) == team

    def notify(
        self, receiver: str, alerts: tuple[str, ...], group: str, text: str, firing: bool
    ) -> None:
        """Receive a notification of Alertmanager: page the team or open a ticket.

        As in a pager, a group with an open page makes no second one; once the group is
        resolved, its page is not escalated further.
        """
        route = self._model.receivers.get(receiver)
        if route is None:
            return
        team = self._model.team_of_receiver(route)
        subject = f"alert/{group}"
        open_pages = [page for page in self.pages if page.subject == subject and not page.resolved]
        if not firing:
            for page in open_pages:
                page.resolved = True
        elif open_pages:
            return
        elif route.page:
            number = self.take_number()
            self._send(SentPage(number, team, "alert", "alertmanager", subject, "", text, alerts))
        else:
            self._host.deliver(team, "ticket", {"alerts": list(alerts), "text": text})

    def page(
        self,
        team: str,
        by: str,
        about: str,
        text: str,
        facts: Mapping[str, Any],
        escalated: bool = False,
    ) -> int:
        """Page a team for a person, its second level if escalated; return the page's number."""
        number, subject = self.take_number(), f"call/{by}/{about}"
        page = SentPage(number, team, "person", by, subject, about, text, facts=facts)
        page.level = 1 if escalated else 0
        self._send(page)
        return number

    def take_number(self) -> int:
        """The number of the next page; an order that a twin leaves out takes its page's as well."""
        self._last_number += 1
        return self._last_number

    def acknowledge(self, team: str, number: int | None, by: str) -> tuple[list[int], list[int]]:
        """Acknowledge one page of a team, or all that reached somebody.

        Returns
        -------
        acknowledged : list of int
            The numbers of the pages acknowledged now.
        before : list of int
            The numbers of those acknowledged already.
        """
        pages = [
            page
            for page in self.pages
            if page.team == team
            and (page.number == number if number is not None else bool(page.reached))
        ]
        before = [page.number for page in pages if page.acknowledged]
        unacknowledged = [page for page in pages if not page.acknowledged]
        for page in unacknowledged:
            self._acknowledge(page, by)
        return [page.number for page in unacknowledged], before

    def _acknowledge(self, page: SentPage, by: str) -> None:
        page.acknowledged = True
        self._log_page(page, "acknowledged", by=by)

    def _send(self, page: SentPage) -> None:
        self.pages.append(page)
        self._calendar.start(self._escalate(page, self._model.teams[page.team]))

    def _escalate(self, page: SentPage, team: Team) -> Process:
        """The way of a page, level by level until somebody acknowledges it."""
        first = page.level
        for level in range(first, max(first + 1, team.escalate.levels)):
            page.level = level
            now, since = self._epoch + self._calendar.now, midnight(team.starts)
            page.person = on_call(team.members or (), team.rotation, now, level, since)
            self._log_page(page, "sent" if level == first else "escalated")
            generator = self._generator(page, "way")
            delay = _draw_ms(generator, team.notify)
            yield delay
            if page.acknowledged or page.resolved:
                return
            if float(generator.random()) < team.unreachable:
                self._log_page(page, "unreached")
            else:
                page.reached.append(page.person)
                self._log_page(page, "delivered")
                staffing = self._host.staffing(page.team)
                if staffing.has_players:
                    self._host.deliver_page(page.team, page.person, _page_news(page))
                if staffing.has_simulated_people:
                    watches = staffing is Staffing.WATCHED
                    self._calendar.start(self._answer(page, team, watches))
            yield max(0, team.escalate.after - delay)
            if page.acknowledged or page.resolved:
                return

    def _answer(self, page: SentPage, team: Team, watches: bool) -> Process:
        """A simulated person acknowledges a page, investigates, and fixes what the team owns.

        One who watches leaves the work to the automation that plays.
        """
        generator = self._generator(page, "work")
        yield _draw_ms(generator, team.acknowledge)
        if page.acknowledged:
            return
        self._acknowledge(page, page.person)
        if watches:
            return
        yield _draw_ms(generator, team.work)
        owned = tuple(team.owns)
        faulty = self._host.faulty((page.about,) if page.about in owned else owned)
        for target in faulty:
            self._host.order(page.team, "fix_upstream", {"target": target})
        if not faulty:
            text = f"{page.about or 'our side'}: nothing wrong that is ours"
            self._host.log_event(MessageEvent(self._host.now, page.team, page.by, text))
            self._host.deliver(page.by, "message", {"from": page.team, "text": text})

    def _log_page(self, page: SentPage, state: str, by: str = "") -> None:
        self._host.log_event(
            PageEvent(
                self._host.now, page.team, page.number, state, page.person, page.via,
                page.alerts, page.about, page.text, by or page.by,
                dict(page.facts) if state == "sent" else {},
            )
        )  # fmt: skip

    def _generator(self, page: SentPage, purpose: str) -> np.random.Generator:
        """The random numbers of one attempt, the same in every twin."""
        key = (page.team, purpose, page.subject)
        self._draws[key] += 1
        return self._streams.keyed("people", *key, self._draws[key])


def _draw_ms(generator: np.random.Generator, law: TimeLaw) -> int:
    return law.sample_ms(float(generator.standard_normal()))


def _page_news(page: SentPage) -> dict[str, Any]:
    return {
        "page": page.number,
        "alerts": list(page.alerts),
        "by": page.by,
        "about": page.about,
        "text": page.text,
        "facts": dict(page.facts),
        "person": page.person,
    }
