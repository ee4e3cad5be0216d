"""The inputs move; the relation between input and outcome does not."""

import math
from typing import Self

import numpy as np
from pydantic import model_validator

from simulator.faults import (
    ROLL_BACK_MODEL,
    Cost,
    FaultTick,
    Feature,
    Move,
    Params,
    World,
    WrongMove,
    order,
    part,
)
from simulator.faults._timed import TimedFault
from simulator.pipeline.rows import MixLaw
from simulator.units import IncidentType, Number, Ratio


@part
class CovariateShift(TimedFault):
    """A share of the requests comes from one segment of the population: suddenly, gradually or
    repeatedly.

    The rows and their labels are real rows of that segment. A model's errors there, cheap while
    the segment was rare, are now frequent. Retraining on the new mix helps.
    """

    type = IncidentType.DRIFT
    component = "model"
    right_moves = (
        Move("A version learns the new mix.", (order("retrain", window="{since_onset}"),)),
        Move(
            "So does the next scheduled version, too.",
            (order("change_hyperparameters", window="{since_onset}"), order("retrain")),
        ),
    )
    wrong_moves = (
        WrongMove(
            "The former version was rarely wrong in the segment for the same reason.",
            (ROLL_BACK_MODEL,),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "Most rows of a long window are of the old mix.",
            (order("retrain"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "The values are real: without them the model knows less.",
            (order("quarantine", feature="{feature}"),),
            cost=Cost.NO_RECOVERY,
        ),
    )

    feature: Feature
    """The column that defines the segment."""
    low: Number = -math.inf
    """Rows with at least this value."""
    high: Number = math.inf
    """Rows with at most this value."""
    share: Ratio = 0.8
    """Of the requests, at full strength."""

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low ({self.low:g}) lies above high ({self.high:g})")
        return self

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        rows = params.pool.rows_in_range(params.pool.index(self.feature), self.low, self.high)
        strength = self.strength(tick)
        if len(rows) and strength * self.share > 0:
            params.bends.mix_laws.append(
                MixLaw(tick.fault, strength * self.share, np.asarray(rows))
            )
