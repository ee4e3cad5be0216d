"""Cluster: pods on nodes, how many, which build, and how they are replaced.

Every pod of the model server is a slot of `World.replicas`. It passes through PENDING (no
node has room), STARTING and READY, through BACKOFF after a crash and LOST with its node. Slots
below `cluster.desired_replicas` are meant to be there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Floats
from simulator.pipeline.cluster import nodes, quota
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
# Before any history begins, as far as one is asked for.
LONG_AGO = -(2**62)
STOPPING = f"Normal  Killing  Stopping container {CONTAINER}"


def start(
    slots: int, wanted: int, node_memory: list[float], base: float, request: float, build: int = 1
) -> tuple[Replicas, Cluster]:
    """A cluster at rest: the wanted pods placed and ready since long ago.

    Parameters
    ----------
    slots : int
        Pods that can exist at most.
    wanted : int
        Pods that are asked for.
    node_memory : list of float, bytes
        What each node can promise.
    base, request : float, bytes
        What a process holds without requests, and what a pod promises to need.
    build : int
        Of the serving code.

    Raises
    ------
    ValueError
        If the wanted pods do not fit onto the nodes.

    Examples
    --------
    >>> pods, cluster = start(4, 3, [2e9, 2e9], base=4e8, request=1e9)
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
    )
    memory = np.array(node_memory, dtype=np.float64)
    for slot in range(wanted):
        if not _place(pods, memory, request, slot):
            raise ValueError(
                f"{wanted} replicas of {request:g} bytes do not fit onto nodes of {node_memory}"
            )
        pods.phase[slot], pods.resident[slot] = READY, base
    return pods, Cluster(wanted, build, np.zeros(slots, np.bool_), memory)


def step(world: World, params: Params, sample: Sample) -> None:
    """Bring the pods nearer to what is wanted, as of the beginning of the tick.

    Comes before `segments.serve`: what is due or ordered at `sample.t` holds in this tick,
    so that the tick's length moves nothing that lies on its grid. What is due inside the tick
    happens there.
    """
    pods, cluster, t = world.replicas, world.cluster, sample.t
    slots = len(pods.phase)
    wanted = min(cluster.desired_replicas, slots)
    if params.warm_up_factor != 1.0:
        params.bends.speed[t - pods.ready_at < params.warm_up_ms] /= params.warm_up_factor
    if params.bends.nodes_down or cluster.down:
        for slot in nodes.step(world, params, sample):
            _remove(world, params, slot, sample)
    if params.quota is not None:
        quota.step(world, params, sample)
    # Nothing to do in nearly every tick: lists compare several times as fast as arrays here.
    if (
        pods.phase.tolist() == [READY] * wanted + [ABSENT] * (slots - wanted)
        and pods.build[:wanted].tolist() == [cluster.build] * wanted
        and not cluster.restart_pending.any()
        and not cluster.draining
        and not cluster.quota_refused
    ):
        return
    advance_phases(world, params, t)
    meant = _meant(world, params, wanted)
    cluster.quota_refused = {slot for slot in cluster.quota_refused if slot < meant}
    for slot in range(slots - 1, meant - 1, -1):
        if pods.phase[slot] != ABSENT:
            _remove(world, params, slot, sample)
            _say(params, sample, slot, "INFO", STOPPING)
    _roll(world, params, sample)
    for slot in np.flatnonzero(pods.phase[:meant] <= PENDING).tolist():
        _create(world, params, slot, t, sample)


def _meant(world: World, params: Params, wanted: int) -> int:
    """How many pods there are meant to be: more than wanted for the time of a rollout.

    The slots of the surge come after the others, as far as the quota has any. They go when
    every pod that was to be replaced is, and ready.
    """
    pods = world.replicas
    surge = slice(wanted, wanted + params.max_surge)
    usual = pods.phase[:wanted]
    under_way = (pods.phase[surge] != ABSENT).any() and (usual != READY).any()
    more = _stale(world, wanted).any() or under_way
    return len(pods.phase[: surge.stop]) if more else wanted


def _stale(world: World, wanted: int) -> NDArray[np.bool_]:
    """Which of the wanted pods are to be replaced: by an order, a new build or an eviction."""
    pods, cluster = world.replicas, world.cluster
    stale: NDArray[np.bool_] = cluster.restart_pending | (pods.build != cluster.build)
    if cluster.draining:
        stale |= np.isin(pods.node, list(cluster.draining))
    return stale[:wanted]


