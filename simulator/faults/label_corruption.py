"""Outcomes are recorded wrongly."""

from typing import Literal

from simulator.faults import FaultTick, OwnerFault, Params, World, part
from simulator.pipeline.model.label_recording import FlippedLabels
from simulator.units import Ratio


@part
class LabelCorruption(OwnerFault):
    """Labellers have a new guideline: one outcome is recorded as the other.

    The model is as good as before, and its measured accuracy falls. A retrain learns the new
    guideline, and then the model is wrong. The owner of the source has rows labelled again
    (`fix_upstream`).
    """

    leaves = ("poisoned_model",)

    outcome: Literal["positive", "negative"] = "positive"
    """The outcome that is recorded as the other."""
    # Measured: with less, a version that has learnt the guideline may be no better on the recorded
    # labels than the champion, and its gate refuses it.
    share: Ratio = 0.5
    """Of the rows with that outcome."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.share > 0:
            label = int(self.outcome == "positive")
            params.bends.label_recording.append(FlippedLabels(tick.fault, self.share, label))
