"""Checkpoints cannot be written."""

from simulator.faults import (
    PAGE_OWNER,
    Cost,
    FaultTick,
    OwnerFault,
    Params,
    World,
    WrongMove,
    order,
    part,
)
from simulator.pipeline.bends import FaultShare
from simulator.units import IncidentType, Ratio


@part
class CheckpointFailure(OwnerFault):
    """A share of the writes to a checkpoint store fails with an error, after the time of a write.

    Training continues, and the loss at stake grows: the next node failure, or a manual restart,
    goes back to the last good checkpoint.
    """

    type = IncidentType.PIPELINE
    target_kind = "checkpoint_store"
    wrong_moves = (
        WrongMove(
            "All work since the last good checkpoint is lost, which is what the repair would save.",
            (order("restart_training", run="{run}"),),
            cost=Cost.RELAPSE,
        ),
        WrongMove(
            "A restart first, since the page takes longer: its loss is the same.",
            (order("restart_training", run="{run}"), PAGE_OWNER),
            cost=Cost.DELAY,
        ),
    )

    share: Ratio = 1.0
    """Of the writes."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        for law in params.trainings:
            if law.store == self.target:
                failures = params.bends.checkpoint_failures.setdefault(law.name, [])
                failures.append(FaultShare(tick.fault, self.share))
