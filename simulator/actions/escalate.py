"""The incident goes up."""

from __future__ import annotations

from typing import ClassVar

from simulator.actions import Acting, Action, Failed, Site, Team, Text
from simulator.registry import part


@part
class Escalate(Action):
    """Call in the next level of one's own policy, or another team."""

    changes_world: ClassVar[bool] = False

    to: Team = ""
    """A team; without one, the next person of one's own policy."""
    text: Text = ""
    """What they are told."""

    def act(self, site: Site) -> Acting:
        yield 15_000
        team = self.to or site.actor
        if not site.oncall.knows(team):
            raise Failed(f"there is no team {team!r}")
        page = site.oncall.call(team, by=site.actor, about="", text=self.text, up=not self.to)
        return f"escalated to {team}", {"page": page, "team": team}
