"""Nodes of the model server: silent ones, their pods, and nodes that get no pods.

The processes on a node that dies are gone at once, but nobody knows: requests are sent to them and
hang until the node counts as lost. Then its pods are no longer ready, and after a further time they
are evicted: others are created where there is room. A node that comes back before that starts its
containers again.

A cordoned node keeps its pods and gets no more.

References
----------
https://kubernetes.io/docs/concepts/architecture/nodes/#node-status
https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/
"""

import numpy as np

from simulator.pipeline.arrays import Ints
from simulator.pipeline.laws import Params
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving import server
from simulator.pipeline.world import LOST, PENDING, STARTING, Cluster, World

# The owner's name for the machines of the model server.
CLUSTER = "cluster"
UNREACHABLE = "node.kubernetes.io/unreachable"


def step(world: World, params: Params, sample: Sample) -> list[int]:
    """Apply the laws of nodes, as of the beginning of the tick; returns the pods to evict.

    Comes before all other changes of pods.
    """
    down, t = world.cluster.down, sample.t
    silent = {loss.node for loss in params.bends.nodes_down}
    for node in [node for node in down if node not in silent]:
        _restart_node(world, params, node, sample)
    for node in sorted(silent - down.keys()):
        down[node] = t
        for slot in on(world, node).tolist():
            server.fail(world.queue, params, slot, t, sample)
            world.replicas.release_memory(slot)
    for loss in params.bends.nodes_down:
        sample.hit(loss.fault, len(on(world, loss.node)))
    evicted: list[int] = []
    for node, since in down.items():
        slots = on(world, node)
        if t < since + params.node_grace_ms:
            params.bends.speed[slots] = 0.0
        elif t < since + params.node_grace_ms + params.eviction_ms:
            _mark_lost(world, params, node, slots, sample)
        else:
            evicted += slots.tolist()
    for slot in evicted:
        pod = f"{params.pods}-{slot}"
        text = f"Normal  TaintManagerEviction  Marking for deletion Pod {pod}"
        sample.notes.append((pod, "INFO", text))
    return evicted


def node_name(params: Params, node: int) -> str:
    """A node's name in Kubernetes."""
    return f"{params.nodes}-{node}"


def on(world: World, node: int) -> Ints:
    """Slots of the pods on a node."""
    return np.flatnonzero(world.replicas.node == node)


def dead_pods(world: World) -> list[int]:
    """Slots of the pods whose processes died with their nodes."""
    return [slot for node in world.cluster.down for slot in on(world, node).tolist()]


def tainted(cluster: Cluster, params: Params, t: int) -> list[int]:
    """The nodes that count as lost at `t`, ms."""
    return [node for node, since in cluster.down.items() if t >= since + params.node_grace_ms]


def unschedulable(cluster: Cluster, params: Params, t: int) -> dict[int, str]:
    """The nodes that get no pods at `t`, ms, and why, in kube-scheduler's words."""
    lost = dict.fromkeys(tainted(cluster, params, t), f"had untolerated taint {{{UNREACHABLE}: }}")
    return lost | dict.fromkeys(cluster.cordoned, "were unschedulable")


def dead(world: World, slot: int) -> bool:
    """Whether a pod's process died with its node."""
    return int(world.replicas.node[slot]) in world.cluster.down


def _mark_lost(world: World, params: Params, node: int, slots: Ints, sample: Sample) -> None:
    """The node counts as lost: no more requests are sent to its pods."""
    pods = world.replicas
    if (pods.phase[slots] == LOST).any() or not len(slots):
        return
    sample.notes.append((f"node-{node}", "ERROR", f"Node node-{node} status is now: NodeNotReady"))
    for slot in slots.tolist():
        server.fail(world.queue, params, slot, sample.t, sample)
        pods.phase[slot] = LOST
        text = "Warning  NodeNotReady  Node is not ready"
        sample.notes.append((f"{params.pods}-{slot}", "WARNING", text))


def _restart_node(world: World, params: Params, node: int, sample: Sample) -> None:
    """The machine is up again and restarts the containers of the pods that it still has."""
    pods, t = world.replicas, sample.t
    del world.cluster.down[node]
    sample.notes.append((f"node-{node}", "INFO", f"Node node-{node} status is now: NodeReady"))
    for slot in on(world, node).tolist():
        server.fail(world.queue, params, slot, t, sample)
        if pods.phase[slot] > PENDING:
            pods.phase[slot], pods.until[slot] = STARTING, t + params.start_up_ms
            pods.restarts[slot] += 1
