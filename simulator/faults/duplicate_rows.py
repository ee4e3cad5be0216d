"""Rows are delivered more than once."""

import math
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from simulator.faults import (
    PAUSE_TRAINING,
    ROLL_BACK_MODEL,
    Args,
    Cost,
    FaultTick,
    Feature,
    OwnerFault,
    Params,
    World,
    WrongMove,
    order,
    part,
    then,
    with_owner,
)
from simulator.pipeline.bends import DuplicatedRows
from simulator.units import Count, Number, Ratio


@part
class DuplicateRows(OwnerFault):
    """A share of the scored rows reaches the offline store several times, with their labels.

    Row and label counts grow and distinct rows do not. Drift detectors assume more evidence than
    there is: their p-values are too small. Copies of a segment or of one outcome weigh in training:
    a retrain leans to them and is worse for the others, while its holdout has the same copies and
    lets it pass. The owner of the source makes its delivery idempotent (`fix_upstream`).
    """

    leaves = ("poisoned_model",)
    example: ClassVar[Args] = {"outcome": "positive", "more": 4}
    right_moves = (
        *with_owner(
            "A version of before learnt from single rows, and so does the next one after the fix.",
            (PAUSE_TRAINING, order("release", version="{model}")),
            (then("pause_job", after=3_600_000, job="{train}", lift=True),),
        ),
        *OwnerFault.right_moves,
    )
    wrong_moves = (
        WrongMove(
            "The next training learns from the copies again.",
            (ROLL_BACK_MODEL,),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove("It learns from the same copies.", (order("retrain"),), cost=Cost.NO_RECOVERY),
        WrongMove(
            "More servers read the same rows.",
            (order("scale", replicas="{more_replicas}"),),
            cost=Cost.NO_RECOVERY,
        ),
    )

    more: Count = 1
    """Further copies of a row."""
    share: Ratio = 1.0
    """Of the rows."""
    feature: Feature = ""
    """The column that defines a segment; by default rows of all segments."""
    low: Number = -math.inf
    """Rows with at least this value (of a category, the number of its level)."""
    high: Number = math.inf
    """Rows with at most this value."""
    outcome: Literal["any", "positive", "negative"] = "any"
    """The recorded outcome of the rows."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if not self.feature and (self.low, self.high) != (-math.inf, math.inf):
            raise ValueError("low and high are of a segment: feature is missing")
        if self.low > self.high:
            raise ValueError(f"low ({self.low:g}) lies above high ({self.high:g})")
        return self

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if not self.share or not self.more:
            return
        where = (params.pool.index(self.feature), self.low, self.high) if self.feature else None
        label = None if self.outcome == "any" else int(self.outcome == "positive")
        law = DuplicatedRows(tick.fault, self.share, self.more, where, label)
        params.bends.duplicated_rows.append(law)
