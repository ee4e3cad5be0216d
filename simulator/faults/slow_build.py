"""A build of the model server is slower than the one before."""

from simulator.faults import BuildFault, FaultTick, Params, World, part
from simulator.pipeline.bends import FaultyPods
from simulator.units import Factor, IncidentType


@part
class SlowBuild(BuildFault):
    """The pods of one build take several times as long over a request.

    Slots are held longer, so that capacity falls: near it a queue forms. A rollback of the build
    ends it; more replicas help as far as the cluster has room.
    """

    type = IncidentType.LATENCY

    factor: Factor = 3.0
    """Multiplies the model's part of the service time."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        affected = self.affected_pods(world)
        params.bends.speed[affected] /= self.factor
        if affected.any() and self.factor != 1.0:
            params.bends.slowdowns.append(FaultyPods(tick.fault, affected))
