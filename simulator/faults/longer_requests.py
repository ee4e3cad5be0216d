"""Clients send longer requests."""

from simulator.faults import (
    RESTART,
    ROLL_BACK_MODEL,
    Cost,
    Fault,
    FaultTick,
    Move,
    Params,
    World,
    WrongMove,
    order,
    part,
)
from simulator.pipeline.bends import LengthenedRequests
from simulator.units import Factor, IncidentType, Ratio


@part
class LongerRequests(Fault):
    """A share of the requests is longer than before: more work each, and more memory.

    Their rate and the build are the same. Replicas fall behind, and on an accelerator batches that
    used to fit run out of memory (CUDA out of memory) and fail.
    """

    type = IncidentType.RESOURCES
    component = "serving"
    right_moves = (
        Move("Smaller batches fit.", (order("cap_batch", most="{half_batch}"),)),
        Move(
            "Requests that are cut fit, without the columns at their end.",
            (order("limit_requests", longest=2.0, mode="truncate"),),
        ),
    )
    wrong_moves = (
        WrongMove("The model has not changed.", (ROLL_BACK_MODEL,), cost=Cost.NO_RECOVERY),
        WrongMove("New processes get the same requests.", (RESTART,), cost=Cost.NO_RECOVERY),
        WrongMove(
            "More requests are refused than failed.",
            (order("limit_requests", longest=2.0),),
            cost=Cost.HARM,
        ),
        WrongMove(
            "The accelerator lacks memory, not the pod.",
            (order("resize_pods", memory="{more_memory}"),),
            cost=Cost.NO_RECOVERY,
        ),
    )

    share: Ratio = 0.3
    """Of the requests."""
    factor: Factor = 4.0
    """Multiplies their length."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.share and self.factor != 1.0:
            params.bends.longer_requests.append(
                LengthenedRequests(tick.fault, self.share, self.factor)
            )
