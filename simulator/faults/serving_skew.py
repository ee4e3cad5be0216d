"""Serving code transforms a feature in another way than training code did."""

from __future__ import annotations

from typing import ClassVar

from simulator.faults import Bite, BuildFault, Quantity
from simulator.pipeline.bends import SkewedPods
from simulator.pipeline.laws import Params
from simulator.pipeline.rows import RowLaw
from simulator.pipeline.world import World
from simulator.registry import Args, part
from simulator.units import IncidentType, Number, Ratio


@part
class ServingSkew(BuildFault):
    """One build of the serving code feeds the model another number than was learnt.

    The rows in the offline store are right and so is the model: validation and drift
    monitors stay green, a retrain brings nothing. A rollback of the build ends it.
    """

    type: ClassVar[IncidentType] = IncidentType.MODEL_PERFORMANCE
    example: ClassVar[Args] = {"build": 8, "factor": 100.0}

    feature: Quantity
    """The column that it gets wrong."""
    factor: Number = 1.0
    """What it multiplies the value by."""
    offset: Number = 0.0
    """What it adds to it."""
    share: Ratio = 1.0
    """Of the requests that such a pod answers."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        bad, column = self.pods(world), params.pool.index(self.feature)
        if bad.any() and self.share > 0:
            law = RowLaw(bite.fault, column, self.share, self.factor, self.offset)
            params.bends.serving_skew.append(SkewedPods(bite.fault, bad, law))
