"""Somebody else uses the quota of the namespace up."""

from __future__ import annotations

from typing import ClassVar

from simulator.faults import Bite, OwnerFault
from simulator.pipeline.bends import FaultShare
from simulator.pipeline.cluster.quota import QUOTA
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import IncidentType, Ratio


@part
class QuotaExhausted(OwnerFault):
    """Pods of another team take what our pods leave free of a shared quota.

    Pods that are there stay; none can be added, so that nothing is felt until traffic grows or
    a rollout needs one more. The nodes have room. The owner of the quota sets it right
    (`fix_upstream`).
    """

    type: ClassVar[IncidentType] = IncidentType.RESOURCES
    on: ClassVar[str] = QUOTA

    share: Ratio = 1.0
    """Of the whole quota that they ask for."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.share:
            params.bends.taken_quota.append(FaultShare(bite.fault, self.share))
