"""Serving code transforms a feature differently from training code."""

from typing import ClassVar

from simulator.faults import (
    Args,
    BuildFault,
    Cost,
    FaultTick,
    Params,
    Quantity,
    World,
    WrongMove,
    order,
    part,
)
from simulator.pipeline.bends import SkewedPods
from simulator.pipeline.rows import RowLaw
from simulator.units import IncidentType, Number, Ratio


@part
class ServingSkew(BuildFault):
    """One build of the serving code passes the model another value than in training.

    The rows in the offline store are right and so is the model: validation and drift monitors show
    nothing.
    """

    type = IncidentType.MODEL_PERFORMANCE
    wrong_moves = (
        *BuildFault.wrong_moves,
        WrongMove(
            "The offline store has the right values: the new model expects them too.",
            (order("retrain"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "The same code reads the features of the former model.",
            (order("fallback", answer="former_model", version="{former_model}"),),
            cost=Cost.NO_RECOVERY,
        ),
    )
    example: ClassVar[Args] = {"build": 8, "factor": 100.0}

    feature: Quantity
    """The wrongly transformed column."""
    factor: Number = 1.0
    """Multiplies its values."""
    offset: Number = 0.0
    """Added to its values."""
    share: Ratio = 1.0
    """Of the requests that such a pod answers."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        affected, column = self.affected_pods(world), params.pool.index(self.feature)
        if affected.any() and self.share > 0:
            law = RowLaw(tick.fault, column, self.share, self.factor, self.offset)
            params.bends.serving_skew.append(SkewedPods(tick.fault, affected, law))