def next_due(world: World, t: int, end: int) -> int:
    """When the next pod passes on to another phase after `t` and before `end`; else `end`."""
    pods = world.replicas
    phases = pods.phase.tolist()
    if STARTING not in phases and BACKOFF not in phases:
        return end
    due = pods.until[(pods.phase == STARTING) | (pods.phase == BACKOFF)]
    later: list[int] = due[due > t].tolist()
    return min(end, *later) if later else end


def advance_phases(world: World, params: Params, t: int) -> None:
    """Pods pass on to the phases that are due at `t`."""
    for slot in range(len(world.replicas.phase)):
        _pass(world, params, slot, t)


def _pass(world: World, params: Params, slot: int, t: int) -> None:
    """A pod passes on to the phases that are due, each at its own time."""
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
    """Take away what has to be replaced, as far as enough pods are ready without it."""
    pods, cluster = world.replicas, world.cluster
    stale = _stale(world, cluster.desired_replicas)
    cluster.restart_pending[cluster.desired_replicas :] = False
    enough = min(cluster.desired_replicas, len(pods.phase)) - params.max_unavailable
    for slot in np.flatnonzero(stale).tolist():
        # One that serves goes only if enough others do; one that does not costs nothing.
        ready = np.count_nonzero(pods.phase == READY)
        if pods.phase[slot] != READY or ready - 1 >= enough:
            if pods.phase[slot] > PENDING:
                _say(params, sample, slot, "INFO", STOPPING)
            _remove(world, params, slot, sample)


def _remove(world: World, params: Params, slot: int, sample: Sample) -> None:
    """A pod goes; what it had in service it finishes on its way out, if it lives."""
    pods = world.replicas
    if nodes.dead(world, slot):
        server.fail(world.queue, params, slot, sample.t, sample)
    else:
        server.detach(world.queue, slot)
    world.cluster.restart_pending[slot] = False
    pods.phase[slot], pods.node[slot], pods.build[slot] = ABSENT, NOWHERE, world.cluster.build
    pods.restarts[slot] = pods.kills[slot] = pods.backoff[slot] = 0
    pods.release_memory(slot)


def _create(world: World, params: Params, slot: int, t: int, sample: Sample) -> None:
    """A pod is made, or waits for a node with room."""
    pods, request = world.replicas, params.memory_request
    refused = world.cluster.quota_refused
    why = quota.refusal(world, params) if pods.phase[slot] == ABSENT else ""
    if why:
        if slot not in refused:
            pod = f"{params.pods}-{slot}"
            text = f'Warning  FailedCreate  Error creating: pods "{pod}" is forbidden: {why}'
            _say(params, sample, slot, "WARNING", text)
        refused.add(slot)
        return
    refused.discard(slot)
    pods.build[slot] = world.cluster.build
    away = nodes.closed(world.cluster, params, t)
    if _place(pods, world.cluster.node_memory, request, slot, away):
        pods.phase[slot], pods.until[slot] = STARTING, t + params.start_up_ms
        text = f"Normal  Scheduled  Assigned to node-{pods.node[slot]}"
        _say(params, sample, slot, "INFO", text)
        _pass(world, params, slot, t)
    elif pods.phase[slot] != PENDING:
        pods.phase[slot] = PENDING
        reasons = [f"{n} node(s) {why}" for why, n in sorted(Counter(away.values()).items())]
        why = ", ".join([*reasons, "Insufficient memory"])
        count = len(world.cluster.node_memory)
        text = f"Warning  FailedScheduling  0/{count} nodes are available: {why}"
        _say(params, sample, slot, "WARNING", text)


def _place(
    pods: Replicas, node_memory: Floats, request: float, slot: int, away: Collection[int] = ()
) -> bool:
    """On the node, of those that are not away, of which the largest share stays free.

    By what pods promise to need today, as kube-scheduler's LeastAllocated scores nodes: pods
    spread, so that a node takes few of them with it.
    """
    placed = np.bincount(pods.node[pods.node >= 0], minlength=len(node_memory))
    free = node_memory - (placed + 1) * request
    free[list(away)] = -1.0
    best = int(np.argmax(free / node_memory))
    if free[best] < 0:
        return False
    pods.node[slot] = best
    return True


def _say(params: Params, sample: Sample, slot: int, level: str, text: str) -> None:
    sample.notes.append((f"{params.pods}-{slot}", level, text))
