"""The accelerator's memory, where replicas batch: the model's, and so much for every batch.

A request in service holds memory by its length, of which its work stands for the measure: a
longer sequence is more to compute and more to keep. A batch that does not fit beside those that
its replica has in service is answered with an error at once. The process lives on, and so do
its other batches: the runtime has refused an allocation, the kernel has killed nobody (that is
memory.py).

What a caching allocator holds back for later is not told apart from what is free.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import ID, WORK
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving.gpu_memory import GIB, GpuLaw, Refusal, Room
from simulator.pipeline.world import READY, STARTING, Cluster, World
from simulator.streams import uniforms


def lengthen(params: Params, arrivals: Floats, seed: int, sample: Sample) -> None:
    """Make a share of the requests longer, before they are served.

    Parameters
    ----------
    params : Params
    arrivals : ndarray, shape (requests, traffic.COLUMNS)
        First attempts; their `WORK` is changed in place.
    seed : int
        Which requests these are depends on it and on their numbers.
    sample : Sample
        A fault is hit by every request that it makes longer.
    """
    for law in params.bends.longer_requests:
        chosen = uniforms(arrivals[:, ID], f"longer/{law.fault}", seed) < law.share
        arrivals[chosen, WORK] *= law.factor
        sample.hit(law.fault, int(np.count_nonzero(chosen)))


def begin(cluster: Cluster, params: Params) -> None:
    """How large batches may be in this tick, and the room for them; before `serving.serve`."""
    law = params.lanes
    if law is None or not (params.gpu or cluster.batch_cap):
        return
    usual = law.batching.max_size
    most, longer = np.full(params.slots, float(usual)), np.ones(params.slots)
    for growth in params.bends.batch_growth:
        most[growth.pods] *= growth.size
        longer[growth.pods] *= growth.length
    sizes = np.maximum(most.round(), 1.0).astype(np.int64)
    if cluster.batch_cap:
        sizes = np.minimum(sizes, cluster.batch_cap)
    params.lanes = replace(
        law,
        most=tuple(sizes.tolist()) if (sizes != usual).any() else (),
        room=Room(params.gpu, longer.tolist()) if params.gpu else None,
    )


def account(world: World, params: Params, sample: Sample) -> None:
    """Tell what the tick refused, and what is held at its end; after `serving.serve`."""
    room = params.lanes.room if params.lanes is not None else None
    if room is None:
        return
    world.cluster.gpu_used = used(world, params, room)
    if room.law.tokens:
        sample.tokens = np.maximum(1.0, np.rint(room.law.tokens * np.array(room.lengths)))
    for growth in params.bends.batch_growth:
        sample.hit(growth.fault, int(np.array(room.refused)[growth.pods].sum()))
    for r, refusal in sorted(room.first.items()):
        sample.notes.append((f"{params.pods}-{r}", "ERROR", _says(refusal, room.law)))


def used(world: World, params: Params, room: Room) -> Floats:
    """Bytes in use on the accelerator of each replica, shape (slots,)."""
    phase, queue = world.replicas.phase, world.queue
    held: Floats = room.law.base * ((phase == READY) | (phase == STARTING))
    works = queue.serving[:, WORK].tolist()
    for r, work in zip(queue.slot.tolist(), works, strict=True):
        if r >= 0:
            held[r] += room.bytes_of([work], r)
    return held


def _says(refusal: Refusal, law: GpuLaw) -> str:
    """As PyTorch says it."""
    tried, free, size = (n / GIB for n in (refusal.tried, refusal.free, law.size))
    return (
        f"torch.OutOfMemoryError: CUDA out of memory. Tried to allocate {tried:.2f} GiB. "
        f"GPU 0 has a total capacity of {size:.2f} GiB of which {free:.2f} GiB is free."
    )
