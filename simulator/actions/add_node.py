"""One more node for the model server."""

from typing import ClassVar

import numpy as np

from simulator.actions import Action, ActionFailed, ActionSteps, Args, Site, part
from simulator.pipeline.cluster import deployment, nodes
from simulator.units.wording import format_count

# How long pods may take to leave a node that goes, and how often that is looked at, ms.
PATIENCE_MS = 900_000
LOOK_AGAIN_MS = 5_000


@part
class AddNode(Action):
    """Add a node to the cluster of the model server, as large as its first.

    The cloud needs minutes to provide it, and refuses it beyond its quota of machines
    (`cluster.nodes_max`). Then pending pods are scheduled there.
    """

    effect = "world"
    fixed_target = "cluster"
    reversible = True
    leaves = ("extra_nodes",)
    undo = ("add_node", {"back": True})
    example_pipeline: ClassVar[Args] = {"cluster.nodes_max": 3, "cluster.provisioning": "1m"}

    back: bool = False
    """Drain and return the node that was added last instead; refused if its pods find no room
    elsewhere."""

    def _check_count(self, site: Site) -> None:
        """Fail if there is none to add or to return."""
        cluster, params = site.world.cluster, site.params
        count = len(cluster.node_memory)
        if self.back and count <= params.machines.declared:
            raise ActionFailed("no node was added")
        if not self.back and count + cluster.nodes_ordered >= params.machines.most:
            most = params.machines.most
            raise ActionFailed(f"the quota of machines allows {most} nodes (cluster.nodes_max)")

    def act(self, site: Site) -> ActionSteps:
        self._check_count(site)
        if self.back:
            return (yield from _return_node(site))
        cluster = site.world.cluster
        cluster.nodes_ordered += 1
        yield site.params.machines.provisioning_ms
        cluster.nodes_ordered -= 1
        before = len(cluster.node_memory)
        cluster.node_memory = np.append(cluster.node_memory, cluster.node_memory[0])
        name = nodes.node_name(site.params, before)
        return f"nodes {before} -> {before + 1}: {name} is ready"


def _return_node(site: Site) -> ActionSteps:
    cluster = site.world.cluster
    node = len(cluster.node_memory) - 1
    name = nodes.node_name(site.params, node)
    if count := _without_room(site, node):
        raise ActionFailed(f"{format_count(count, 'pods')} of {name} without room elsewhere")
    cordoned = node in cluster.cordoned
    cluster.cordoned.add(node)
    cluster.draining.add(node)
    waited = 0
    yield LOOK_AGAIN_MS
    while len(nodes.on(site.world, node)) and waited < PATIENCE_MS:
        waited += LOOK_AGAIN_MS
        yield LOOK_AGAIN_MS
    cluster.draining.discard(node)
    if not cordoned:
        cluster.cordoned.discard(node)
    # Nodes are numbered: only the last can go.
    if node != len(cluster.node_memory) - 1:
        raise ActionFailed(f"another order has changed the nodes; {name} is not the last")
    if count := len(nodes.on(site.world, node)):
        raise ActionFailed(f"{format_count(count, 'pods')} of {name} without room elsewhere")
    cluster.node_memory = np.delete(cluster.node_memory, node)
    cluster.cordoned.discard(node)
    for times in (cluster.down, cluster.short_of_memory):
        times.pop(node, None)
    return f"nodes {node + 1} -> {node}: {name} is returned"


def _without_room(site: Site, node: int) -> int:
    """How many pods of a node no other node has room for."""
    pods, cluster = site.world.replicas, site.world.cluster
    free = deployment.unrequested_memory(pods, cluster.node_memory)
    free[[node, *cluster.cordoned, *cluster.down]] = -1.0
    count = 0
    for _ in nodes.on(site.world, node):
        largest = int(free.argmax())
        free[largest] -= cluster.limits.request
        if free[largest] < 0.0:
            free[largest] += cluster.limits.request
            count += 1
    return count
