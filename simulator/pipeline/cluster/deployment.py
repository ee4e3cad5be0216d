"""The deployment: number, build, placement and replacement of the model server's pods.

Every pod is a slot of `World.replicas`. It passes through PENDING (no node has room), STARTING and
READY, through BACKOFF after a crash, and is LOST with its node. Slots below
`cluster.desired_replicas` should have a pod.
"""

from collections import Counter
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Floats
from simulator.pipeline.cluster import node_pressure, nodes, quota
from simulator.pipeline.cluster.limits import PodLimitColumns, PodLimits
from simulator.pipeline.cluster.memory import CONTAINER
from simulator.pipeline.laws import Params
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving import server
from simulator.pipeline.world import (
    ABSENT,
    BACKOFF,
    PENDING,
    READY,
    STARTING,
    Cluster,
    Replicas,
    World,
)

NOWHERE = -1
# Before any history begins.
LONG_AGO = -(2**62)
STOPPING = f"Normal  Killing  Stopping container {CONTAINER}"


def start(
    slots: int,
    replicas: int,
    node_memory: list[float],
    base: float,
    limits: PodLimits,
    build: int = 1,
) -> tuple[Replicas, Cluster]:
    """A cluster at rest: all desired replicas placed, ready since long ago, with warm caches.

    Parameters
    ----------
    slots : int
        The most pods that can exist.
    replicas : int
        Desired replicas.
    node_memory : list of float, bytes
        Allocatable memory of each node.
    base : float, bytes
        Memory of a process without requests.
    limits : PodLimits
        Of every pod.
    build : int
        Of the serving code.

    Raises
    ------
    ValueError
        If the pods do not fit onto the nodes.

    Examples
    --------
    >>> pods, cluster = start(4, 3, [2e9, 2e9], base=4e8, limits=PodLimits(2e9, request=1e9))
    >>> pods.node.tolist(), (pods.phase == READY).tolist()
    ([0, 1, 0, -1], [True, True, True, False])
    """
    whole = np.zeros((7, slots), np.int64)
    pods = Replicas(
        phase=np.full(slots, ABSENT, np.int8),
        until=whole[0],
        build=whole[1] + build,
        resident=np.zeros(slots),
        leaked=np.zeros(slots),
        restarts=whole[2],
        kills=whole[3],
        backoff=whole[4],
        ready_at=whole[5] + LONG_AGO,
        node=whole[6] + NOWHERE,
        warmth=np.where(np.arange(slots) < replicas, np.inf, 0.0),
        cache_hits=np.zeros(slots),
        cache_misses=np.zeros(slots),
        limits=PodLimitColumns.alike(slots, limits),
    )
    memory = np.array(node_memory, dtype=np.float64)
    for slot in range(replicas):
        if not _place(pods, memory, slot):
            raise ValueError(
                f"{replicas} replicas of {limits.request:g} bytes do not fit onto nodes of "
                f"{node_memory}"
            )
        pods.phase[slot], pods.resident[slot] = READY, base
    return pods, Cluster(replicas, build, np.zeros(slots, np.bool_), memory, limits)


def step(world: World, params: Params, sample: Sample) -> None:
    """Reconcile the pods with the desired state, as of the beginning of the tick.

    Comes before `segments.serve`: changes due or ordered at `sample.t` hold in this tick, so that
    the tick's length moves nothing that lies on its grid. Changes due inside the tick happen there.
    """
    pods, cluster, t = world.replicas, world.cluster, sample.t
    slots = len(pods.phase)
    replicas = min(cluster.desired_replicas, slots)
    if params.warm_up_factor != 1.0:
        params.bends.speed[t - pods.ready_at < params.warm_up_ms] /= params.warm_up_factor
    if params.bends.nodes_down or cluster.down:
        for slot in nodes.step(world, params, sample):
            _remove(world, params, slot, sample)
    for slot in node_pressure.step(world, params, sample):
        _remove(world, params, slot, sample)
    if params.quota is not None:
        quota.step(world, params, sample)
    # Most ticks change nothing: lists compare several times as fast as arrays here.
    if (
        pods.phase.tolist() == [READY] * replicas + [ABSENT] * (slots - replicas)
        and pods.build[:replicas].tolist() == [cluster.build] * replicas
        and pods.limits.of[:replicas] == [cluster.limits] * replicas
        and not cluster.restart_pending.any()
        and not cluster.draining
        and not cluster.quota_refused
    ):
        return
    advance_phases(world, params, t)
    target = _target_slots(world, params, replicas)
    cluster.quota_refused = {slot for slot in cluster.quota_refused if slot < target}
    for slot in range(slots - 1, target - 1, -1):
        if pods.phase[slot] != ABSENT:
            _remove(world, params, slot, sample)
            _log(params, sample, slot, "INFO", STOPPING)
    _roll(world, params, sample)
    for slot in np.flatnonzero(pods.phase[:target] <= PENDING).tolist():
        _create(world, params, slot, t, sample)


def _target_slots(world: World, params: Params, replicas: int) -> int:
    """The number of pods there should be: during a rollout, the desired replicas and its surge.

    The slots of the surge come after the others, as far as the quota has any. They are removed when
    every pod has been replaced and is ready.
    """
    pods = world.replicas
    surge = slice(replicas, replicas + params.max_surge)
    regular = pods.phase[:replicas]
    rollout = (pods.phase[surge] != ABSENT).any() and (regular != READY).any()
    if _stale(world, replicas).any() or rollout:
        return len(pods.phase[: surge.stop])
    return replicas


