"""Checkpoints cannot be written."""

from simulator.faults import FaultTick, OwnerFault, Params, World, part
from simulator.pipeline.bends import FaultShare
from simulator.units import IncidentType, Ratio


@part
class CheckpointFailure(OwnerFault):
    """A share of the writes to a checkpoint store fails with an error, after the time of a write.

    Training continues, and the loss at stake grows: the next node failure, or a manual restart,
    goes back to the last good checkpoint. The owner of the store repairs it (`fix_upstream`).
    """

    type = IncidentType.PIPELINE
    target_kind = "checkpoint_store"

    share: Ratio = 1.0
    """Of the writes."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        for law in params.trainings:
            if law.store == self.target:
                failures = params.bends.checkpoint_failures.setdefault(law.name, [])
                failures.append(FaultShare(tick.fault, self.share))
