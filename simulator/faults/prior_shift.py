"""One outcome becomes more frequent."""

from typing import Literal

from simulator.faults import FaultTick, Params, World, part
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

    outcome: Literal["positive", "negative"] = "positive"
    """The outcome that becomes more frequent."""
    share: Ratio = 0.6
    """Of the requests, at full strength."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        rows = params.pool.rows_with_label(int(self.outcome == "positive"))
        strength = self.strength(tick)
        if len(rows) and strength * self.share > 0:
            params.bends.mix_laws.append(MixLaw(tick.fault, strength * self.share, rows))
