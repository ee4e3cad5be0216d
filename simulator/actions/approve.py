"""Approving orders of a team."""

from typing import Annotated

from simulator.actions import (
    ACTIONS,
    Action,
    ActionFailed,
    ActionSteps,
    Refers,
    Site,
    part,
)
from simulator.oncall.command.rights import Targets
from simulator.pipeline.model import releases
from simulator.units import did_you_mean


@part
class Approve(Action):
    """Approve a kind of order of a team, which needs it by `may` of the on-call file.

    The commander may, the owner of the order's target, and whom `ask` names: for orders of
    others, and until the end of the drill.
    """

    effect = "talk"
    # Whoever approved it can tell the team to leave it.
    reversible = True
    instant = True

    action: Annotated[str, Refers("action")]
    """The action."""
    team: Annotated[str | None, Refers("team")] = None
    """The team that may order it from now on; by default the played team."""
    target: Annotated[str | None, Refers("target")] = None
    """The only target of such orders, a component or a node; by default any."""

    def act(self, site: Site) -> ActionSteps:
        yield 0
        team = self.team or site.plays
        if self.action not in ACTIONS:
            raise ActionFailed(f"no action {self.action!r}{did_you_mean(self.action, ACTIONS)}")
        if not site.oncall.has_team(team):
            hint = did_you_mean(team, site.oncall.organisation.model.teams)
            raise ActionFailed(f"there is no team {team!r}{hint}")
        targets = ACTIONS.get(self.action).possible_targets()
        if self.target:
            self._check_target(site, targets)
            targets = Targets((self.target, *targets.names))
        if refusal := site.rights.refusal(site.giver, self.action, team, targets):
            raise ActionFailed(refusal)
        site.rights.approve(site.giver, self.action, team, self.target or "", targets)
        subject = f"{self.action}{f' of {self.target}' if self.target else ''}"
        site.message(site.actor, team, f"{subject} is approved")
        result = {"action": self.action, "team": team, "target": self.target or ""}
        return f"approved {subject} by {team}", result

    def _check_target(self, site: Site, targets: Targets) -> None:
        """Fail if no such order can be about the target."""
        if targets == Targets():
            raise ActionFailed(f"{self.action} has no target; given {self.target!r}")
        names = _component_names(site)
        if self.target not in names:
            hint = did_you_mean(self.target or "", names)
            raise ActionFailed(f"nothing is called {self.target!r}{hint}")


def _component_names(site: Site) -> list[str]:
    """The names of everything that orders can be about."""
    by_kind, world = site.oncall.organisation.components, site.world
    nodes = max(len(world.cluster.node_memory), len(world.trainings.fleet.drained))
    return [
        *dict.fromkeys(name for names in by_kind.values() for name in names),
        releases.MODEL,
        releases.SERVING,
        *(column.name for column in site.params.pool.columns),
        *(f"node-{number}" for number in range(nodes)),
    ]
