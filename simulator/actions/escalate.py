"""Escalation of an incident."""

from simulator.actions import ActionFailed, ActionSteps, Site, Team, Text, part
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
    """The team; by default the next person of the own policy."""
    text: Text = ""
    """The message."""

    def subject(self, site: Site) -> tuple[str, str]:
        return self.to or site.team, ""

    def act(self, site: Site) -> ActionSteps:
        yield PAGING_MS
        team = self.to or site.team
        if not site.oncall.has_team(team):
            raise ActionFailed(f"there is no team {team!r}")
        page = site.oncall.page(
            team, site.actor, "", self.text, self.stated_facts(), escalated=not self.to
        )
        return f"escalated to {team}", {"page": page, "team": team}
