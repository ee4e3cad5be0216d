"""Checkpoints cannot be written."""

from __future__ import annotations

from typing import ClassVar

from simulator.faults import Bite, OwnerFault
from simulator.pipeline.bends import FaultShare
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import IncidentType, Ratio


@part
class CheckpointFailure(OwnerFault):
    """A share of the writes to a checkpoint store fails, in its own time and with an error.

    Training goes on, and what is at stake grows: the next failure of a node, or a restart by
    hand, goes back to the last good one. The owner of the store mends it (`fix_upstream`).
    """

    type: ClassVar[IncidentType] = IncidentType.PIPELINE
    on: ClassVar[str] = "checkpoint_store"

    share: Ratio = 1.0
    """Of the writes."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        for law in params.trainings:
            if law.store == self.target:
                failures = params.bends.checkpoint_failures.setdefault(law.name, [])
                failures.append(FaultShare(bite.fault, self.share))
