"""The accelerators of the replicas during a tick: longer requests, batch sizes, memory in use."""

from dataclasses import replace

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import ID, WORK
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving.gpu_memory import GIB, AllocationFailure, GpuAllocator
from simulator.pipeline.world import READY, STARTING, World
from simulator.streams import uniforms


def lengthen(params: Params, arrivals: Floats, seed: int, sample: Sample) -> None:
    """Make a share of the requests longer, before they are served.

    Changes `WORK` of the arrivals, shape (requests, COLUMNS), in place.
    """
    for law in params.bends.longer_requests:
        chosen = uniforms(arrivals[:, ID], f"longer/{law.fault}", seed) < law.share
        arrivals[chosen, WORK] *= law.factor
        sample.hit(law.fault, int(np.count_nonzero(chosen)))


def begin(world: World, params: Params) -> None:
    """Set the tick's batch sizes and its memory allocator; before `server.serve`."""
    law, cluster = params.per_replica, world.cluster
    if law is None or not (params.gpu or cluster.batch_cap):
        return
    usual = law.batching.max_size
    batch_max, lengths = np.full(params.slots, float(usual)), np.ones(params.slots)
    for growth in params.bends.batch_growth:
        batch_max[growth.pods] *= growth.size
        lengths[growth.pods] *= growth.length
    memory = world.replicas.limits.accelerator.tolist()
    sizes = np.maximum(batch_max.round(), 1.0).astype(np.int64)
    if cluster.batch_cap:
        sizes = np.minimum(sizes, cluster.batch_cap)
    params.per_replica = replace(
        law,
        batch_max=tuple(sizes.tolist()) if (sizes != usual).any() else (),
        gpu=GpuAllocator(params.gpu, lengths.tolist(), memory) if params.gpu else None,
    )


def account(world: World, params: Params, sample: Sample) -> None:
    """Log failed allocations of the tick, and the memory in use at its end; after serving."""
    gpu = params.per_replica.gpu if params.per_replica is not None else None
    if gpu is None:
        return
    world.cluster.gpu_used = used(world, params, gpu)
    if gpu.law.tokens:
        sample.tokens = np.maximum(1.0, np.rint(gpu.law.tokens * np.array(gpu.lengths)))
    for growth in params.bends.batch_growth:
        sample.hit(growth.fault, int(np.array(gpu.refused)[growth.pods].sum()))
    for r, failure in sorted(gpu.first_failures.items()):
        sample.notes.append((f"{params.pods}-{r}", "ERROR", _out_of_memory(failure, gpu.sizes[r])))


def used(world: World, params: Params, gpu: GpuAllocator) -> Floats:
    """Bytes in use on the accelerator of each replica, shape (slots,)."""
    phase, queue = world.replicas.phase, world.queue
    held: Floats = gpu.law.base * ((phase == READY) | (phase == STARTING))
    works = queue.serving[:, WORK].tolist()
    for r, work in zip(queue.slot.tolist(), works, strict=True):
        if r >= 0:
            held[r] += gpu.bytes_of([work], r)
    return held


def _out_of_memory(failure: AllocationFailure, total: float) -> str:
    """The error in PyTorch's words."""
    requested, free, size = (n / GIB for n in (failure.requested, failure.free, total))
    return (
        f"torch.OutOfMemoryError: CUDA out of memory. Tried to allocate {requested:.2f} GiB. "
        f"GPU 0 has a total capacity of {size:.2f} GiB of which {free:.2f} GiB is free."
    )
