"""Segments: a tick is cut wherever the replicas that serve in it change.

A pod becomes ready at its own time, and the kernel kills one at the moment at which it passes its
limit, wherever the grid lies. Serving is exact for any length, so a tick is cut there, and the
results do not depend on the length of ticks. In nearly every tick nothing of the kind can happen:
it is one segment.
"""

import copy
from dataclasses import replace

from simulator.pipeline.arrays import Floats
from simulator.pipeline.cluster import deployment, memory
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import SINCE
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving import feature_cache, server
from simulator.pipeline.serving.laws import PerReplicaQueueing
from simulator.pipeline.serving.server import Served
from simulator.pipeline.world import Queue, World


def serve(world: World, params: Params, arrivals: Floats, sample: Sample) -> Served:
    """Serve one tick; pods become ready, leak and are killed in it, each to the millisecond.

    Comes after `deployment.step`, which applies what is due at the begin of the tick. Arrivals,
    shape (requests, COLUMNS), are ordered by `SINCE`; the sample gets the sums over all segments.
    """
    t, end = sample.t, sample.t + sample.dt
    until = deployment.next_due(world, t, end)
    if until == end and not memory.may_run_out(world, params, end - t):
        return _serve(world, params, arrivals, sample)

    parts: list[tuple[Sample, Served]] = []
    while True:
        part, served = _segment(world, params, arrivals, Sample(t, until - t, sample.weight))
        parts.append((part, served))
        t = part.t + part.dt
        if t == end:
            break
        deployment.advance_phases(world, params, t)
        until = deployment.next_due(world, t, end)
    for part, _ in parts:
        sample.add(part)
    return server.concatenate([served for _, served in parts])


def _segment(world: World, params: Params, arrivals: Floats, part: Sample) -> tuple[Sample, Served]:
    """Serve a segment, or its beginning up to a kill for memory that is found in it."""
    t, end = part.t, part.t + part.dt
    first, last = arrivals[:, SINCE].searchsorted((t, end))
    if not memory.may_run_out(world, params, part.dt):
        return part, _serve(world, params, arrivals[first:last], part)
    backup, pods = _backup(world.queue, params), copy.copy(world.replicas)
    served = _serve(world, params, arrivals[first:last], part)
    # What a cache takes up within the segment is some entries: nothing beside a request.
    kept = pods.leaked + feature_cache.memory_held(params.feature_cache, pods.warmth)
    at, killed = memory.next_memory_kill(world, params, served.occupancy, kept, (t, end))
    if at < end:
        # Once more, up to the kill: after it other replicas serve than were assumed.
        (world.queue, params.per_replica), world.replicas = backup, pods
        part = Sample(t, at - t, part.weight)
        last = arrivals[:, SINCE].searchsorted(at)
        served = _serve(world, params, arrivals[first:last], part)
    for slot in killed:
        memory.kill(world, params, slot, at, part)
    return part, served


def _serve(world: World, params: Params, arrivals: Floats, part: Sample) -> Served:
    served = server.serve(world, params, arrivals, part)
    if params.feature_cache is not None:
        feature_cache.warm(world.replicas, served, part.weight)
    memory.step(world, params, served, part)
    return served


def _backup(queue: Queue, params: Params) -> tuple[Queue, PerReplicaQueueing | None]:
    """Copies of what serving changes in place; all other columns are made anew by it."""
    per_replica = params.per_replica
    if per_replica is not None and per_replica.gpu is not None:
        per_replica = replace(per_replica, gpu=copy.deepcopy(per_replica.gpu))
    guard = copy.deepcopy(queue.guard)
    return replace(queue, leaves=queue.leaves.copy(), guard=guard), per_replica
