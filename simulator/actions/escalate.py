"""Escalation of an incident."""

from simulator.actions import Action, ActionFailed, ActionSteps, Site, Team, Text, part


@part
class Escalate(Action):
    """Page the next level of the own escalation policy, or another team."""

    effect = "people"
    # The interruption ends by itself.
    reversible = True

    to: Team = ""
    """The team; by default the next person of the own policy."""
    text: Text = ""
    """The message."""

    def act(self, site: Site) -> ActionSteps:
        yield 15_000
        team = self.to or site.actor
        if not site.oncall.has_team(team):
            raise ActionFailed(f"there is no team {team!r}")
        page = site.oncall.page(
            team, by=site.actor, about="", text=self.text, escalated=not self.to
        )
        return f"escalated to {team}", {"page": page, "team": team}
