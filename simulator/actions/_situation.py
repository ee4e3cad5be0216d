"""Bases of actions that tell people the facts of an incident.

A fact is an argument, so that it can be compared with the log; free text cannot. All are
optional: what is not stated is not in the order.
"""

from collections.abc import Generator
from typing import Annotated, Any

from simulator.actions import Action, FreeText, Refers, Site
from simulator.scenario.base import Positive
from simulator.scenario.base import Text as Sentence
from simulator.units import Duration, Severity

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
    """The help needed."""

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

    def omit(self, site: Site) -> Generator[int, None, None]:
        """Take the number and the dice of its page, so that later pages have theirs."""
        yield PAGING_MS
        team, about = self.subject(site)
        if site.oncall.has_team(team):
            site.oncall.skip(team, site.actor, about)
