"""The accelerator's memory, where replicas batch: the model's, and so much for every batch.

A request in service holds memory by its length, of which its work stands for the measure: a
longer sequence is more to compute and more to keep. A batch that does not fit beside those that
its replica has in service is answered with an error at once. The process lives on, and so do
its other batches: the runtime has refused an allocation, the kernel has killed nobody (that is
memory.py).

What a caching allocator holds back for later is not told apart from what is free.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.pipeline.traffic import ID, WORK
from simulator.pipeline.world import READY, STARTING
from simulator.streams import uniforms

if TYPE_CHECKING:
    from simulator.pipeline.world import Cluster, Floats, Params, Sample, World

GIB = 2.0**30


@dataclass(frozen=True)
class GpuLaw:
    """Bytes of the accelerator that each replica has to itself."""

    size: float
    base: float  # the model's weights and the runtime
    per_request: float  # of a request of mean work, while it is in service
    tokens: int = 0  # of its prompt, where that is told


class Refusal(NamedTuple):
    """The first batch of a tick that did not fit, in bytes."""

    tried: int
    free: int


class Room:
    """What the batches in service hold of each replica's accelerator, during one tick.

    Whole bytes, so that no sum depends on its order, nor therefore on the tick.

    Parameters
    ----------
    law : GpuLaw
    longer : list of float, per replica
        How many times as long its sequences are.

    Examples
    --------
    >>> room = Room(GpuLaw(size=100.0, base=40.0, per_request=20.0), [1.0])
    >>> room.takes([1.0, 1.5], 0, 10.0, 30.0), room.takes([0.6], 0, 20.0, 40.0)
    (True, False)
    >>> room.takes([0.6], 0, 30.0, 50.0), room.refused, room.first
    (True, [1], {0: Refusal(tried=12, free=10)})
    """

    def __init__(self, law: GpuLaw, longer: list[float]) -> None:
        self.law, self.longer = law, longer
        self.held: list[list[tuple[float, int]]] = [[] for _ in longer]  # until when, bytes
        self.refused = [0] * len(longer)  # requests
        self.first: dict[int, Refusal] = {}
        self.lengths: list[float] = []  # of all that came, in those of a request of mean work

    def bytes_of(self, works: Iterable[float], r: int) -> int:
        """What requests of so much work hold while a replica has them in service."""
        each = self.law.per_request * self.longer[r]
        return sum(int(each * work) for work in works)

    def hold(self, works: Iterable[float], r: int, leave: float) -> None:
        """Requests are in service until they leave."""
        self.held[r].append((leave, self.bytes_of(works, r)))

    def takes(self, works: list[float], r: int, now: float, leave: float) -> bool:
        """Whether a batch fits now; if so, it holds its memory until it leaves."""
        held = self.held[r] = [one for one in self.held[r] if one[0] > now]
        need = self.bytes_of(works, r)
        self.lengths += [self.longer[r] * work for work in works]
        free = int(self.law.size - self.law.base) - sum(size for _, size in held)
        if need > free:
            self.refused[r] += len(works)
            self.first.setdefault(r, Refusal(need, free))
            return False
        held.append((leave, need))
        return True


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
    for fault, share, factor in params.longer:
        chosen = uniforms(arrivals[:, ID], f"longer/{fault}", seed) < share
        arrivals[chosen, WORK] *= factor
        sample.hit(fault, int(np.count_nonzero(chosen)))


def begin(cluster: Cluster, params: Params) -> None:
    """How large batches may be in this tick, and the room for them; before `serving.serve`."""
    law = params.lanes
    if law is None or not (params.gpu or cluster.batch_cap):
        return
    usual = law.batching.max_size
    most, longer = np.full(params.slots, float(usual)), np.ones(params.slots)
    for _, pods, factor, length in params.batch_growth:
        most[pods] *= factor
        longer[pods] *= length
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
    for fault, pods, _, _ in params.batch_growth:
        sample.hit(fault, int(np.array(room.refused)[pods].sum()))
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
