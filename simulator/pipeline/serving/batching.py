"""Batching: a replica answers several requests at once, as Triton's dynamic batcher does.

A batch leaves for a free slot when it is full, or when the oldest in it has waited so long.
Where there are preferred sizes, it leaves with the largest of them that is there, and with any
number, up to the most, once the oldest has waited enough.

Its first member needs all of its own work, every further one a share of its own: a batch of
b costs `service (1 - further + further b)` on average, a line in b as Inoue measured it. Its
members' feature reads are made side by side, so that it waits for the slowest. All members
leave together.

References
----------
Inoue, Y. (2021). Queueing analysis of GPU-based inference servers with dynamic batching: a
closed-form characterization. Performance Evaluation 147. His tau0 is `service (1 - further)`
and his alpha is `service further`.
https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/batcher.html
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.requests import DEPEND, WORK

# Columns of `Queue.batches`: draws of the whole batch, and its size, 0 for all but the first.
BATCH_WORK, BATCH_DEPEND, SIZE = range(3)


@dataclass(frozen=True)
class Batching:
    """How batches are collected, and what they cost."""

    max_size: int = 1
    max_wait_ms: float = 0.0  # for others to come, while a slot is free
    further: float = 1.0  # share of its own work that each but the first adds
    preferred: tuple[int, ...] = ()  # sizes, ascending

    def sizes(self, most: int) -> tuple[int, ...]:
        """With how many requests a batch need not wait for more, where `most` are allowed."""
        return tuple(size for size in self.preferred if size <= most) or (most,)

    def ready(self, waiting: int, sizes: tuple[int, ...], most: int, late: bool) -> int:
        """How many of those that wait leave for a free slot; 0 if they wait for others.

        Parameters
        ----------
        waiting : int
            One at least.
        sizes : tuple of int
            See `sizes`.
        most : int
        late : bool
            Whether the oldest has waited enough.

        Examples
        --------
        >>> law = Batching(8, max_wait_ms=5.0, preferred=(2, 4))
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
    """What requests need, as draws, and how long it takes to give it to them."""

    work: list[float]
    depend: list[float]
    service_ms: float
    dependency_ms: float
    speed: list[float]  # per replica

    def of(self, members: list[int], further: float) -> tuple[float, float]:
        """Work and feature read of a batch.

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
        """How long a replica takes."""
        return depend * self.dependency_ms + work * self.service_ms / self.speed[replica]


def alone(rows: Floats) -> Floats:
    """Requests that are batches of one, shape (requests, 3)."""
    return np.column_stack((rows[:, WORK], rows[:, DEPEND], np.ones(len(rows))))
