"""Outcomes are recorded wrongly."""

from collections.abc import Mapping
from typing import Any, Literal

from simulator.faults import (
    PAUSE_TRAINING,
    ROLL_BACK_MODEL,
    Cost,
    FaultTick,
    OwnerFault,
    Params,
    World,
    WrongMove,
    order,
    part,
    then,
    with_owner,
)
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
    right_moves = (
        *with_owner(
            "No version learns the guideline; the next one has rows of after the fix.",
            (PAUSE_TRAINING, ROLL_BACK_MODEL),
            (then("pause_job", after=3_600_000, job="{train}", lift=True),),
        ),
        *OwnerFault.right_moves,
    )
    wrong_moves = (
        WrongMove("A version learns the guideline.", (order("retrain"),), cost=Cost.HARM),
        WrongMove(
            "Predictions agree with the wrong labels, and are wrong.",
            (order("set_threshold", threshold="{agreeing}"),),
            cost=Cost.HARM,
        ),
        WrongMove(
            "The former version is measured with the same labels, and so is the next retrain.",
            (ROLL_BACK_MODEL,),
            cost=Cost.NO_RECOVERY,
        ),
    )

    outcome: Literal["positive", "negative"] = "positive"
    """The outcome that is recorded as the other."""
    # Measured: with less, a version that has learnt the guideline may be no better on the recorded
    # labels than the champion, and its gate refuses it.
    share: Ratio = 0.5
    """Of the rows with that outcome."""

    def names(self, params: Params) -> Mapping[str, Any]:
        return {"agreeing": 0.9 if self.outcome == "positive" else 0.1}

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.share > 0:
            label = int(self.outcome == "positive")
            params.bends.label_recording.append(FlippedLabels(tick.fault, self.share, label))
