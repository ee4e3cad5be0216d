"""A build of the model server leaks memory."""

from typing import ClassVar

from simulator.faults import (
    Args,
    BuildFault,
    Cost,
    FaultTick,
    Params,
    World,
    WrongMove,
    order,
    part,
)
from simulator.pipeline.bends import LeakingPods
from simulator.units import IncidentType, Size


@part
class MemoryLeak(BuildFault):
    """Each pod of one build leaks memory, by time or by request, up to its limit.

    At the limit it is killed (exit code 137), restarts and leaks again: CrashLoopBackOff.
    """

    type = IncidentType.RESOURCES
    wrong_moves = (
        *BuildFault.wrong_moves,
        WrongMove(
            "Pods twice as large are killed half as often.",
            (order("resize_pods", memory="{more_memory}"),),
            cost=Cost.NO_RECOVERY,
        ),
    )
    example: ClassVar[Args] = {"build": 8, "per_second": "4MiB"}

    per_second: Size = 1_000_000
    """Leaked by each pod every second; 0B for a leak by requests alone."""
    per_request: Size = 0
    """Leaked by the pod for each request."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        affected = self.affected_pods(world)
        if affected.any() and (self.per_second or self.per_request):
            leak = LeakingPods(
                tick.fault, affected, float(self.per_second), float(self.per_request)
            )
            params.bends.memory_leaks.append(leak)
