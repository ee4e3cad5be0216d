"""Scaling of the model server."""

from simulator.actions import Action, ActionFailed, ActionSteps, Site, part
from simulator.units import Count


@part
class Scale(Action):
    """Change the desired replicas of the model server.

    New pods need their start-up time and a node with room, or they stay pending.
    """

    effect = "world"
    reversible = True
    leaves = ("extra_replicas",)
    undo = ("scale", {"replicas": 2})
    failing = ({"replicas": 10**6},)

    replicas: Count
    """The desired replicas."""

    def act(self, site: Site) -> ActionSteps:
        limit = site.params.replicas_max
        if self.replicas > limit:
            text = f"{self.replicas} replicas: there can be {limit} at most (replicas_max)"
            raise ActionFailed(text)
        yield 10_000
        before = site.world.cluster.desired_replicas
        site.world.cluster.desired_replicas = self.replicas
        return f"replicas {before} -> {self.replicas}"
