"""Traffic beyond capacity."""

from typing import ClassVar

from pydantic import field_validator

from simulator.faults import (
    RESTART,
    ROLL_BACK_MODEL,
    Args,
    Cost,
    FaultTick,
    Move,
    Params,
    World,
    WrongMove,
    order,
    part,
    then,
)
from simulator.faults._timed import TimedFault
from simulator.pipeline.bends import Surge
from simulator.pipeline.traffic.customers import RATE_MAX
from simulator.units import IncidentType, Rate


@part
class Overload(TimedFault):
    """Requests beyond the usual traffic: sudden, growing or periodic.

    Beyond the capacity of the replicas a queue forms and latency grows, at the same service time.
    """

    type = IncidentType.LATENCY
    component = "serving"
    right_moves = (
        Move(
            "The queue drains, and clients stop to retry; then all requests pass again.",
            (
                order("shed_load", share=0.8),
                then("shed_load", after=180_000, lift=True),
            ),
        ),
        Move("More replicas serve more.", (order("scale", replicas="{replicas_max}"),)),
    )
    wrong_moves = (
        WrongMove("Pods that are back find the queue as full.", (RESTART,), cost=Cost.NO_RECOVERY),
        WrongMove("The model is not the cause.", (ROLL_BACK_MODEL,), cost=Cost.NO_RECOVERY),
        WrongMove(
            "A pool without a ready pod answers nothing.",
            (order("shift_traffic", to="{cold_pool}", share=0.5),),
            cost=Cost.NO_RECOVERY,
        ),
    )
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
