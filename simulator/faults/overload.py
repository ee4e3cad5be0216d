"""More customers than there is room for."""

from __future__ import annotations

from typing import ClassVar

from pydantic import field_validator

from simulator.faults import Bite
from simulator.faults._timed import Timed
from simulator.pipeline.bends import Surge
from simulator.pipeline.laws import Params
from simulator.pipeline.traffic.customers import MOST
from simulator.pipeline.world import World
from simulator.registry import Args, part
from simulator.units import IncidentType, Rate


@part
class Overload(Timed):
    """Requests beyond the usual traffic: at once, swelling, or in waves.

    Past the capacity of the replicas a queue fills and latency grows without the server
    being any slower. More replicas help, as far as the cluster has room.
    """

    type: ClassVar[IncidentType] = IncidentType.LATENCY
    example: ClassVar[Args] = {"rate": "80/s"}

    rate: Rate
    """Further requests per second, when it is complete."""

    @field_validator("rate")
    @classmethod
    def _bounded(cls, rate: float) -> float:
        if rate > MOST:
            raise ValueError(f"is {rate:,.0f} requests per second, expected at most {MOST:,}")
        return rate

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        done = self.done(bite)
        if done * self.rate > 0:
            params.bends.surges.append(Surge(bite.fault, done * self.rate))
