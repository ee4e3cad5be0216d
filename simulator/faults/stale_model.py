"""Servers do not load a released model."""

from simulator.faults import BuildFault, Cost, FaultTick, Params, World, WrongMove, order, part
from simulator.pipeline.bends import FaultyPods
from simulator.units import IncidentType


@part
class StaleModel(BuildFault):
    """The pods of one build keep the model that they hold: a release has no effect.

    Every job succeeds and the registry shows the new version as serving.
    """

    type = IncidentType.MODEL_PERFORMANCE
    wrong_moves = (
        *BuildFault.wrong_moves,
        WrongMove("A newer one is not loaded either.", (order("retrain"),), cost=Cost.NO_RECOVERY),
    )

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        affected = self.affected_pods(world)
        if affected.any():
            params.bends.failed_pulls.append(FaultyPods(tick.fault, affected))
