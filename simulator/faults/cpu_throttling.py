"""A build of the model server has a lower CPU limit."""

from simulator.faults import (
    BuildFault,
    Cost,
    FaultTick,
    Move,
    Params,
    World,
    WrongMove,
    order,
    part,
)
from simulator.pipeline.bends import CpuCut
from simulator.units import Factor, IncidentType


@part
class CpuThrottling(BuildFault):
    """The pods of one build have a lower CPU limit than those before: a line of its manifest.

    Computation beyond the limit waits for the next period, so that requests take longer while the
    pods look idle.
    """

    type = IncidentType.RESOURCES
    target_kind = "cpu"
    right_moves = (
        *BuildFault.right_moves,
        Move(
            "More cores make up for the limit.",
            (order("resize_pods", cpu="{more_cpu}"),),
            cures=False,
        ),
    )
    wrong_moves = (
        *BuildFault.wrong_moves,
        WrongMove(
            "The pods lack cores, not memory.",
            (order("resize_pods", memory="{more_memory}"),),
            cost=Cost.NO_RECOVERY,
        ),
    )

    factor: Factor = 4.0
    """Divides their limit."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        affected = self.affected_pods(world)
        if affected.any() and self.factor != 1.0:
            params.bends.cpu_cuts.append(CpuCut(tick.fault, affected, self.factor))
