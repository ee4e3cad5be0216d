"""The pager: pages on their way over a policy, until somebody takes them.

A page goes to everybody of a level at once, to each by their channels. Each may lose it; it may
come to somebody who sleeps or is busy. Who has seen it takes it after a while. If nobody has by
then, the next level is paged.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from simulator.calendar import Calendar, Process
from simulator.oncall.dice import Dice, draw_ms
from simulator.oncall.organisation import Organisation
from simulator.oncall.people import WAKING, People
from simulator.oncall.policies import AlertCounter, PageRoute
from simulator.oncall.sent_page import PagedPerson, SentPage
from simulator.oncall.staffing import Staffing
from simulator.oncall.work import TeamWork, WorkHost
from simulator.run.events import PageEvent
from simulator.scenario.policy import Channel

# Of a level whose schedules have a hole now: the next is paged at once.
NOBODY = "nobody is on call"


class _Call(NamedTuple):
    """What distinguishes a page from all others, as the first fields of `SentPage`."""

    number: int
    team: str
    via: str
    by: str
    subject: str
    occurrence: int


class PagerHost(WorkHost, Protocol):
    """The run behind the pager."""

    def staffing(self, team: str) -> Staffing:
        """Who answers the pages of a team."""

    def deliver_page(self, team: str, person: str, data: Mapping[str, Any]) -> list[str]:
        """Deliver a page to the player on call, else to all players of the team; return them."""


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
        self._calendar, self._dice, self._host, self._epoch = calendar, dice, host, epoch_ms
        self._people = People(organisation.model.people, epoch_ms)
        self._work = TeamWork(organisation, calendar, dice, host)
        self._last_number = 0
        self._occurrences = Counter[tuple[str, str]]()
        # When each alert of a group began to fire, by group and alert.
        self._fired: defaultdict[str, dict[str, int]] = defaultdict(dict)

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
        open_pages = [page for page in self.pages if page.subject == subject and not page.resolved]
        self._count_fired(subject, alerts, firing)
        if not firing:
            for page in open_pages:
                page.resolved = True
                self._log(page, "resolved", page.person)
        elif open_pages:
            return
        elif route.page:
            call = self._call(team, "alert", "alertmanager", subject)
            self._send(SentPage(*call, text=text, alerts=names))
        else:
            self._host.deliver(team, "ticket", {"alerts": list(names), "text": text})

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
        self._log(page, "sent", page.person, team=at_team)
        why = f"at work on page {search.page.number}"
        self._take(page, page.person, page.person, at_team, why)
        return page.number

    def skip(self, team: str, by: str, about: str) -> _Call:
        """Take what a page has to itself without sending it.

        A twin that leaves an order out does this, so that later pages keep their numbers and dice.
        """
        return self._call(team, "person", by, f"call/{by}/{about}")

    def acknowledge(self, team: str, number: int | None, by: str) -> tuple[list[int], list[int]]:
        """Acknowledge one page of a team, or all that reached somebody.

        A team may take its page from another team's level that took it before.

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
            if (page.team == team or any(to.team == team for to in page.reached))
            and (page.number == number if number is not None else bool(page.reached))
        ]
        before = [page.number for page in pages if page.taken_for == team]
        unacknowledged = [page for page in pages if page.taken_for != team]
        for page in unacknowledged:
            self._take(page, page.person, by, team)
        return [page.number for page in unacknowledged], before

    def _call(self, team: str, via: str, by: str, subject: str) -> _Call:
        self._last_number += 1
        self._occurrences[team, subject] += 1
        occurrence = self._occurrences[team, subject]
        return _Call(self._last_number, team, via, by, subject, occurrence)

    # -- the way of a page ---------------------------------------------------------------------

    def _send(self, page: SentPage, first: int = 0) -> None:
        self.pages.append(page)
        self._calendar.start(self._escalate(page, self.organisation.route(page.team), first))

    def _escalate(self, page: SentPage, route: PageRoute, first: int) -> Process:
        """The way of a page, level by level until somebody takes it."""
        if page.via == "alert" and not route.late:
            # Alerts are evaluated at the end of a tick, to which the calendar has yet to move.
            # Pages to members begin a tick early, as they did before there were policies.
            yield self._host.now - self._calendar.now
        levels = [level for level in range(route.levels) if level >= first] or [first]
        for level in [*levels, *list(range(route.levels)) * route.repeat]:
            now = self._epoch + self._calendar.now
            if level < route.levels and not route.applies(level, now, self._counter(page)):
                continue
            recipients = route.recipients(level, now, page.number)
            if not recipients:
                self._log(page, "lost", "", why=NOBODY)
                continue
            page.attempt += 1
            page.person = recipients[0].person
            missed: dict[PagedPerson, str] = {}
            for recipient in recipients:
                state = "sent" if page.attempt == 1 else "escalated"
                self._start_channels(page, route, recipient, state, missed)
            yield route.after(level)
            if not page.is_open:
                return
            if not route.late:
                for recipient in recipients:
                    why = missed.get(recipient, "")
                    self._log(page, "not taken", recipient.person, why=why, team=recipient.team)
        if not route.late:
            page.attempt += 1  # it is nobody's any more
        self._log(page, "exhausted", "")

    def _start_channels(
        self,
        page: SentPage,
        route: PageRoute,
        recipient: PagedPerson,
        state: str,
        missed: dict[PagedPerson, str],
    ) -> None:
        """Send a page to one person, by each of their channels in its time."""
        channels = route.channels(recipient.person)
        busy = self._is_busy(page, recipient)
        if busy:
            missed[recipient] = "busy"
        for name, channel in channels.items():
            if channel.after == 0:
                self._log(page, state, recipient.person, channel=name, team=recipient.team)
                state = "sent"
            way = self._way(page, route, recipient, name, channel, missed)
            self._calendar.start(way)

    def _way(
        self,
        page: SentPage,
        route: PageRoute,
        recipient: PagedPerson,
        name: str,
        channel: Channel,
        missed: dict[PagedPerson, str],
    ) -> Process:
        """The way of a page to one person by one channel."""
        attempt, (person, team) = page.attempt, recipient
        if channel.after:
            yield channel.after
            if not _is_awaited(page, route, attempt):
                return
            self._log(page, "sent", person, channel=name, team=team)
        generator = self._dice.generator(page, recipient, "way", attempt, name)
        yield draw_ms(generator, channel)
        if not _is_awaited(page, route, attempt):
            return
        if float(generator.random()) < channel.loss:
            self._log(page, "lost", person, channel=name, team=team)
            return
        if recipient not in page.reached:
            page.reached.append(recipient)
        self._log(page, "delivered", person, channel=name)
        staffing = self._host.staffing(recipient.team)
        if staffing is Staffing.WATCHED:
            for player in self._host.deliver_page(recipient.team, person, page.news(recipient)):
                self._log(page, "seen", player)
        if missed.get(recipient) == "busy":
            return
        woken = self._people.is_asleep(person, self._calendar.now)
        if woken and float(generator.random()) >= channel.wakes:
            missed[recipient] = "asleep"
            return
        yield draw_ms(generator, WAKING) if woken else 0
        if staffing is Staffing.PLAYERS:
            yield draw_ms(generator, self._people[person].notices)
        if not _is_awaited(page, route, attempt):
            return
        missed.pop(recipient, None)
        self._see(page, route, recipient, attempt, woken)

    def _see(
        self, page: SentPage, route: PageRoute, recipient: PagedPerson, attempt: int, woken: bool
    ) -> None:
        """Somebody sees a page: a player reads it, a simulated person takes it after a while."""
        person, staffing = recipient.person, self._host.staffing(recipient.team)
        if (attempt, recipient) in page.seen:
            return
        page.seen.add((attempt, recipient))
        self._log(page, "seen", person, team=recipient.team)
        if staffing is Staffing.PLAYERS:
            self._host.deliver_page(recipient.team, person, page.news(recipient))
        if staffing.has_simulated_people:
            watches = staffing is Staffing.WATCHED
            self._calendar.start(self._answer(page, route, recipient, attempt, woken, watches))
        self._people.count_page(person, self._calendar.now)

    def _answer(
        self,
        page: SentPage,
        route: PageRoute,
        recipient: PagedPerson,
        attempt: int,
        woken: bool,
        watches: bool,
    ) -> Process:
        """A simulated person takes a page, and works on it.

        Somebody who watches leaves the work to the automation that plays.
        """
        person = recipient.person
        law = self._people[person].acknowledge
        law = law or self.organisation.model.teams[recipient.team].acknowledge
        generator = self._dice.generator(page, recipient, "answer", attempt)
        yield round(draw_ms(generator, law) * self._people.fatigue(person, self._calendar.now))
        # Members work on a page even if its alerts were resolved before they took it.
        if page.taken_for or not (route.late or _is_awaited(page, route, attempt)):
            return
        self._take(page, person, person, recipient.team)
        if not watches:
            self._work.start(page, recipient, woken)

    def _take(self, page: SentPage, person: str, by: str, team: str, why: str = "") -> None:
        page.taken_for = team
        self._log(page, "acknowledged", person, by=by, team=team, why=why)

    def _is_busy(self, page: SentPage, recipient: PagedPerson) -> bool:
        busy = self._people[recipient.person].busy
        if not busy:
            return False
        generator = self._dice.generator(page, recipient, "busy", page.attempt)
        return float(generator.random()) < busy

    # -- the alerts of a group -----------------------------------------------------------------

    def _count_fired(self, group: str, alerts: tuple[Mapping[str, str], ...], firing: bool) -> None:
        fired = self._fired[group]
        for labels in alerts:
            key = repr(sorted(labels.items()))
            if firing:
                fired.setdefault(key, self._calendar.now)
        if not firing:
            fired.clear()

    def _counter(self, page: SentPage) -> AlertCounter:
        """Counts the alerts of a page's group that fired in a window before now."""
        now = self._calendar.now

        def count(window: int) -> int:
            return sum(t >= now - window for t in self._fired[page.subject].values())

        return count

    def _log(
        self,
        page: SentPage,
        state: str,
        person: str,
        by: str = "",
        channel: str = "",
        why: str = "",
        team: str = "",
    ) -> None:
        facts = dict(page.facts) if state == "sent" and not page.logged else {}
        page.logged = page.logged or state == "sent"
        self._host.log_event(
            PageEvent(
                self._host.now, page.team, page.number, state, person, page.via, page.alerts,
                page.about, page.text, by or page.by, facts, channel, why,
                team if team != page.team else "",
            )
        )  # fmt: skip


def _is_awaited(page: SentPage, route: PageRoute, attempt: int) -> bool:
    """Whether a page still waits for the people of an attempt."""
    return page.is_open and (route.late or page.attempt == attempt)
