"""Another team uses up the quota of the namespace."""

from simulator.faults import FaultTick, OwnerFault, Params, World, part
from simulator.pipeline.bends import FaultShare
from simulator.pipeline.cluster.quota import QUOTA
from simulator.units import IncidentType, Ratio


@part
class QuotaExhausted(OwnerFault):
    """Pods of another team take the free part of a shared quota.

    Existing pods stay; none can be added, so that it has no effect until traffic grows or a rollout
    needs one more. The nodes have room. The owner of the quota corrects it (`fix_upstream`).
    """

    type = IncidentType.RESOURCES
    target_kind = QUOTA

    share: Ratio = 1.0
    """Of the whole quota that they request."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.share:
            params.bends.taken_quota.append(FaultShare(tick.fault, self.share))
