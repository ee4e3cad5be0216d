"""Servers do not load a released model."""

from simulator.faults import BuildFault, FaultTick, Params, World, part
from simulator.pipeline.bends import FaultyPods
from simulator.units import IncidentType


@part
class StaleModel(BuildFault):
    """The pods of one build keep the model that they hold: a release has no effect.

    Every job succeeds and the registry shows the new version as serving. A retrained version is not
    loaded either; a rollback of the build ends it.
    """

    type = IncidentType.MODEL_PERFORMANCE

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        affected = self.affected_pods(world)
        if affected.any():
            params.bends.failed_pulls.append(FaultyPods(tick.fault, affected))
