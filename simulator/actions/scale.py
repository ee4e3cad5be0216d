"""More or fewer replicas."""

from __future__ import annotations

from typing import ClassVar

from simulator.actions import Acting, Action, Failed, Site
from simulator.registry import Args, part
from simulator.units import Count


@part
class Scale(Action):
    """Ask for another number of replicas of the model server.

    New pods need a node with room, else they stay pending, and their start-up time.
    """

    leaves: ClassVar[tuple[str, ...]] = ("extra_replicas",)
    undo: ClassVar[tuple[str, Args]] = ("scale", {"replicas": 2})
    failing: ClassVar[tuple[Args, ...]] = ({"replicas": 10**6},)

    replicas: Count
    """How many."""

    def act(self, site: Site) -> Acting:
        most = site.params.replicas_max
        if self.replicas > most:
            raise Failed(f"{self.replicas} replicas: there can be {most} at most (replicas_max)")
        yield 10_000
        before = site.world.cluster.desired_replicas
        site.world.cluster.desired_replicas = self.replicas
        return f"replicas {before} -> {self.replicas}"
