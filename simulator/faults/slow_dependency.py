"""A dependency of the model server is slow."""

import numpy as np

from simulator.faults import (
    FIX,
    PAGE_OWNER,
    RESTART,
    ROLL_BACK_MODEL,
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
from simulator.pipeline.bends import FaultyPods
from simulator.units import Factor, IncidentType


@part
class SlowDependency(OwnerFault):
    """The feature read inside every request takes several times as long.

    The server holds its slot while it waits, so its slots run out although it has nothing to
    compute.
    """

    type = IncidentType.LATENCY
    target_kind = "dependency"
    in_every_pool = True
    right_moves = (
        *(
            Move(
                "Slots are free in time, until the owner has mended it; such answers are worse.",
                (
                    order("limit_reads", limit="50ms"),
                    mend,
                    then("limit_reads", after=60_000, lift=True),
                ),
            )
            for mend in (FIX, PAGE_OWNER)
        ),
        Move(
            "Slots are free in time; such answers are worse.",
            (order("limit_reads", limit="50ms"),),
            cures=False,
        ),
    )
    wrong_moves = (
        WrongMove(
            "More replicas read more at a time from a store that is slow already.",
            (order("scale", replicas="{more_replicas}"),),
            cost=Cost.HARM,
        ),
        WrongMove(
            "Restarted pods have cold caches, and read more.",
            (RESTART,),
            cost=Cost.HARM,
        ),
        WrongMove("The former version reads as much.", (ROLL_BACK_MODEL,), cost=Cost.NO_RECOVERY),
    )

    factor: Factor = 10.0
    """Multiplies the time of a read."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        params.bends.dependency_factor *= self.factor
        if self.factor != 1.0:
            params.bends.slowdowns.append(FaultyPods(tick.fault, np.ones(params.slots, bool)))
