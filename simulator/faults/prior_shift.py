"""One outcome becomes more frequent."""

from __future__ import annotations

from typing import ClassVar, Literal

from simulator.faults import Bite
from simulator.faults._timed import Timed
from simulator.pipeline.laws import Params
from simulator.pipeline.rows import MixLaw
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import IncidentType, Ratio


@part
class PriorShift(Timed):
    """A share of the requests is about rows of one outcome: there are simply more of them.

    Who is positive looks as before, so the law from input to outcome bends only by its
    offset. The share of positive predictions moves; accuracy may fall, stand or even rise. A
    threshold set anew helps, a rollback does not.
    """

    type: ClassVar[IncidentType] = IncidentType.DRIFT

    outcome: Literal["positive", "negative"] = "positive"
    """Which outcome becomes more frequent."""
    share: Ratio = 0.6
    """Of the requests, when the shift is complete."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        rows = params.pool.of_label(int(self.outcome == "positive"))
        done = self.done(bite)
        if len(rows) and done * self.share > 0:
            params.bends.mix_laws.append(MixLaw(bite.fault, done * self.share, rows))
