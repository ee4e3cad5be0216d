"""The desk: delivery and escalation of pages, and the work of simulated teams.

A page goes to the primary; if it is not delivered, or not acknowledged in time, it escalates
along the policy. Draws are keyed by team, subject and number of earlier pages, never by a
counter that another order would shift, so that people behave alike in twins.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from simulator.calendar import Calendar, Process
from simulator.oncall.schedule import midnight, on_call
from simulator.scenario import OnCall
from simulator.scenario.oncall import Team
from simulator.streams import Streams

# Log-normal spread of people's times: a tenth takes twice the median or more.
SIGMA = 0.54


class DeskHost(Protocol):
    """The run as the desk uses it: log, inboxes, orders and the state of components."""

    def log_event(self, kind: str, who: str, /, **data: Any) -> None:
        """Log an event."""

    def deliver(self, team: str, kind: str, data: Mapping[str, Any]) -> None:
        """Put news into a team's inbox."""

    def order(self, who: str, kind: str, args: Mapping[str, Any]) -> None:
        """Submit a simulated team's order."""

    def faulty(self, owned: tuple[str, ...]) -> list[str]:
        """The owned components with an active fault, which owners find by looking."""


@dataclass
class SentPage:
    """A page to a team."""

    number: int
    team: str
    via: str  # alert or person
    by: str
    subject: str  # key for draws: the group of alerts, or the component
    about: str
    text: str
    alerts: tuple[str, ...] = ()
    level: int = 0
    person: str = ""
    acknowledged: bool = False
    resolved: bool = False
    delivered_to: list[str] = field(default_factory=list)


class Desk:
    """The people of one run.

    Parameters
    ----------
    model : OnCall
    plays : str
        The team that the responder plays.
    calendar : Calendar
    streams : Streams
    host : DeskHost
    epoch_ms : int
        The scenario's start, in ms since 1970.
    """

    def __init__(
        self,
        model: OnCall,
        plays: str,
        calendar: Calendar,
        streams: Streams,
        host: DeskHost,
        epoch_ms: int,
    ) -> None:
        self._model = model
        self._plays = plays
        self._calendar = calendar
        self._streams = streams
        self._host = host
        self._epoch = epoch_ms
        self.pages: list[SentPage] = []
        self._draw_counts: dict[tuple[str, str], int] = {}

    def knows(self, team: str) -> bool:
        """Whether a team exists."""
        return team in self._model.teams

    def owner(self, target: str) -> str:
        """The team that owns a stage, credential or dependency; empty if none does."""
        for name, team in self._model.teams.items():
            if target in team.owns:
                return name
        return ""

    def owns(self, team: str, target: str) -> bool:
        """Whether a team owns a component."""
        return self.owner(target) == team

    def notify(
        self, receiver: str, alerts: tuple[str, ...], group: str, text: str, firing: bool
    ) -> None:
        """Handle a notification of Alertmanager: page, or open a ticket.

        As in paging services, a group with an open page sends no further one; once the group is
        resolved, its page escalates no further.
        """
        channel = self._model.receivers.get(receiver)
        if channel is None:
            return
        subject = f"alert/{group}"
        unresolved = [p for p in self.pages if p.subject == subject and not p.resolved]
        if not firing:
            for page in unresolved:
                page.resolved = True
        elif unresolved:
            return
        elif channel.page:
            self._send(
                SentPage(
                    len(self.pages) + 1,
                    channel.team,
                    "alert",
                    "alertmanager",
                    subject,
                    "",
                    text,
                    alerts,
                )
            )
        else:
            self._host.deliver(channel.team, "ticket", {"alerts": list(alerts), "text": text})

    def call(self, team: str, by: str, about: str, text: str, up: bool = False) -> int:
        """Page a team by a person; return the page's number."""
        page = SentPage(len(self.pages) + 1, team, "person", by, f"call/{by}/{about}", about, text)
        page.level = 1 if up else 0
        self._send(page)
        return page.number

    def acknowledge(self, team: str, number: int | None) -> tuple[list[int], list[int]]:
        """Acknowledge the delivered pages of a team, or the page of a number.

        Returns
        -------
        acknowledged, already : list of int
            Numbers of the pages acknowledged now and earlier.
        """
        pages = [
            page
            for page in self.pages
            if page.team == team
            and (page.number == number if number is not None else bool(page.delivered_to))
        ]
        already = [page.number for page in pages if page.acknowledged]
        unacknowledged = [page for page in pages if not page.acknowledged]
        for page in unacknowledged:
            self._acknowledge(page, team)
        return [page.number for page in unacknowledged], already

    def _acknowledge(self, page: SentPage, by: str) -> None:
        page.acknowledged = True
        self._log_page(page, "acknowledged", by=by)

    def _send(self, page: SentPage) -> None:
        self.pages.append(page)
        self._calendar.start(self._escalation(page, self._model.teams[page.team]))

    def _escalation(self, page: SentPage, team: Team) -> Process:
        """Process: notify level by level until somebody acknowledges."""
        first = page.level
        for level in range(first, max(first + 1, team.escalate.levels)):
            page.level = level
            now, since = self._epoch + self._calendar.now, midnight(team.starts)
            page.person = on_call(team.members, team.rotation, now, level, since)
            self._log_page(page, "sent" if level == first else "escalated")
            rng = self._draws(page)
            delay = self._duration(rng, team.notify)
            yield delay
            if page.acknowledged or page.resolved:
                return
            if float(rng.random()) < team.unreachable:
                self._log_page(page, "unreached")
            else:
                page.delivered_to.append(page.person)
                self._log_page(page, "delivered")
                if page.team == self._plays:
                    self._host.deliver(page.team, "page", _page_data(page))
                else:
                    self._calendar.start(self._simulated_work(page, team))
            yield max(0, team.escalate.after - delay)
            if page.acknowledged or page.resolved:
                return

    def _simulated_work(self, page: SentPage, team: Team) -> Process:
        """Process: a simulated person acknowledges, investigates and fixes their components."""
        rng = self._draws(page, "work")
        yield self._duration(rng, team.acknowledge)
        if page.acknowledged:
            return
        self._acknowledge(page, page.person)
        yield self._duration(rng, team.work)
        owned = tuple(team.owns)
        faulty = self._host.faulty((page.about,) if page.about in owned else owned)
        for target in faulty:
            self._host.order(page.team, "fix_upstream", {"target": target})
        if not faulty:
            component = page.about or "our side"
            text = f"{component}: nothing wrong that is ours"
            self._host.log_event("message", page.team, to=page.by, text=text)
            self._host.deliver(page.by, "message", {"from": page.team, "text": text})

    def _log_page(self, page: SentPage, state: str, by: str = "") -> None:
        self._host.log_event(
            "page",
            page.team,
            page=page.number,
            state=state,
            person=page.person,
            via=page.via,
            alerts=list(page.alerts),
            about=page.about,
            text=page.text,
            by=by or page.by,
        )

    def _draws(self, page: SentPage, purpose: str = "way") -> Any:
        key = (f"{page.team}/{purpose}", page.subject)
        count = self._draw_counts[key] = self._draw_counts.get(key, 0) + 1
        return self._streams.keyed("people", page.team, purpose, page.subject, count)

    @staticmethod
    def _duration(rng: Any, median: int) -> int:
        return round(median * math.exp(SIGMA * float(rng.standard_normal())))


def _page_data(page: SentPage) -> dict[str, Any]:
    return {
        "page": page.number,
        "alerts": list(page.alerts),
        "by": page.by,
        "about": page.about,
        "text": page.text,
        "person": page.person,
    }
