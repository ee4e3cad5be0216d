"""Traffic beyond capacity."""

from typing import ClassVar

from pydantic import field_validator

from simulator.faults import Args, FaultTick, Params, World, part
from simulator.faults._timed import TimedFault
from simulator.pipeline.bends import Surge
from simulator.pipeline.traffic.customers import RATE_MAX
from simulator.units import IncidentType, Rate


@part
class Overload(TimedFault):
    """Requests beyond the usual traffic: sudden, growing or periodic.

    Beyond the capacity of the replicas a queue forms and latency grows, at the same service time.
    More replicas help, as far as the cluster has room.
    """

    type = IncidentType.LATENCY
    example: ClassVar[Args] = {"rate": "80/s"}

    rate: Rate
    """Further requests per second, at full strength."""

    @field_validator("rate")
    @classmethod
    def _bounded(cls, rate: float) -> float:
        if rate > RATE_MAX:
            raise ValueError(f"is {rate:,.0f} requests per second, expected at most {RATE_MAX:,}")
        return rate

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        strength = self.strength(tick)
        if strength * self.rate > 0:
            params.bends.surges.append(Surge(tick.fault, strength * self.rate))
