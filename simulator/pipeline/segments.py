"""Stretches: a tick is lived in as many as there are changes of who serves in it.

A pod gets ready at its own time, and the kernel kills one at the moment at which it passes its
limit, wherever the grid lies. Serving is exact for any length, so that a tick is cut there,
and what happens depends on the tick no more than on who looks. In nearly every tick nothing of
the kind can happen: it is one stretch.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from simulator.pipeline.arrays import Floats
from simulator.pipeline.cluster import deployment, memory
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import SINCE
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving import server
from simulator.pipeline.serving.laws import LaneLaw
from simulator.pipeline.serving.server import Served
from simulator.pipeline.world import Queue, World


def serve(world: World, params: Params, arrivals: Floats, sample: Sample) -> Served:
    """Serve one tick; pods get ready, leak and are killed in it, each to the millisecond.

    Comes after `deployment.step`, which is about what holds at the begin of the tick.

    Parameters
    ----------
    world : World
        `queue` and `replicas` are moved to the end of the tick.
    params : Params
    arrivals : ndarray, shape (requests, traffic.COLUMNS), by `SINCE`
    sample : Sample
        Gets what `server.serve` and `memory` tell of all stretches together.
    """
    t, end = sample.t, sample.t + sample.dt
    until = deployment.next_due(world, t, end)
    if until == end and not memory.may_run_out(world, params, end - t):
        return _live(world, params, arrivals, sample)

    parts: list[tuple[Sample, Served]] = []
    while True:
        part, served = _stretch(world, params, arrivals, Sample(t, until - t, sample.weight))
        parts.append((part, served))
        t = part.t + part.dt
        if t == end:
            break
        deployment.pass_on(world, params, t)
        until = deployment.next_due(world, t, end)
    for part, _ in parts:
        sample.add(part)
    return server.joined([served for _, served in parts])


def _stretch(world: World, params: Params, arrivals: Floats, part: Sample) -> tuple[Sample, Served]:
    """A stretch, or the first of it up to a kill; it may turn out that somebody is killed."""
    t, end = part.t, part.t + part.dt
    first, last = arrivals[:, SINCE].searchsorted((t, end))
    if not memory.may_run_out(world, params, part.dt):
        return part, _live(world, params, arrivals[first:last], part)
    kept, leaked = _kept(world.queue, params), world.replicas.leaked
    served = _live(world, params, arrivals[first:last], part)
    at, over = memory.passes(world, params, served.stays, leaked, (t, end))
    if at < end:
        # Once more, up to there: later, others serve than were thought to.
        (world.queue, params.lanes), world.replicas.leaked = kept, leaked
        part = Sample(t, at - t, part.weight)
        last = arrivals[:, SINCE].searchsorted(at)
        served = _live(world, params, arrivals[first:last], part)
    for slot in over:
        memory.kill(world, params, slot, at, part)
    return part, served


def _live(world: World, params: Params, arrivals: Floats, part: Sample) -> Served:
    served = server.serve(world, params, arrivals, part)
    memory.step(world, params, served, part)
    return served


def _kept(queue: Queue, params: Params) -> tuple[Queue, LaneLaw | None]:
    """What serving changes in place, as it stands; the columns else are made anew."""
    lanes: Any = params.lanes
    if lanes is not None and lanes.room is not None:
        lanes = replace(lanes, room=copy.deepcopy(lanes.room))
    return replace(queue, leaves=queue.leaves.copy(), guard=copy.deepcopy(queue.guard)), lanes
