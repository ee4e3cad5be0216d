"""Other customers come: the inputs move, the law between input and outcome does not."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from pydantic import model_validator

from simulator.faults import Bite, Feature
from simulator.faults._timed import Timed
from simulator.pipeline.laws import Params
from simulator.pipeline.rows import MixLaw
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import IncidentType, Number, Ratio


@part
class CovariateShift(Timed):
    """A share of the requests is about one part of the population: suddenly, by and by, or
    again and again.

    The rows and their labels are real ones of that part. A model that is wrong there, which
    cost little while it was rare, is now wrong often. Retraining on the new mix helps.
    """

    type: ClassVar[IncidentType] = IncidentType.DRIFT

    feature: Feature
    """The column that says which part."""
    low: Number = -math.inf
    """Rows with at least this value."""
    high: Number = math.inf
    """Rows with at most this value."""
    share: Ratio = 0.8
    """Of the requests, when the shift is complete."""

    @model_validator(mode="after")
    def _bounded(self) -> CovariateShift:
        if self.low > self.high:
            raise ValueError(f"low ({self.low:g}) lies above high ({self.high:g})")
        return self

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        rows = params.pool.segment(params.pool.index(self.feature), self.low, self.high)
        done = self.done(bite)
        if len(rows) and done * self.share > 0:
            params.bends.mix_laws.append(MixLaw(bite.fault, done * self.share, np.asarray(rows)))
