"""Batching: a replica answers several requests at once, as Triton's dynamic batcher does.

A batch takes a free slot when it is full, or when its oldest request has waited for the maximum
wait. With preferred sizes, it takes a slot at the largest of them that is reached, and at any
size, up to the maximum, once the oldest has waited enough.

Its first request costs all of its own work, every further one a share of its own: a batch of b
costs `service (1 - further + further b)` on average, linear in b as Inoue measured it. The feature
reads of its requests are concurrent, so that it waits for the slowest. All leave together.

References
----------
Inoue, Y. (2021). Queueing analysis of GPU-based inference servers with dynamic batching: a
closed-form characterization. Performance Evaluation 147. His tau0 is `service (1 - further)`
and his alpha is `service further`.
https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/batcher.html
"""

from dataclasses import dataclass
from math import inf

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.requests import DEPEND, WORK

# Columns of `Queue.batches`: draws of the whole batch, and its size, 0 for all but its first row.
BATCH_WORK, BATCH_DEPEND, SIZE = range(3)


@dataclass(frozen=True)
class BatchingLaw:
    """How batches are collected, and their cost."""

    max_size: int = 1
    max_wait_ms: float = 0.0  # for further requests, while a slot is free
    further: float = 1.0  # share of its own work that each request but the first adds
    preferred: tuple[int, ...] = ()  # sizes, ascending

    def sizes(self, most: int) -> tuple[int, ...]:
        """Sizes at which a batch need not wait for more, where `most` requests are allowed."""
        return tuple(size for size in self.preferred if size <= most) or (most,)

    def ready(self, waiting: int, sizes: tuple[int, ...], most: int, late: bool) -> int:
        """How many of the waiting requests take a free slot; 0 if they wait for more.

        Parameters
        ----------
        waiting : int
            At least one.
        sizes : tuple of int
            See `sizes`.
        late : bool
            Whether the oldest has waited enough.

        Examples
        --------
        >>> law = BatchingLaw(8, max_wait_ms=5.0, preferred=(2, 4))
        >>> [law.ready(n, law.sizes(8), 8, False) for n in (1, 2, 3, 7, 9)]
        [0, 2, 2, 4, 4]
        >>> [law.ready(n, law.sizes(8), 8, True) for n in (1, 2, 3, 7, 9)]
        [1, 2, 3, 7, 8]
        """
        if waiting < sizes[0]:
            return waiting if late else 0
        if late and self.max_wait_ms > 0.0:
            return min(waiting, most)
        return max(size for size in sizes if size <= waiting)


@dataclass(frozen=True)
class Needs:
    """The work of requests, as draws, and the service time that follows from it."""

    work: list[float]
    depend: list[float]
    service_ms: float
    dependency_ms: float
    speed: list[float]  # per replica
    read_limit_ms: float = inf

    def of(self, members: list[int], further: float) -> tuple[float, float]:
        """Work and feature read of a batch, as draws.

        Examples
        --------
        >>> needs = Needs([1.0, 2.0, 0.5], [0.1, 0.3, 0.2], 100.0, 10.0, [1.0, 0.5])
        >>> needs.of([1], 0.5), needs.of([1, 0, 2], 0.5)
        ((2.0, 0.3), (2.75, 0.3))
        >>> needs.ms(2.75, 0.3, 1)
        553.0
        """
        work, depend = self.work[members[0]], self.depend[members[0]]
        for k in members[1:]:
            work += further * self.work[k]
            depend = max(depend, self.depend[k])
        return work, depend

    def ms(self, work: float, depend: float, replica: int) -> float:
        """The service time on a replica."""
        read = min(depend * self.dependency_ms, self.read_limit_ms)
        return read + work * self.service_ms / self.speed[replica]


def batches_of_one(rows: Floats) -> Floats:
    """Requests served without a batch, as columns of `Queue.batches`, shape (requests, 3)."""
    return np.column_stack((rows[:, WORK], rows[:, DEPEND], np.ones(len(rows))))
