"""The model's decisions determine the observed outcomes."""

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
from simulator.pipeline.model.label_recording import SelectiveLabels
from simulator.units import IncidentType, Ratio


@part
class FeedbackLoop(OwnerFault):
    """Rows predicted negative are never reviewed and are recorded as negative.

    Measured accuracy rises. Every retrain learns from the selection of the model before and
    predicts fewer positives. Recorded labels agree with the champion, so a gate on accuracy refuses
    a large step and lets many small ones pass; to a gate on precision each step is a gain. The
    owner of the label source has a sample of the others reviewed (`fix_upstream`).
    """

    type = IncidentType.DRIFT
    leaves = ("poisoned_model",)
    right_moves = (
        *with_owner(
            "A version of before the loop serves; the next one learns from a reviewed sample.",
            (PAUSE_TRAINING, order("release", version="{model}")),
            (then("pause_job", after=3_600_000, job="{train}", lift=True),),
        ),
        *OwnerFault.right_moves,
    )
    wrong_moves = (
        WrongMove(
            "Measured precision rises, and fewer rows are reviewed: the loop tightens.",
            (order("set_threshold", threshold=0.8),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove("It learns from the same selection.", (order("retrain"),), cost=Cost.NO_RECOVERY),
        WrongMove(
            "The former version is a step of the same loop.",
            (ROLL_BACK_MODEL,),
            cost=Cost.NO_RECOVERY,
        ),
    )

    share: Ratio = 1.0
    """Of the rows predicted negative."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.share > 0:
            params.bends.label_recording.append(SelectiveLabels(tick.fault, self.share))
