"""A dependency of the model server answers late."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simulator.faults import Bite, OwnerFault
from simulator.pipeline.bends import FaultyPods
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import Factor, IncidentType


@part
class SlowDependency(OwnerFault):
    """The feature read inside every request takes several times as long.

    The server waits with the slot in its hand, so its slots run out although it has
    nothing to compute. More replicas hold more waiting requests; the owner of the
    dependency mends it (`fix_upstream`).
    """

    type: ClassVar[IncidentType] = IncidentType.LATENCY
    on: ClassVar[str] = "dependency"

    factor: Factor = 10.0
    """How many times as long a read takes."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        params.bends.dependency_factor *= self.factor
        if self.factor != 1.0:
            params.bends.slowdowns.append(FaultyPods(bite.fault, np.ones(params.slots, bool)))
