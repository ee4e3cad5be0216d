"""The relation between input and outcome changes; the inputs do not."""

from collections.abc import Mapping
from typing import Any

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
from simulator.pipeline.rows import LabelLaw
from simulator.units import IncidentType, Number, Ratio


@part
class ConceptDrift(TimedFault):
    """A column's effect on the outcome changes, or the rate of positive outcomes does.

    Each row keeps its random draw and gets its label under the changed law. No statistic of the
    inputs moves; labels show it, hours later. Retraining on recent labels helps.
    """

    type = IncidentType.DRIFT
    component = "model"
    right_moves = (
        Move("A version learns the new law.", (order("retrain", window="{since_onset}"),)),
        Move(
            "The next scheduled version does, too.",
            (order("change_hyperparameters", window="{since_onset}"), order("retrain")),
        ),
        Move(
            "Where one outcome has become rare, the other is a better answer than the old law's.",
            (order("fallback", answer="constant", positive="{likely}"),),
            cures=False,
        ),
    )
    wrong_moves = (
        WrongMove(
            "The former version knows the same law.", (ROLL_BACK_MODEL,), cost=Cost.NO_RECOVERY
        ),
        WrongMove(
            "Most rows of a long window follow the old law.",
            (order("retrain"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "No statistic of the inputs has moved, so nothing is done.", cost=Cost.NO_RECOVERY
        ),
    )

    feature: Feature
    """The column."""
    factor: Number = -1.0
    """Multiplies its effect on the log odds: 0 removes it, -1 reverses it."""
    bias: Number = 0.0
    """Added to the log odds of every row: -2 makes a one-in-two chance one in eight."""
    share: Ratio = 1.0
    """Of the rows, at full strength."""

    def names(self, params: Params) -> Mapping[str, Any]:
        return {"likely": float(self.bias > 0)} if self.bias else {}

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        column = params.pool.index(self.feature)
        strength = self.strength(tick)
        if strength * self.share > 0:
            labels = params.pool.relabelled(column, self.factor, self.bias)
            params.bends.label_laws.append(LabelLaw(tick.fault, strength * self.share, labels))
