"""The model decides which outcomes anybody sees."""

from __future__ import annotations

from typing import ClassVar

from simulator.faults import Bite, OwnerFault
from simulator.pipeline.laws import Params
from simulator.pipeline.model.label_recording import Unseen
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import IncidentType, Ratio


@part
class FeedbackLoop(OwnerFault):
    """Where the model says no, nobody looks any more, and that is recorded as negative.

    Measured accuracy rises. Every retrain learns from what the one before let through, and
    says yes less often. Whoever owns the source of labels has some of the others looked at
    (`fix_upstream`).
    """

    type: ClassVar[IncidentType] = IncidentType.DRIFT
    leaves: ClassVar[tuple[str, ...]] = ("poisoned_model",)

    share: Ratio = 1.0
    """Of the rows that the model says no to."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.share > 0:
            params.bends.label_recording.append(Unseen(bite.fault, self.share))
