"""A column of the training rows contains the outcome."""

from simulator.faults import (
    PAUSE_TRAINING,
    ROLL_BACK_MODEL,
    Cost,
    FaultTick,
    OwnerFault,
    Params,
    Quantity,
    World,
    WrongMove,
    order,
    part,
    then,
    with_owner,
)
from simulator.pipeline.bends import LabelLeak
from simulator.units import Number, Ratio


@part
class LabelLeakage(OwnerFault):
    """A column of the offline store is filled in after the outcome.

    The served values are right and so is the model. One trained on such rows looks better than any
    before, passes every gate, and fails in serving, where the column does not contain the outcome
    yet. The owner of the source fixes it (`fix_upstream`).
    """

    leaves = ("poisoned_model",)
    right_moves = (
        *with_owner(
            "The former version does not rely on the column; the next one has rows since the fix.",
            (PAUSE_TRAINING, ROLL_BACK_MODEL),
            (then("pause_job", after=3_600_000, job="{train}", lift=True),),
        ),
        *OwnerFault.right_moves,
    )
    wrong_moves = (
        WrongMove(
            "A retrain reads the same column, and looks better still.",
            (order("retrain"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "The next scheduled retrain reads the same column.",
            (ROLL_BACK_MODEL,),
            cost=Cost.NO_RECOVERY,
        ),
    )

    feature: Quantity
    """The column."""
    strength: Number = 1.0
    """How far its values move towards the outcome, in its own standard deviations."""
    share: Ratio = 1.0
    """Of the rows."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.share > 0 and self.strength:
            column = params.pool.index(self.feature)
            params.bends.label_leaks.append(
                LabelLeak(tick.fault, self.share, column, self.strength)
            )
