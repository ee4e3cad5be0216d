"""Escalation of an incident."""

from typing import Annotated

from simulator.actions import ActionSteps, Refers, Site, Team, Text, part
from simulator.actions._situation import PAGING_MS, HandOff


@part
class Escalate(HandOff):
    """Page the next level of the own escalation policy, or another team.

    The reader of the page gets the facts that it states.
    """

    effect = "people"
    # The interruption ends by itself.
    reversible = True

    to: Team = ""
    """The team; by default the next level of the own policy."""
    about: Annotated[str | None, Refers("thing", claim=True)] = None
    """The suspected stage, credential or dependency."""
    text: Text = ""
    """The message."""

    def subject(self, site: Site) -> tuple[str, str]:
        return self.to or site.team, self.about or ""

    def act(self, site: Site) -> ActionSteps:
        yield PAGING_MS
        result = self.send(site, self.text, escalated=not self.to)
        return f"escalated to {result['team']}", result