def _stale(world: World, replicas: int) -> NDArray[np.bool_]:
    """Which pods are to be replaced: by an order, a new build, new limits or an eviction."""
    pods, cluster = world.replicas, world.cluster
    stale: NDArray[np.bool_] = cluster.restart_pending | (pods.build != cluster.build)
    stale |= pods.limits.differ(cluster.limits)
    if cluster.draining:
        stale |= np.isin(pods.node, list(cluster.draining))
    return stale[:replicas]


def next_due(world: World, t: int, end: int) -> int:
    """When the next pod enters another phase after `t` and before `end`; else `end`."""
    pods = world.replicas
    phases = pods.phase.tolist()
    if STARTING not in phases and BACKOFF not in phases:
        return end
    due = pods.until[(pods.phase == STARTING) | (pods.phase == BACKOFF)]
    later: list[int] = due[due > t].tolist()
    return min(end, *later) if later else end


def advance_phases(world: World, params: Params, t: int) -> None:
    """Let pods enter the phases that are due at `t`."""
    for slot in range(len(world.replicas.phase)):
        _advance_phase(world, params, slot, t)


def _advance_phase(world: World, params: Params, slot: int, t: int) -> None:
    """Let a pod enter the phases that are due, each at its own time."""
    pods = world.replicas
    if nodes.dead(world, slot):
        return
    if pods.phase[slot] == BACKOFF and pods.until[slot] <= t:
        pods.phase[slot] = STARTING
        pods.until[slot] += params.start_up_ms
    if pods.phase[slot] == STARTING and pods.until[slot] <= t:
        pods.phase[slot], pods.ready_at[slot] = READY, pods.until[slot]
        pods.resident[slot], pods.leaked[slot] = params.memory_base, 0.0
        if t - pods.ready_at[slot] < params.warm_up_ms:
            params.bends.speed[slot] /= params.warm_up_factor


def _roll(world: World, params: Params, sample: Sample) -> None:
    """Remove pods that have to be replaced, as far as enough others are ready."""
    pods, cluster = world.replicas, world.cluster
    stale = _stale(world, cluster.desired_replicas)
    cluster.restart_pending[cluster.desired_replicas :] = False
    enough = min(cluster.desired_replicas, len(pods.phase)) - params.max_unavailable
    for slot in np.flatnonzero(stale).tolist():
        # A ready pod goes only if enough others are ready; one that is not costs nothing.
        ready = np.count_nonzero(pods.phase == READY)
        if pods.phase[slot] != READY or ready - 1 >= enough:
            if pods.phase[slot] > PENDING:
                _log(params, sample, slot, "INFO", STOPPING)
            _remove(world, params, slot, sample)


def _remove(world: World, params: Params, slot: int, sample: Sample) -> None:
    """Remove a pod; it finishes its requests in service, unless its process is dead."""
    pods = world.replicas
    if nodes.dead(world, slot):
        server.fail(world.queue, params, slot, sample.t, sample)
    else:
        server.detach(world.queue, slot)
    world.cluster.restart_pending[slot] = False
    pods.limits.assign(slot, world.cluster.limits)
    pods.phase[slot], pods.node[slot], pods.build[slot] = ABSENT, NOWHERE, world.cluster.build
    pods.restarts[slot] = pods.kills[slot] = pods.backoff[slot] = 0
    pods.release_memory(slot)


def _create(world: World, params: Params, slot: int, t: int, sample: Sample) -> None:
    """Create a pod, or let it wait for a node with room."""
    pods = world.replicas
    refused = world.cluster.quota_refused
    why = quota.refusal(world, params) if pods.phase[slot] == ABSENT else ""
    if why:
        if slot not in refused:
            pod = f"{params.pods}-{slot}"
            text = f'Warning  FailedCreate  Error creating: pods "{pod}" is forbidden: {why}'
            _log(params, sample, slot, "WARNING", text)
        refused.add(slot)
        return
    refused.discard(slot)
    pods.build[slot] = world.cluster.build
    pods.limits.assign(slot, world.cluster.limits)
    unschedulable = nodes.unschedulable(world.cluster, params, t)
    if _place(pods, world.cluster.node_memory, slot, unschedulable):
        pods.phase[slot], pods.until[slot] = STARTING, t + params.start_up_ms
        text = f"Normal  Scheduled  Assigned to {nodes.node_name(params, int(pods.node[slot]))}"
        _log(params, sample, slot, "INFO", text)
        _advance_phase(world, params, slot, t)
    elif pods.phase[slot] != PENDING:
        pods.phase[slot] = PENDING
        reasons = [
            f"{n} node(s) {why}" for why, n in sorted(Counter(unschedulable.values()).items())
        ]
        why = ", ".join([*reasons, "Insufficient memory"])
        count = len(world.cluster.node_memory)
        text = f"Warning  FailedScheduling  0/{count} nodes are available: {why}"
        _log(params, sample, slot, "WARNING", text)


def _place(pods: Replicas, node_memory: Floats, slot: int, excluded: Collection[int] = ()) -> bool:
    """Place a pod on the node of which the largest share stays free; False if none has room.

    By the memory requests of today, as kube-scheduler's LeastAllocated scores nodes: pods spread,
    so that the loss of a node takes few of them.
    """
    free = unrequested_memory(pods, node_memory) - pods.limits.request[slot]
    free[list(excluded)] = -1.0
    best = int(np.argmax(free / node_memory))
    if free[best] < 0:
        return False
    pods.node[slot] = best
    return True


def unrequested_memory(pods: Replicas, node_memory: Floats) -> Floats:
    """Bytes of each node that no pod requests, shape (nodes,)."""
    there = pods.node >= 0
    requests = pods.limits.request[there]
    return node_memory - np.bincount(pods.node[there], requests, minlength=len(node_memory))


def _log(params: Params, sample: Sample, slot: int, level: str, text: str) -> None:
    sample.notes.append((f"{params.pods}-{slot}", level, text))
