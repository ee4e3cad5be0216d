"""Rows that do not belong there get into the training set."""

from __future__ import annotations

from typing import ClassVar, Literal

from simulator.faults import Bite, OwnerFault
from simulator.pipeline.bends import PoisonedLabels
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import IncidentType, Ratio


@part
class PoisonedRetrain(OwnerFault):
    """What a training run reads has wrong outcomes: test rows, or somebody's ill will.

    Nothing that is served, logged or counted is wrong until a version learns from it; its
    holdout is of the same rows and lets it pass. A rollback of the model helps, a retrain
    does not, before the owner of the source has cleaned the set (`fix_upstream`).
    """

    type: ClassVar[IncidentType] = IncidentType.MODEL_PERFORMANCE
    leaves: ClassVar[tuple[str, ...]] = ("poisoned_model",)

    outcome: Literal["positive", "negative"] = "positive"
    """Which outcome is taken for the other."""
    share: Ratio = 0.5
    """Of the rows with that outcome."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.share > 0:
            params.bends.poisoned_labels.append(
                PoisonedLabels(bite.fault, self.share, int(self.outcome == "positive"))
            )
