"""Nodes without memory: the kubelet evicts the pod that is furthest above its request.

Limits may promise more than a node has, since pods are placed by their requests. Every ten seconds
the kubelet compares the memory in use with what the node can allocate. Above that it kills a pod
without grace: its requests in service fail. Another is created at once and waits for no back-off,
which is of containers that restart in their pod.

Where a node's last 100 MiB, which the kubelet keeps free, fill up before it looks, the kernel has
killed that pod's process already: the container restarts in its pod, after its back-off.

References
----------
https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/
"""

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.cluster import memory, nodes
from simulator.pipeline.cluster.memory import CONTAINER
from simulator.pipeline.laws import Params
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving import server
from simulator.pipeline.world import Cluster, Replicas, World
from simulator.units import approximate_bytes

# The kubelet's housekeeping interval, and how long a node then counts as short of memory
# (eviction-pressure-transition-period).
CHECK_MS = 10_000
TRANSITION_MS = 300_000
KEPT_FREE = 100 * 2**20  # bytes: eviction-hard memory.available


def step(world: World, params: Params, sample: Sample) -> list[int]:
    """Kill a pod on every node without memory, as of the beginning of the tick.

    Returns the evicted pods, which are to be removed.
    """
    cluster, t = world.cluster, sample.t
    if t // CHECK_MS == (t - sample.dt) // CHECK_MS:
        return []
    # Mostly all pods together hold less than one node has: 4 us.
    if world.replicas.resident.sum() <= cluster.node_memory.min():
        return []
    evicted = []
    excess = memory_in_use(world.replicas, cluster) - cluster.node_memory
    for node in np.flatnonzero(excess > 0).tolist():
        cluster.short_of_memory[node] = t
        slot = _furthest_above_request(world, node)
        name = nodes.node_name(params, node)
        if excess[node] > KEPT_FREE:
            text = "Warning  SystemOOM  System OOM encountered, victim process: python"
            sample.notes.append((name, "ERROR", text))
            memory.kill(world, params, slot, t, sample)
            continue
        server.fail(world.queue, params, slot, t, sample)
        evicted.append(slot)
        text = "Warning  EvictionThresholdMet  Attempting to reclaim memory"
        sample.notes.append((name, "WARNING", text))
        sample.notes.append((f"{params.pods}-{slot}", "ERROR", _reason(world.replicas, slot)))
    return evicted


def memory_in_use(pods: Replicas, cluster: Cluster) -> Floats:
    """Bytes that the processes on each node hold, shape (nodes,).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> pods = SimpleNamespace(node=np.array([0, 1, 1, -1]), resident=np.array([1.0, 2.0, 3.0, 0]))
    >>> memory_in_use(pods, SimpleNamespace(node_memory=np.array([8.0, 4.0, 4.0]))).tolist()
    [1.0, 5.0, 0.0]
    """
    placed = pods.node >= 0
    held = np.bincount(pods.node[placed], pods.resident[placed], len(cluster.node_memory))
    return held.astype(np.float64)


def short_of_memory(cluster: Cluster, t: int) -> list[int]:
    """The nodes with the condition MemoryPressure at `t`, ms."""
    return [node for node, at in cluster.short_of_memory.items() if t < at + TRANSITION_MS]


def _furthest_above_request(world: World, node: int) -> int:
    """The pod that the kubelet evicts first, all being of one priority."""
    slots, pods = nodes.on(world, node), world.replicas
    above = pods.resident[slots] - pods.limits.request[slots]
    return int(slots[np.argmax(above)])


def _reason(pods: Replicas, slot: int) -> str:
    used, request = (
        approximate_bytes(values[slot]) for values in (pods.resident, pods.limits.request)
    )
    return (
        f"Warning  Evicted  The node was low on resource: memory. Container {CONTAINER} was using "
        f"{used}, request is {request}, has larger consumption of memory."
    )
