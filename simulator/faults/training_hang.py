"""A training run stands still, and nothing says so."""

from __future__ import annotations

from typing import Annotated, ClassVar

from simulator.faults import Bite, Fault
from simulator.pipeline.world import Params, World
from simulator.registry import Refers, part
from simulator.units import NodeNumber


@part
class TrainingHang(Fault):
    """One node no longer answers the others, which wait for it in a collective operation.

    No process ends and no error is written; the step stands still, and the last checkpoint
    grows old. A watchdog, or somebody, can start the run again, on the same nodes: then it
    hangs again. It bites until the node is drained.
    """

    type: ClassVar[str] = "resources"

    node: Annotated[NodeNumber, Refers("node")] = 0
    """Its number, or its name: `node-17`."""

    def bites(self, world: World) -> bool:
        return not world.trainings.fleet.drained[self.node]

    def missing(self, world: World) -> str:
        return "" if self.bites(world) else f"node-{self.node} drained"

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.bites(world):
            params.node_hangs.append((bite.fault, self.node))
