"""Labels that miss the join window count as negative."""

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
from simulator.pipeline.model.label_recording import MissedJoins
from simulator.units import Duration, Ratio


@part
class JoinMisses(OwnerFault):
    """The label join waits for a shorter time, and records missing labels as negative.

    Labels come sooner and fewer of them are positive; a model trained on them predicts fewer
    positives, and its training loss is better. The owner of the source widens the window
    (`fix_upstream`).
    """

    leaves = ("poisoned_model",)
    right_moves = (
        *with_owner(
            "The former version knew late labels; the next one learns from complete ones.",
            (PAUSE_TRAINING, ROLL_BACK_MODEL),
            (then("pause_job", after=10_800_000, job="{train}", lift=True),),
        ),
        *OwnerFault.right_moves,
    )
    wrong_moves = (
        WrongMove(
            "A retrain finds the same labels, and its loss is better still.",
            (order("retrain"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "The next scheduled retrain learns from the same labels.",
            (ROLL_BACK_MODEL,),
            cost=Cost.NO_RECOVERY,
        ),
    )

    window: Duration = 1_800_000
    """How long the join waits."""
    share: Ratio = 1.0
    """Of the rows."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.share > 0:
            params.bends.label_recording.append(
                MissedJoins(tick.fault, self.share, float(self.window))
            )
