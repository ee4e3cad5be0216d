"""The pager: pages on their way over a policy, until somebody takes them.

A page goes to everybody of a level at once, to each by their channels. Each may lose it; it may
come to somebody who sleeps or is busy. Who has seen it takes it after a while. If nobody has by
then, the next level is paged.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from simulator.calendar import Calendar
from simulator.oncall.organisation import Organisation
from simulator.oncall.paging.dice import Dice
from simulator.oncall.paging.fired_alerts import FiredAlerts
from simulator.oncall.paging.page_log import log_page
from simulator.oncall.paging.page_way import PagerHost, PagerParts, PageWay
from simulator.oncall.paging.sent_page import SentPage
from simulator.oncall.people import People
from simulator.oncall.work.team_work import TeamWork


class _Call(NamedTuple):
    """What distinguishes a page from all others, as the first fields of `SentPage`."""

    number: int
    team: str
    via: str
    by: str
    subject: str
    occurrence: int
    turn: int


class Pager:
    """The pages of one run.

    Parameters
    ----------
    epoch_ms : int
        The scenario's start, in ms since 1970.

    Attributes
    ----------
    organisation : Organisation
        The people around the pipeline.
    pages : list of SentPage
        In the order of their sending.
    """

    def __init__(
        self,
        organisation: Organisation,
        calendar: Calendar,
        dice: Dice,
        host: PagerHost,
        epoch_ms: int,
    ) -> None:
        self.organisation = organisation
        self.pages: list[SentPage] = []
        self._calendar, self._host = calendar, host
        self._work = TeamWork(organisation, calendar, dice, host)
        self._fired = FiredAlerts()
        people = People(organisation.model.people, epoch_ms)
        self._parts = PagerParts(
            organisation, calendar, dice, host, people, self._work, self._fired, epoch_ms
        )
        self._last_number = 0
        self._occurrences = Counter[tuple[str, str]]()
        self._turns = Counter[str]()  # by team

    def has_team(self, name: str) -> bool:
        """Whether there is a team of this name."""
        return name in self.organisation.model.teams

    def owner(self, target: str) -> str:
        """The team that owns a stage, credential or dependency; empty if there is none."""
        return self.organisation.owner(target)

    def owns(self, team: str, target: str) -> bool:
        """Whether a team owns a target."""
        return self.owner(target) == team

    def notify(
        self,
        receiver: str,
        alerts: tuple[Mapping[str, str], ...],
        group: str,
        text: str,
        firing: bool,
    ) -> None:
        """Receive a notification of Alertmanager: page the team or open a ticket.

        As in a pager, a group with an open page makes no second one; once the group is
        resolved, its page is not escalated further.

        Parameters
        ----------
        alerts : tuple of mappings
            The labels of each.
        group : str
            The key of their group.
        """
        route = self.organisation.model.receivers.get(receiver)
        if route is None:
            return
        team = self.organisation.model.team_of_receiver(route)
        names = tuple(dict.fromkeys(alert.get("alertname", "") for alert in alerts))
        subject = f"alert/{group}"
        # Routes of several teams may have the same matchers, and so the same groups.
        open_pages = [
            page
            for page in self.pages
            if (page.team, page.subject) == (team, subject) and not page.resolved
        ]
        self._fired.update(subject, alerts, firing, self._calendar.now)
        if not firing:
            for page in open_pages:
                page.resolved = True
                log_page(self._host, page, "resolved", page.person)
        elif not route.page:
            self._host.deliver(team, "ticket", {"alerts": list(names), "text": text})
        elif not open_pages:
            call = self._call(team, "alert", "alertmanager", subject)
            self._send(SentPage(*call, text=text, alerts=names))

    def page(
        self,
        team: str,
        by: str,
        about: str,
        text: str,
        facts: Mapping[str, Any],
        escalated: bool = False,
    ) -> int:
        """Page a team for a person, its second level if escalated; return the page's number.

        Who is already at work for them takes the page at once, unless it is escalated.
        """
        call, now = self.skip(team, by, about), self._calendar.now
        page = SentPage(*call, about=about, text=text, facts=facts, sent=now)
        search = None if escalated else self._work.join(page)
        if search is None:
            self._send(page, first=1 if escalated else 0)
            return page.number
        self.pages.append(page)
        page.person, at_team = search.recipient
        page.reached.append(search.recipient)
        log_page(self._host, page, "sent", page.person, team=at_team)
        why = f"at work on page {search.page.number}"
        self._take(page, page.person, page.person, at_team, why)
        return page.number

    def skip(self, team: str, by: str, about: str) -> _Call:
        """Take what a page has to itself without sending it.

        A twin that leaves an order out does this, so that later pages keep their numbers and dice.
        """
        return self._call(team, "person", by, f"call/{by}/{about}")

    def acknowledge(self, team: str, number: int | None, by: str) -> tuple[list[int], list[int]]:
        """Acknowledge one page of a team, or all; nobody knows of those that reached nobody.

        A team may take its page from another team's level that took it before; whoever is on call
        for two teams takes the pages to them of both.

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
            if page.reached and page.concerns(team, by) and number in (None, page.number)
        ]
        before = [page.number for page in pages if page.taken_for == team]
        unacknowledged = [page for page in pages if page.taken_for != team]
        for page in unacknowledged:
            self._take(page, page.seen_by or page.person, by, team)
        return [page.number for page in unacknowledged], before

    def _call(self, team: str, via: str, by: str, subject: str) -> _Call:
        self._last_number += 1
        self._occurrences[team, subject] += 1
        self._turns[team] += 1
        occurrence, turn = self._occurrences[team, subject], self._turns[team] - 1
        return _Call(self._last_number, team, via, by, subject, occurrence, turn)

    def _send(self, page: SentPage, first: int = 0) -> None:
        self.pages.append(page)
        way = PageWay(page, self.organisation.route(page.team), self._parts)
        self._calendar.start(way.escalate(first))

    def _take(self, page: SentPage, person: str, by: str, team: str, why: str = "") -> None:
        page.taken_for = team
        log_page(self._host, page, "acknowledged", person, by=by, team=team, why=why)
