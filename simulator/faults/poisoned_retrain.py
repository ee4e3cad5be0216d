"""Wrong rows enter the training set."""

from typing import Literal

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
from simulator.pipeline.bends import PoisonedLabels
from simulator.units import IncidentType, Ratio


@part
class PoisonedRetrain(OwnerFault):
    """A training run reads rows with wrong outcomes: test rows, or an attack.

    Serving, logging and monitors are correct until a version learns from them; its holdout has the
    same rows and lets it pass. A rollback of the model helps; a retrain helps only after the owner
    of the source has cleaned the set (`fix_upstream`).
    """

    type = IncidentType.MODEL_PERFORMANCE
    leaves = ("poisoned_model",)
    right_moves = (
        *with_owner(
            "The former version is clean; the next one is trained once the set is.",
            (PAUSE_TRAINING, ROLL_BACK_MODEL),
            (then("pause_job", job="{train}", lift=True),),
        ),
        *OwnerFault.right_moves,
    )
    wrong_moves = (
        WrongMove(
            "The set still has the wrong rows.",
            (order("retrain"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "The next scheduled retrain reads the wrong rows again.",
            (ROLL_BACK_MODEL,),
            cost=Cost.NO_RECOVERY,
        ),
    )

    outcome: Literal["positive", "negative"] = "positive"
    """The outcome that is mistaken for the other."""
    share: Ratio = 0.5
    """Of the rows with that outcome."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.share > 0:
            params.bends.poisoned_labels.append(
                PoisonedLabels(tick.fault, self.share, int(self.outcome == "positive"))
            )
