"""Approving: what a simulated person does about a page that asks for an approval."""

import re
from collections.abc import Mapping
from typing import Any, Protocol

from simulator.calendar import Calendar, Process
from simulator.oncall.command.rights import Actor
from simulator.oncall.organisation import Organisation
from simulator.oncall.paging.dice import Dice, draw_ms
from simulator.oncall.paging.sent_page import PagedPerson, SentPage


class ApprovalHost(Protocol):
    """The run behind approvals."""

    def team_of(self, player: str) -> str:
        """The team of a player; empty for anybody else."""

    def approvable(self, approver: Actor, team: str) -> tuple[str, ...]:
        """The actions that a team orders with an approval only, and that somebody can approve."""

    def order(self, actor: str, team: str, kind: str, args: Mapping[str, Any]) -> None:
        """Submit the order of a simulated person, or of a team with members, for the next tick."""


class Approving:
    """The approvals of the simulated people of one run.

    A page whose `need` names an action is read as a request to approve it.
    """

    def __init__(
        self, organisation: Organisation, calendar: Calendar, dice: Dice, host: ApprovalHost
    ) -> None:
        self._organisation, self._calendar = organisation, calendar
        self._dice, self._host = dice, host

    def start(self, page: SentPage, recipient: PagedPerson) -> bool:
        """Let somebody approve what a page asks for; return whether it asks for nothing else.

        A page about a component of theirs asks for a look at it, too.
        """
        team, model = recipient.team, self._organisation.model.teams[recipient.team]
        # Members act under the name of their team.
        approver = Actor(recipient.person if model.members is None else team, team)
        caller = self._host.team_of(page.by)
        approvable = self._host.approvable(approver, caller)
        words = re.findall(r"\w+", str(page.facts.get("need", "")))
        actions = [word for word in dict.fromkeys(words) if word in approvable]
        if not actions:
            return False
        self._calendar.start(self._approve(page, recipient, approver, caller, actions))
        return not {page.about, page.facts.get("suspect")} & {*model.owns}

    def _approve(
        self,
        page: SentPage,
        recipient: PagedPerson,
        approver: Actor,
        caller: str,
        actions: list[str],
    ) -> Process:
        """Approve actions after the time of a look at the request."""
        look = self._organisation.model.teams[recipient.team].look
        yield draw_ms(self._dice.generator(page, recipient, "approve"), look)
        for action in actions:
            args = {"action": action, "team": caller}
            self._host.order(approver.name, approver.team, "approve", args)
