"""A foreign workload on a node of the model server takes its shared resources."""

from simulator.faults import (
    RESTART,
    ROLL_BACK_MODEL,
    Cost,
    FaultTick,
    Move,
    OwnerFault,
    Params,
    World,
    WrongMove,
    order,
    part,
)
from simulator.faults._node import ServerFault
from simulator.pipeline.bends import FaultyPods
from simulator.units import Factor


@part
class NoisyNeighbour(ServerFault):
    """A tenant of one node uses up the caches and the memory bandwidth that its pods share.

    The pods there take longer over a request, at the same limits and with the same build; the
    others do not, so that the latency has two modes and an average hides it.

    Zhang, X. et al. (2013). CPI2: CPU performance isolation for shared compute clusters. EuroSys.
    """

    ended_by = ("cordon_node", "fix_upstream")
    right_moves = (
        Move("Its pods move to other nodes.", (order("cordon_node", node="{node}", drain=True),)),
        *OwnerFault.right_moves,
    )
    wrong_moves = (
        WrongMove(
            "New pods come to the same node, the one with most room.",
            (RESTART,),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "Half of the new pods are on the same node.",
            (order("scale", replicas="{more_replicas}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove("The model is not the cause.", (ROLL_BACK_MODEL,), cost=Cost.NO_RECOVERY),
        WrongMove(
            "The pods lack what they share with the tenant, not cores.",
            (order("resize_pods", cpu="{more_cpu}"),),
            cost=Cost.NO_RECOVERY,
        ),
    )

    factor: Factor = 4.0
    """Multiplies the model's part of the service time there."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        there = world.replicas.node == self.node
        params.bends.speed[there] /= self.factor
        if there.any() and self.factor != 1.0:
            params.bends.slowdowns.append(FaultyPods(tick.fault, there))
