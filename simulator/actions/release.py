"""Something new is deployed."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import model_validator

from simulator.actions import Acting, Action, Component, Failed, Site
from simulator.pipeline.model import releases
from simulator.registry import Args, Refers, part
from simulator.units import Ratio


@part
class Release(Action):
    """Deploy a version of the model or a build of a component.

    An organisation does it all the time; a fault that bites on the version or build then
    begins to bite. New builds come with a scenario's changes: whoever answers can deploy one
    that was deployed before.
    """

    example: ClassVar[Args] = {"version": 7}
    failing: ClassVar[tuple[Args, ...]] = ({"target": "nothing", "version": None, "build": 9},)

    target: Component = releases.MODEL
    """`model`, `serving`, or a job."""
    version: Annotated[int | None, Refers("version")] = None
    """Of the model."""
    build: Annotated[int | None, Refers("build")] = None
    """Of another component."""
    share: Ratio = 1.0
    """Of the requests that a version of the model gets: less than all of them is a canary."""

    @model_validator(mode="after")
    def _one_number(self) -> Self:
        wants, other = "version", "build"
        if self.target != releases.MODEL:
            wants, other = other, wants
        if getattr(self, wants) is None or getattr(self, other) is not None:
            raise ValueError(f"a release of {self.target} has a {wants}, and no {other}")
        if self.share < 1.0 and self.target != releases.MODEL:
            raise ValueError("only a version of the model goes out as a canary")
        return self

    def act(self, site: Site) -> Acting:
        world, number = site.world, self.version if self.target == releases.MODEL else self.build
        assert number is not None
        if world.releases.paused and not site.facilitator:
            raise Failed("releases are paused")
        if self.target != releases.MODEL and self.target not in world.releases.build:
            raise Failed(f"no component {self.target!r}")
        there = releases.there(world, self.target)
        # What is new comes from those who build it: a change of the scenario's. For whoever
        # answers, a build that nobody has built would be one that no fault bites on.
        new = site.facilitator and self.target != releases.MODEL
        if number not in there and not new:
            known = ", ".join(map(str, sorted(there)))
            what = "version" if self.target == releases.MODEL else "build"
            raise Failed(f"{self.target} has no {what} {number}; there are {known}")
        # As long as a rollback, else the former build released anew would be a quicker one.
        # An inject says itself when it is there.
        yield 0 if site.facilitator else 90_000
        releases.deploy(world, self.target, number, self.share)
        if self.share < 1.0:
            return f"{self.target} {number} deployed as a canary for {self.share:.0%} of requests"
        return f"{self.target} {number} deployed"
