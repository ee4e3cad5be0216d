"""Somebody else's work on a node of the model server takes what its pods need."""

from __future__ import annotations

from simulator.faults import Bite
from simulator.faults._node import ServerFault
from simulator.pipeline.bends import FaultyPods
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import Factor


@part
class NoisyNeighbour(ServerFault):
    """A tenant of one node uses up the caches and the memory bandwidth that all on it share.

    The pods there take longer over a request, at the same limits and with the same build; the
    others do not, so that the latency has two humps and an average hides it. A rollback does
    nothing, and a pod that is restarted may come to the same node again. Draining the node ends
    it (`cordon_node`), as far as others have room; more replicas elsewhere dilute it. The owner
    of the cluster moves the tenant (`fix_upstream`).

    Zhang, X. et al. (2013). CPI2: CPU performance isolation for shared compute clusters. EuroSys.
    """

    factor: Factor = 4.0
    """How many times as long the model's part takes there."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        there = world.replicas.node == self.node
        params.bends.speed[there] /= self.factor
        if there.any() and self.factor != 1.0:
            params.bends.slowdowns.append(FaultyPods(bite.fault, there))
