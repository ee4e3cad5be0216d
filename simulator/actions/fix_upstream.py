"""A fix by the owner."""

from simulator.actions import Action, ActionFailed, ActionSteps, ProcessName, Site
from simulator.registry import part


@part
class FixUpstream(Action):
    """Fix a source or dependency, or rotate a credential: its revision rises.

    Only its owner can do this; other teams have to page the owner.
    """

    effect = "world"
    # Another fix replaces it; it takes nothing away.
    reversible = True
    owner_only = True

    target: ProcessName
    """The stage, credential or dependency."""

    def act(self, site: Site) -> ActionSteps:
        if self.target not in site.world.revision:
            processes = ", ".join(sorted(site.world.revision))
            raise ActionFailed(f"nothing upstream is called {self.target!r}; there are {processes}")
        if not site.facilitator and not site.oncall.owns(site.team, self.target):
            owner = site.oncall.owner(self.target)
            raise ActionFailed(f"{self.target} is not {site.team}'s; its owner is {owner}")
        yield 60_000
        site.world.revision[self.target] += 1
        return f"{self.target} mended"
