"""Another team uses up the quota of the namespace."""

from simulator.faults import (
    FIX,
    PAGE_OWNER,
    RESTART,
    Cost,
    FaultTick,
    Move,
    OwnerFault,
    Params,
    World,
    WrongMove,
    order,
    part,
    then,
)
from simulator.pipeline.bends import FaultShare
from simulator.pipeline.cluster.quota import QUOTA
from simulator.units import IncidentType, Ratio


@part
class QuotaExhausted(OwnerFault):
    """Pods of another team take the free part of a shared quota.

    Existing pods stay; none can be added, so that it has no effect until traffic grows or a rollout
    needs one more. The nodes have room.
    """

    type = IncidentType.RESOURCES
    target_kind = QUOTA
    right_moves = (
        *(
            Move(
                "Its owner corrects it; then it admits further pods.",
                (mend, then("scale", replicas="{replicas_max}")),
            )
            for mend in (FIX, PAGE_OWNER)
        ),
        Move(
            "The pods that there are serve what they can in time.",
            (order("shed_load", share=0.4),),
            cures=False,
        ),
    )
    wrong_moves = (
        WrongMove(
            "The quota has no room for further pods.",
            (order("scale", replicas="{replicas_max}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove("As many pods come back as go.", (RESTART,), cost=Cost.NO_RECOVERY),
        WrongMove(
            "A pod that asks for more is refused, once the old one is gone.",
            (order("resize_pods", memory="{more_memory}"),),
            cost=Cost.HARM,
        ),
    )

    share: Ratio = 1.0
    """Of the whole quota that they request."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.share:
            params.bends.taken_quota.append(FaultShare(tick.fault, self.share))
