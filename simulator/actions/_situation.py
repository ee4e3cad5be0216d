"""Bases of actions that tell people the facts of an incident.

A fact is an argument, so that it can be compared with the log; free text cannot. All are
optional: what is not stated is not in the order.
"""

from collections.abc import Generator
from typing import Annotated, Any

from simulator.actions import Action, ActionFailed, FreeText, Refers, Site
from simulator.scenario.base import Positive
from simulator.scenario.base import Text as Sentence
from simulator.units import Duration, Severity, did_you_mean
from simulator.units.wording import join_words

# The time until a call for help is a page.
PAGING_MS = 15_000
Statement = Annotated[Sentence | None, FreeText]


class SituationReport(Action):
    """Base of actions that state facts of an incident to people."""

    impact: Statement = None
    """Who is affected, and how."""
    since: Duration | None = None
    """How long ago it began, from the time of the order."""
    severity: Severity | None = None
    """The severity; SEV1 is the worst."""
    suspect: Annotated[str | None, Refers("thing", claim=True)] = None
    """The suspected component."""
    tried: tuple[Positive | Sentence, ...] | None = None
    """Attempts so far: numbers of own orders that have ended, or texts."""


class HandOff(SituationReport):
    """Base of actions that call somebody for help."""

    evidence: tuple[Sentence, ...] | None = None
    """Findings: the query or log line looked at, and what it showed."""
    need: Statement = None
    """The help needed; the name of an action asks for its approval."""

    def stated_facts(self) -> dict[str, Any]:
        """The facts that it states, as the reader of the page gets them.

        Examples
        --------
        >>> HandOff(since="20m", severity="SEV2", tried=[3]).stated_facts()
        {'since': '20m', 'severity': 'SEV2', 'tried': [3]}
        """
        return self.model_dump(mode="json", include=set(HandOff.model_fields), exclude_none=True)

    def subject(self, site: Site) -> tuple[str, str]:
        """The team that is paged, and the component that it is about."""
        raise NotImplementedError

    def send(self, site: Site, text: str, escalated: bool = False) -> dict[str, Any]:
        """Page the team; return the result of the order.

        Raises
        ------
        ActionFailed
            If there is no such team, or only others may page it.
        """
        team, about = self.subject(site)
        if objection := _objection(site, team):
            raise ActionFailed(objection)
        facts = self.stated_facts()
        page = site.oncall.page(team, site.actor, about, text, facts, escalated=escalated)
        return {"page": page, "team": team}

    def omit(self, site: Site) -> Generator[int, None, None]:
        """Take the number and the dice of its page, so that later pages have theirs."""
        yield PAGING_MS
        team, about = self.subject(site)
        if not _objection(site, team):
            site.oncall.skip(team, site.actor, about)


def _objection(site: Site, team: str) -> str:
    """Why an actor cannot page a team, and whom to page; empty if they can."""
    organisation = site.oncall.organisation
    teams = organisation.model.teams
    if team not in teams:
        return f"there is no team {team!r}{did_you_mean(team, teams)}"
    if site.facilitator or organisation.may_call(site.team, team):
        return ""
    callers = teams[team].called_by
    reachable = [name for name in callers if organisation.may_call(site.team, name)]
    caller = (reachable or callers)[0]
    return f"{team} is paged by {join_words(list(callers))} only; page {caller}"
