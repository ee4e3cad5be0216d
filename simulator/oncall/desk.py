"""The desk: pages on their way to people, and simulated teams at work.

A page goes to the primary; if it does not reach them, or they do not take it in time, it
goes up the policy. Draws are keyed by who is called for what and how often before, never
by a counter that another order would shift, so that twins meet the same people.
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

# Spread of people's times: a tenth takes twice the median or more.
SIGMA = 0.54


class DeskHost(Protocol):
    """What the desk needs from the run: somebody to log to, to hand over to, to ask."""

    def log_event(self, kind: str, who: str, /, **data: Any) -> None:
        """Log an event."""

    def deliver(self, team: str, kind: str, data: Mapping[str, Any]) -> None:
        """Put news into a team's inbox."""

    def order(self, who: str, kind: str, args: Mapping[str, Any]) -> None:
        """Submit a simulated team's order."""

    def faulty(self, owned: tuple[str, ...]) -> list[str]:
        """Which of their own things are off: owners find that out by looking."""


@dataclass
class Page:
    """One call of one team."""

    number: int
    team: str
    via: str  # alert or person
    by: str
    subject: str  # what it is about, for draws: the group of alerts, or the component
    about: str
    text: str
    alerts: tuple[str, ...] = ()
    level: int = 0
    person: str = ""
    acknowledged: bool = False
    resolved: bool = False
    history: list[str] = field(default_factory=list)


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
        self.pages: list[Page] = []
        self._calls: dict[tuple[str, str], int] = {}

    def knows(self, team: str) -> bool:
        """Whether there is such a team."""
        return team in self._model.teams

    def owner(self, target: str) -> str:
        """The team that owns a stage, credential or dependency; empty if nobody does."""
        for name, team in self._model.teams.items():
            if target in team.owns:
                return name
        return ""

    def owns(self, team: str, target: str) -> bool:
        """Whether a thing is that team's."""
        return self.owner(target) == team

    def notify(
        self, receiver: str, alerts: tuple[str, ...], group: str, text: str, firing: bool
    ) -> None:
        """A notification of Alertmanager comes in: it pages, or is only shown.

        As pagers do, a group that is open pages nobody again; once it is resolved, its page
        goes no further up.
        """
        where = self._model.receivers.get(receiver)
        if where is None:
            return
        subject = f"alert/{group}"
        is_open = [one for one in self.pages if one.subject == subject and not one.resolved]
        if not firing:
            for one in is_open:
                one.resolved = True
        elif is_open:
            return
        elif where.page:
            self._send(
                Page(
                    len(self.pages) + 1,
                    where.team,
                    "alert",
                    "alertmanager",
                    subject,
                    "",
                    text,
                    alerts,
                )
            )
        else:
            self._host.deliver(where.team, "ticket", {"alerts": list(alerts), "text": text})

    def call(self, team: str, by: str, about: str, text: str, up: bool = False) -> int:
        """A person calls a team; returns the page's number."""
        page = Page(len(self.pages) + 1, team, "person", by, f"call/{by}/{about}", about, text)
        page.level = 1 if up else 0
        self._send(page)
        return page.number

    def acknowledge(self, team: str, number: int | None) -> tuple[list[int], list[int]]:
        """Take the open pages of a team, or one of them.

        Returns
        -------
        taken : list of int
            The numbers of those taken now.
        before : list of int
            Of those that were taken already.
        """
        theirs = [
            page
            for page in self.pages
            if page.team == team
            and (page.number == number if number is not None else bool(page.history))
        ]
        before = [page.number for page in theirs if page.acknowledged]
        taken = [page for page in theirs if not page.acknowledged]
        for page in taken:
            self._acknowledge(page, team)
        return [page.number for page in taken], before

    def _acknowledge(self, page: Page, by: str) -> None:
        page.acknowledged = True
        self._note(page, "acknowledged", by=by)

    def _send(self, page: Page) -> None:
        self.pages.append(page)
        self._calendar.start(self._deliver(page, self._model.teams[page.team]))

    def _deliver(self, page: Page, team: Team) -> Process:
        """The way of a page: level by level until somebody takes it."""
        first = page.level
        for level in range(first, max(first + 1, team.escalate.levels)):
            page.level = level
            now, since = self._epoch + self._calendar.now, midnight(team.starts)
            page.person = on_call(team.members, team.rotation, now, level, since)
            self._note(page, "sent" if level == first else "escalated")
            dice = self._dice(page)
            takes = self._time(dice, team.notify)
            yield takes
            if page.acknowledged or page.resolved:
                return
            if float(dice.random()) < team.unreachable:
                self._note(page, "unreached")
            else:
                page.history.append(page.person)
                self._note(page, "delivered")
                if page.team == self._plays:
                    self._host.deliver(page.team, "page", _shown(page))
                else:
                    self._calendar.start(self._work(page, team))
            yield max(0, team.escalate.after - takes)
            if page.acknowledged or page.resolved:
                return

    def _work(self, page: Page, team: Team) -> Process:
        """A simulated person takes a page, looks, and mends what is theirs."""
        dice = self._dice(page, "work")
        yield self._time(dice, team.acknowledge)
        if page.acknowledged:
            return
        self._acknowledge(page, page.person)
        yield self._time(dice, team.work)
        owned = tuple(team.owns)
        theirs = self._host.faulty((page.about,) if page.about in owned else owned)
        for target in theirs:
            self._host.order(page.team, "fix_upstream", {"target": target})
        if not theirs:
            what = page.about or "our side"
            text = f"{what}: nothing wrong that is ours"
            self._host.log_event("message", page.team, to=page.by, text=text)
            self._host.deliver(page.by, "message", {"from": page.team, "text": text})

    def _note(self, page: Page, state: str, by: str = "") -> None:
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

    def _dice(self, page: Page, purpose: str = "way") -> Any:
        key = (f"{page.team}/{purpose}", page.subject)
        times = self._calls[key] = self._calls.get(key, 0) + 1
        return self._streams.keyed("people", page.team, purpose, page.subject, times)

    @staticmethod
    def _time(dice: Any, median: int) -> int:
        return round(median * math.exp(SIGMA * float(dice.standard_normal())))


def _shown(page: Page) -> dict[str, Any]:
    return {
        "page": page.number,
        "alerts": list(page.alerts),
        "by": page.by,
        "about": page.about,
        "text": page.text,
        "person": page.person,
    }
