"""A node of the model server gets no more pods, or is emptied, or is put back."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import model_validator

from simulator.actions import Acting, Action, Failed, Site
from simulator.pipeline.cluster import nodes
from simulator.registry import Args, Refers, part
from simulator.units import NodeNumber


@part
class CordonNode(Action):
    """Mark a node of the model server unschedulable, as `kubectl cordon` does: no new pod goes
    there, and those that it has stay.

    With `drain` they are evicted, as many at a time as a rollout may take away: each finishes
    what it serves, and the pod in its place goes where there is room, else it stays pending and
    those that are left on the node wait until it is there, or the node is put back.
    """

    leaves: ClassVar[tuple[str, ...]] = ("cordoned_nodes",)
    undo: ClassVar[tuple[str, Args]] = ("cordon_node", {"back": True})

    node: Annotated[NodeNumber, Refers("server")]
    """Its number, or its name: `node-0`."""
    drain: bool = False
    """Evict its pods too (`kubectl drain`)."""
    back: bool = False
    """Let it have pods again instead (`kubectl uncordon`)."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.drain and self.back:
            raise ValueError("drain empties the node and back lets it fill: give one of them")
        return self

    def act(self, site: Site) -> Acting:
        cluster, node = site.world.cluster, self.node
        count = len(cluster.node_memory)
        if node >= count:
            raise Failed(f"there is no node {node}; the model server has {count}")
        yield 10_000
        cordoned = node in cluster.cordoned
        if cordoned == (not self.back) and not self.drain:
            raise Failed(f"node {node} is {'not cordoned' if self.back else 'cordoned already'}")
        if self.back:
            cluster.cordoned.remove(node)
            cluster.draining.discard(node)
            return f"node {node} is schedulable again"
        cluster.cordoned.add(node)
        if not self.drain:
            return f"node {node} cordoned"
        cluster.draining.add(node)
        count = len(nodes.on(site.world, node))
        return f"node {node} cordoned, {count} pods are evicted"
