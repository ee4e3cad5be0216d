"""The owner mends what is theirs."""

from __future__ import annotations

from simulator.actions import Acting, Action, Failed, Site, Thing
from simulator.registry import part


@part
class FixUpstream(Action):
    """Mend a source, rotate a credential, repair a dependency: its revision rises.

    Only its owner can. Everybody else has to call them.
    """

    target: Thing
    """The stage, credential or dependency."""

    def act(self, site: Site) -> Acting:
        if self.target not in site.world.revision:
            known = ", ".join(sorted(site.world.revision))
            raise Failed(f"nothing upstream is called {self.target!r}; there are {known}")
        if not site.facilitator and not site.oncall.owns(site.actor, self.target):
            owner = site.oncall.owner(self.target)
            raise Failed(f"{self.target} is not {site.actor}'s; its owner is {owner}")
        yield 60_000
        site.world.revision[self.target] += 1
        return f"{self.target} mended"
