"""The way of one page: level by level, to each person by each of their channels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from simulator.calendar import Calendar, Process
from simulator.oncall.organisation import Organisation
from simulator.oncall.paging.dice import Dice, draw_ms
from simulator.oncall.paging.fired_alerts import FiredAlerts
from simulator.oncall.paging.page_log import log_page
from simulator.oncall.paging.policies import PageRoute
from simulator.oncall.paging.sent_page import PagedPerson, SentPage
from simulator.oncall.people import WAKING, People
from simulator.oncall.staffing import Staffing
from simulator.oncall.work.team_work import TeamWork, WorkHost
from simulator.scenario.policy import Channel

# Of a level whose schedules have a hole now, or which would page its sender: the next is paged at
# once.
NOBODY = "nobody is on call"
NOBODY_ELSE = "nobody but its sender is on call"


class PagerHost(WorkHost, Protocol):
    """The run behind the pager."""

    def staffing(self, team: str, person: str) -> Staffing:
        """Who answers the pages of a team to a person."""

    def deliver_page(self, team: str, person: str, data: Mapping[str, Any]) -> list[str]:
        """Deliver a page to the player on call, else to all players of the team; return them."""


@dataclass(frozen=True)
class PagerParts:
    """What all pages of a run share.

    Attributes
    ----------
    epoch_ms : int
        The scenario's start, in ms since 1970.
    """

    organisation: Organisation
    calendar: Calendar
    dice: Dice
    host: PagerHost
    people: People
    work: TeamWork
    fired: FiredAlerts
    epoch_ms: int


@dataclass
class PersonalAttempt:
    """A level's attempt to reach a person.

    Attributes
    ----------
    number : int
        The attempt of the page: levels are counted over repeats.
    level : int
        The level of the policy, from 1 on; members have none.
    missed : str
        Why they have not seen the page so far: busy, asleep, or nothing.
    seen : bool
        Whether they have, by any channel.
    relayed : bool
        Whether the automations that answer for them have it.
    """

    number: int
    recipient: PagedPerson
    level: int = 0
    missed: str = ""
    seen: bool = field(default=False)
    relayed: bool = field(default=False)


class PageWay:
    """The way of one page.

    Parameters
    ----------
    route : PageRoute
        The way of its team's pages.
    """

    def __init__(self, page: SentPage, route: PageRoute, parts: PagerParts) -> None:
        self._page, self._route, self._parts = page, route, parts
        self._calendar, self._dice, self._host = parts.calendar, parts.dice, parts.host

    def escalate(self, first: int) -> Process:
        """Page level after level from the first on, until somebody takes the page."""
        page, route = self._page, self._route
        if page.via == "alert" and route.has_policy:
            # Alerts are evaluated at the end of a tick, to which the calendar has yet to move.
            # Pages to members begin a tick early, as they did before there were policies.
            yield self._host.now - self._calendar.now
        levels = [level for level in range(route.levels) if level >= first] or [first]
        for number in range(1 + route.repeat):
            before = page.attempt
            for level in levels if number == 0 else range(route.levels):
                yield from self._page_level(level)
                if not page.is_open:
                    return
            if page.attempt == before and number < route.repeat:
                # Nobody could be paged: in its time the policy starts again, with other people.
                yield sum(route.after(level) for level in range(route.levels))
                if not page.is_open:
                    return
        if not route.late:
            page.attempt += 1  # it is nobody's any more
        log_page(self._host, page, "exhausted")

    def _page_level(self, level: int) -> Process:
        """Page the people of a level and wait for them; one that reaches nobody takes no time."""
        page, route = self._page, self._route
        now = self._parts.epoch_ms + self._calendar.now
        if not route.applies(level, now, self._count_alerts):
            return
        policy_level = min(level + 1, route.levels) if route.has_policy else 0
        on_call = route.recipients(level, now, page.turn)
        # Who sends a page is not paged about it.
        recipients = [to for to in on_call if to.person != page.by]
        if not recipients:
            why = NOBODY_ELSE if on_call else NOBODY
            log_page(self._host, page, "lost", why=why, level=policy_level)
            return
        page.attempt += 1
        page.person = recipients[0].person
        attempts = [PersonalAttempt(page.attempt, to, policy_level) for to in recipients]
        for attempt in attempts:
            self._send(attempt, "sent" if page.attempt == 1 else "escalated")
        yield route.after(level)
        for attempt in attempts if page.is_open and not route.late else ():
            self._log("not taken", attempt, why=attempt.missed)

    def _send(self, attempt: PersonalAttempt, state: str) -> None:
        """Send the page to one person, by each of their channels in its time."""
        if self._is_busy(attempt):
            attempt.missed = "busy"
        for name, channel in self._route.channels(attempt.recipient.person).items():
            if channel.after == 0:
                self._log(state, attempt, channel=name, level=attempt.level)
                state = "sent"
            self._calendar.start(self._deliver(attempt, name, channel))

    def _deliver(self, attempt: PersonalAttempt, name: str, channel: Channel) -> Process:
        """The page goes to one person by one channel, and is seen unless they sleep or are busy."""
        page, recipient = self._page, attempt.recipient
        if channel.after:
            yield channel.after
            if not self._is_awaited(attempt):
                return
            self._log("sent", attempt, channel=name)
        generator = self._dice.generator(page, recipient, "way", attempt.number, name)
        yield draw_ms(generator, channel)
        if not self._is_awaited(attempt):
            return
        if float(generator.random()) < channel.loss:
            self._log("lost", attempt, channel=name)
            return
        if recipient not in page.reached:
            page.reached.append(recipient)
        self._log("delivered", attempt, channel=name)
        staffing = self._host.staffing(*recipient.at_team)
        if staffing is Staffing.WATCHED and not attempt.relayed:
            attempt.relayed = True
            # An automation never sleeps.
            for player in self._host.deliver_page(*recipient.at_team, page.news(recipient)):
                log_page(self._host, page, "seen", player, team=recipient.team)
        if attempt.missed == "busy":
            return
        woken = self._parts.people.is_asleep(recipient.person, self._calendar.now)
        if woken and float(generator.random()) >= channel.wakes:
            attempt.missed = "asleep"
            return
        yield draw_ms(generator, WAKING) if woken else 0
        if not staffing.has_simulated_people:
            yield draw_ms(generator, self._parts.people[recipient.person].notices)
        if self._is_awaited(attempt) and not attempt.seen:
            self._see(attempt, staffing, woken)

    def _see(self, attempt: PersonalAttempt, staffing: Staffing, woken: bool) -> None:
        """Somebody sees the page: a player reads it, a simulated person takes it after a while."""
        attempt.seen, attempt.missed = True, ""
        page, recipient = self._page, attempt.recipient
        if self._route.has_policy:
            page.seen_by = page.seen_by or recipient.person
        self._log("seen", attempt, why="woken" if woken else "")
        if staffing is Staffing.PLAYERS:
            self._host.deliver_page(*recipient.at_team, page.news(recipient))
        if staffing.has_simulated_people:
            self._calendar.start(self._answer(attempt, staffing, woken))
        self._parts.people.count_page(recipient.person, self._calendar.now)

    def _answer(self, attempt: PersonalAttempt, staffing: Staffing, woken: bool) -> Process:
        """A simulated person takes the page and works on it.

        Somebody who watches leaves the work to the automation that plays.
        """
        page, (person, team) = self._page, attempt.recipient
        people = self._parts.people
        law = people[person].acknowledge or self._parts.organisation.model.teams[team].acknowledge
        generator = self._dice.generator(page, attempt.recipient, "answer", attempt.number)
        yield round(draw_ms(generator, law) * people.fatigue(person, self._calendar.now))
        # Members work on a page even if its alerts were resolved before they took it.
        if page.taken_for or not (self._route.late or self._is_awaited(attempt)):
            return
        page.taken_for = team
        self._log("acknowledged", attempt, by=person)
        if staffing is not Staffing.WATCHED:
            self._parts.work.start(page, attempt.recipient, woken)

    def _is_busy(self, attempt: PersonalAttempt) -> bool:
        busy = self._parts.people[attempt.recipient.person].busy
        if not busy:
            return False
        dice = self._dice.generator(self._page, attempt.recipient, "busy", attempt.number)
        return float(dice.random()) < busy

    def _is_awaited(self, attempt: PersonalAttempt) -> bool:
        """Whether the page still waits for the people of an attempt."""
        page = self._page
        return page.is_open and (self._route.late or page.attempt == attempt.number)

    def _count_alerts(self, window: int) -> int:
        """The alerts of the page's group that began to fire in a window before now, ms."""
        return self._parts.fired.count(self._page.subject, self._calendar.now - window)

    def _log(
        self,
        state: str,
        attempt: PersonalAttempt,
        by: str = "",
        channel: str = "",
        why: str = "",
        level: int = 0,
    ) -> None:
        person, team = attempt.recipient
        log_page(self._host, self._page, state, person, by, channel, why, team, level)
