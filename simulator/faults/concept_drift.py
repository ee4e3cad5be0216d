"""The law between input and outcome changes; the inputs do not."""

from __future__ import annotations

from typing import ClassVar

from simulator.faults import Bite, Feature
from simulator.faults._timed import Timed
from simulator.pipeline.laws import Params
from simulator.pipeline.rows import LabelLaw
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import IncidentType, Number, Ratio


@part
class ConceptDrift(Timed):
    """A column means something else for the outcome than it did, or all outcomes shift.

    Each row keeps its luck and gets the label that it has under the changed law. No
    statistic of the inputs moves; labels tell, hours later. Retraining on recent labels
    helps.
    """

    type: ClassVar[IncidentType] = IncidentType.DRIFT

    feature: Feature
    """The column."""
    factor: Number = -1.0
    """Its effect on the log odds is multiplied by this: 0 removes it, -1 reverses it."""
    bias: Number = 0.0
    """Added to everybody's log odds: -2 makes a one-in-two chance one in eight."""
    share: Ratio = 1.0
    """Of the rows, when the change is complete."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        column = params.pool.index(self.feature)
        done = self.done(bite)
        if done * self.share > 0:
            becomes = params.pool.relabelled(column, self.factor, self.bias)
            params.bends.label_laws.append(LabelLaw(bite.fault, done * self.share, becomes))
