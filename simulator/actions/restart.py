"""Pods are replaced by fresh ones."""

from __future__ import annotations

from simulator.actions import Acting, Action, Site
from simulator.pipeline.world import ABSENT
from simulator.registry import part


@part
class Restart(Action):
    """Restart the pods of the model server, one after the other.

    What leaked is given back; a pod is cold for its start-up time and serves nobody then.
    """

    pods: tuple[int, ...] = ()
    """Their numbers; without any, all of them."""

    def act(self, site: Site) -> Acting:
        yield 15_000
        there = site.world.replicas.phase != ABSENT
        wanted = site.world.cluster.restart_wanted
        if self.pods:
            there[[i for i in range(len(there)) if i not in self.pods]] = False
        wanted[there] = True
        return f"rolling restart of {int(there.sum())} pods"
