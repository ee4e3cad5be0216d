"""Scaling of the model server."""

from simulator.actions import Action, ActionFailed, ActionSteps, Site, part
from simulator.actions._serving_pool import ServingPoolName, pool_of
from simulator.units import Count


@part
class Scale(Action):
    """Change the desired replicas of the model server.

    New pods need their start-up time and a node with room, or they stay pending. More replicas of
    a serving pool beside the main one are a running standby.
    """

    effect = "world"
    fixed_target = "serving"
    reversible = True
    leaves = ("extra_replicas",)
    undo = ("scale", {"replicas": 2})
    failing = ({"replicas": 10**6},)

    replicas: Count
    """The desired replicas."""
    serving_pool: ServingPoolName = ""
    """The serving pool; by default the main one."""

    def act(self, site: Site) -> ActionSteps:
        cluster, limit = site.world.cluster, site.params.replicas_max
        if self.serving_pool:
            pool, params = pool_of(site, self.serving_pool)
            cluster, limit = pool.cluster, params.replicas_max
        if self.replicas > limit:
            text = f"{self.replicas} replicas: there can be {limit} at most (replicas_max)"
            raise ActionFailed(text)
        yield 10_000
        before, cluster.desired_replicas = cluster.desired_replicas, self.replicas
        of = f" of {self.serving_pool}" if self.serving_pool else ""
        return f"replicas{of} {before} -> {self.replicas}"
