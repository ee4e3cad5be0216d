"""A training run hangs without an error."""

from simulator.faults import FaultTick, Params, World, part
from simulator.faults._node import NodeFault
from simulator.pipeline.bends import FaultyNode


@part
class TrainingHang(NodeFault):
    """One node no longer answers the others, which wait for it in a collective operation.

    No process ends and no error is written; the step stands still, and the last checkpoint grows
    old. A watchdog or a person can restart the run on the same nodes: then it hangs again. It lasts
    until the node is drained.
    """

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.applies(world):
            params.bends.node_hangs.append(FaultyNode(tick.fault, self.node))
