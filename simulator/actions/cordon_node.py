"""Cordoning, draining and uncordoning a node of the model server."""

from typing import Annotated, Self

from pydantic import model_validator

from simulator.actions import Action, ActionFailed, ActionSteps, Refers, Site, part
from simulator.pipeline.cluster import nodes
from simulator.units import NodeNumber


@part
class CordonNode(Action):
    """Mark a node of the model server unschedulable, as `kubectl cordon` does: its pods stay and
    no new pod is scheduled there.

    With `drain` its pods are evicted, as many at a time as a rollout may make unavailable. Each
    finishes its requests; its replacement is scheduled where there is room. Without room it
    stays pending, and the remaining pods wait for it or until the node is uncordoned.
    """

    effect = "world"
    # `back` undoes it; evicted pods finish their requests.
    reversible = True
    leaves = ("cordoned_nodes",)
    undo = ("cordon_node", {"back": True})

    node: Annotated[NodeNumber, Refers("server")]
    """The node's number or name: `node-0`."""
    drain: bool = False
    """Evict its pods too (`kubectl drain`)."""
    back: bool = False
    """Make it schedulable again instead (`kubectl uncordon`)."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.drain and self.back:
            raise ValueError("drain empties the node and back lets it fill: give one of them")
        return self

    def act(self, site: Site) -> ActionSteps:
        cluster, node = site.world.cluster, self.node
        count = len(cluster.node_memory)
        if node >= count:
            raise ActionFailed(f"there is no node {node}; the model server has {count}")
        yield 10_000
        cordoned = node in cluster.cordoned
        if cordoned == (not self.back) and not self.drain:
            state = "not cordoned" if self.back else "cordoned already"
            raise ActionFailed(f"node {node} is {state}")
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
