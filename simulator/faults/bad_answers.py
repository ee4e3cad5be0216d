"""A build of the model server answers with errors."""

from simulator.faults import BuildFault, Cost, FaultTick, Params, World, WrongMove, order, part
from simulator.pipeline.bends import FaultyPods
from simulator.units import IncidentType, Ratio


@part
class BadAnswers(BuildFault):
    """The pods of one build answer a share of their requests with 500, as fast as the others.

    Clients retry, so that most get an answer later and the pods have more load; a client with an
    error at every attempt gets none. No pod restarts and nothing is slow.
    """

    type = IncidentType.LATENCY
    wrong_moves = (
        *BuildFault.wrong_moves,
        WrongMove(
            "A pool without a ready pod answers nothing.",
            (order("shift_traffic", to="{cold_pool}", share=1.0),),
            cost=Cost.HARM,
        ),
    )

    share: Ratio = 0.3
    """Of the attempts at such a pod."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        affected = self.affected_pods(world)
        if affected.any() and self.share > 0:
            params.bends.error_share[affected] += self.share * (
                1.0 - params.bends.error_share[affected]
            )
            params.bends.erroring.append(FaultyPods(tick.fault, affected))
