"""Another team is called."""

from __future__ import annotations

from typing import Annotated, ClassVar

from simulator.actions import Acting, Action, Failed, Site, Team, Text
from simulator.registry import Refers, part


@part
class Page(Action):
    """Page a team and say what about: they look at it if it is theirs."""

    changes_world: ClassVar[bool] = False

    team: Team
    """Who."""
    about: Annotated[str, Refers("thing", claim=True)] = ""
    """The stage, credential or dependency that is suspected."""
    text: Text = ""
    """What they are told: conditions, what was tried, what is needed."""

    def act(self, site: Site) -> Acting:
        yield 15_000
        if not site.oncall.knows(self.team):
            raise Failed(f"there is no team {self.team!r}")
        page = site.oncall.call(self.team, by=site.actor, about=self.about, text=self.text)
        return f"paged {self.team}", {"page": page, "team": self.team}
