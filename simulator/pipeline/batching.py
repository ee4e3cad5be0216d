"""Batching: a replica answers several requests at once, as Triton's dynamic batcher does.

A batch leaves for a free slot when it is full, or when the oldest in it has waited so long.
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
from typing import TYPE_CHECKING

import numpy as np

from simulator.pipeline.traffic import DEPEND, WORK

if TYPE_CHECKING:
    from simulator.pipeline.world import Floats

# Columns of `Queue.batches`: draws of the whole batch, and its size, 0 for all but the first.
BATCH_WORK, BATCH_DEPEND, SIZE = range(3)


@dataclass(frozen=True)
class Batching:
    """How batches are collected, and what they cost."""

    max_size: int = 1
    max_wait_ms: float = 0.0  # for others to come, while a slot is free
    further: float = 1.0  # share of its own work that each but the first adds


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
