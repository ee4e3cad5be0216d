"""One outcome becomes more frequent."""

from collections.abc import Mapping
from typing import Any, Literal

from simulator.faults import (
    ROLL_BACK_MODEL,
    Cost,
    FaultTick,
    Move,
    Params,
    World,
    WrongMove,
    order,
    part,
)
from simulator.faults._timed import TimedFault
from simulator.pipeline.rows import MixLaw
from simulator.units import IncidentType, Ratio


@part
class PriorShift(TimedFault):
    """Rows of one outcome become more frequent; rows of each outcome look as before.

    The relation between input and outcome changes only by its offset. The share of positive
    predictions moves; accuracy may fall, stay or even rise. A new threshold helps, a rollback does
    not.
    """

    type = IncidentType.DRIFT
    component = "model"
    right_moves = (
        Move(
            "The odds of each row change by the same factor, so the threshold's do.",
            (order("set_threshold", threshold="{recalibrated}"),),
        ),
        Move("A version learns the new odds.", (order("retrain", window="{since_onset}"),)),
    )
    wrong_moves = (
        WrongMove(
            "The former version expects the same prior.", (ROLL_BACK_MODEL,), cost=Cost.NO_RECOVERY
        ),
        WrongMove(
            "The share of positive predictions is as before, and more of them are wrong.",
            (order("set_threshold", threshold="{as_before}"),),
            cost=Cost.HARM,
        ),
    )

    outcome: Literal["positive", "negative"] = "positive"
    """The outcome that becomes more frequent."""
    share: Ratio = 0.6
    """Of the requests, at full strength."""

    def names(self, params: Params) -> Mapping[str, Any]:
        """The threshold after the shift, by Bayes, and the one that goes the other way."""
        before = float(params.pool.label.mean())
        after = (1.0 - self.share) * before + self.share * (self.outcome == "positive")
        if not (0.0 < before < 1.0 and 0.0 < after < 1.0):
            return {}
        odds = params.threshold / (1.0 - params.threshold)
        factor = after / (1.0 - after) * (1.0 - before) / before
        thresholds = {"recalibrated": odds / factor, "as_before": odds * factor}
        return {name: round(value / (1.0 + value), 3) for name, value in thresholds.items()}

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        rows = params.pool.rows_with_label(int(self.outcome == "positive"))
        strength = self.strength(tick)
        if len(rows) and strength * self.share > 0:
            params.bends.mix_laws.append(MixLaw(tick.fault, strength * self.share, rows))
