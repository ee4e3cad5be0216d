"""Something new is deployed."""

from __future__ import annotations

from simulator.actions import Acting, Action, Failed, Site
from simulator.pipeline import releases
from simulator.registry import part


@part
class Release(Action):
    """Deploy a version of the model or a build of a component.

    An organisation does it all the time; a fault that bites on the version or build then
    begins to bite.
    """

    target: str = releases.MODEL
    """`model`, `serving`, or a job."""
    version: int | None = None
    """Of the model."""
    build: int | None = None
    """Of another component."""

    def act(self, site: Site) -> Acting:
        world, number = site.world, self.version if self.target == "model" else self.build
        if number is None:
            raise Failed(f"a release of {self.target} needs its version or build")
        if world.releases.paused and not site.facilitator:
            raise Failed("releases are paused")
        if self.target == releases.MODEL and number not in world.versions:
            raise Failed(f"the registry has no version {number}")
        if self.target != releases.MODEL and self.target not in world.releases.build:
            raise Failed(f"no component {self.target!r}")
        # As long as a rollback, else the former build released anew would be a quicker one.
        # An inject says itself when it is there.
        yield 0 if site.facilitator else 90_000
        releases.deploy(world, self.target, number)
        return f"{self.target} {number} deployed"
