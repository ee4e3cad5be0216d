"""Paging a team."""

from typing import Annotated

from simulator.actions import ActionSteps, Refers, Site, Team, Text, part
from simulator.actions._situation import PAGING_MS, HandOff


@part
class Page(HandOff):
    """Page a team about a component; its owner investigates it.

    The reader of the page gets the facts that it states.
    """

    effect = "people"
    # The interruption ends by itself.
    reversible = True

    team: Team
    """The team."""
    about: Annotated[str | None, Refers("thing", claim=True)] = None
    """The suspected stage, credential or dependency."""
    text: Text = ""
    """The message: conditions, attempts so far, the help needed."""

    def subject(self, site: Site) -> tuple[str, str]:
        return self.team, self.about or ""

    def act(self, site: Site) -> ActionSteps:
        yield PAGING_MS
        return f"paged {self.team}", self.send(site, self.text)
