"""A release of a version or a build."""

from typing import Annotated, ClassVar, Self

from pydantic import model_validator

from simulator.actions import Action, ActionFailed, ActionSteps, Args, Component, Refers, Site, part
from simulator.pipeline.model import releases
from simulator.units import Ratio


@part
class Release(Action):
    """Deploy a version of the model or a build of a component.

    A fault of that version or build bites from then on. New builds come only with a scenario's
    changes; players can deploy builds that were deployed before.
    """

    effect = "world"
    reversible = True
    example: ClassVar[Args] = {"version": 7}
    failing = ({"target": "nothing", "version": None, "build": 9},)

    target: Component = releases.MODEL
    """`model`, `serving`, or a job."""
    version: Annotated[int | None, Refers("version")] = None
    """The version of the model."""
    build: Annotated[int | None, Refers("build")] = None
    """The build of another component."""
    share: Ratio = 1.0
    """The share of requests for a version of the model; below 1 it is a canary."""

    @model_validator(mode="after")
    def _one_number(self) -> Self:
        required, other = "version", "build"
        if self.target != releases.MODEL:
            required, other = other, required
        if getattr(self, required) is None or getattr(self, other) is not None:
            raise ValueError(f"a release of {self.target} has a {required}, and no {other}")
        if self.share < 1.0 and self.target != releases.MODEL:
            raise ValueError("only a version of the model goes out as a canary")
        return self

    def act(self, site: Site) -> ActionSteps:
        world, number = site.world, self.version if self.target == releases.MODEL else self.build
        assert number is not None
        if world.releases.paused and not site.facilitator:
            raise ActionFailed("releases are paused")
        if self.target != releases.MODEL and self.target not in world.releases.build:
            raise ActionFailed(f"no component {self.target!r}")
        existing = releases.deployable(world, self.target)
        # Only a change of the scenario brings a new build: for a player, a build that does not
        # exist would be one without faults.
        may_be_new = site.facilitator and self.target != releases.MODEL
        if number not in existing and not may_be_new:
            numbers = ", ".join(map(str, sorted(existing)))
            noun = "version" if self.target == releases.MODEL else "build"
            raise ActionFailed(f"{self.target} has no {noun} {number}; there are {numbers}")
        # As long as a rollback: a release of the former build must not be quicker. An inject's
        # own time is the time at which the release is complete.
        yield 0 if site.facilitator else 90_000
        releases.deploy(world, self.target, number, self.share)
        if self.share < 1.0:
            return f"{self.target} {number} deployed as a canary for {self.share:.0%} of requests"
        return f"{self.target} {number} deployed"
