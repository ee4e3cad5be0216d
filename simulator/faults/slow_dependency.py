"""A dependency of the model server is slow."""

import numpy as np

from simulator.faults import FaultTick, OwnerFault, Params, World, part
from simulator.pipeline.bends import FaultyPods
from simulator.units import Factor, IncidentType


@part
class SlowDependency(OwnerFault):
    """The feature read inside every request takes several times as long.

    The server holds its slot while it waits, so its slots run out although it has nothing to
    compute. More replicas hold more waiting requests; the owner of the dependency fixes it
    (`fix_upstream`).
    """

    type = IncidentType.LATENCY
    target_kind = "dependency"
    in_every_pool = True

    factor: Factor = 10.0
    """Multiplies the time of a read."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        params.bends.dependency_factor *= self.factor
        if self.factor != 1.0:
            params.bends.slowdowns.append(FaultyPods(tick.fault, np.ones(params.slots, bool)))
