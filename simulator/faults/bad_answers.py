"""A build of the model server answers with errors."""

from __future__ import annotations

from typing import ClassVar

from simulator.faults import Bite, BuildFault
from simulator.pipeline.bends import FaultyPods
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import IncidentType, Ratio


@part
class BadAnswers(BuildFault):
    """The pods of one build answer a share of their requests with 500, as fast as the others.

    Clients ask again, so that most get an answer later and the pods have more to do; who meets
    an error each time gets none. No pod restarts and nothing is slow. A rollback of the build
    ends it; more replicas of the same build answer as badly.
    """

    type: ClassVar[IncidentType] = IncidentType.LATENCY

    share: Ratio = 0.3
    """Of the attempts that such a pod answers."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        bad = self.pods(world)
        if bad.any() and self.share > 0:
            params.bends.error_share[bad] += self.share * (1.0 - params.bends.error_share[bad])
            params.bends.erroring.append(FaultyPods(bite.fault, bad))
