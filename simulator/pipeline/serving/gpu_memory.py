"""The memory of an accelerator, as batches allocate it during one tick.

A request in service holds memory by its length, which is measured by its work: a longer sequence
is more to compute and more to keep. A batch that does not fit beside those that its replica has
in service is answered with an error at once. The process lives on, and so do its other batches:
the runtime has refused an allocation, the kernel has killed nobody (that is cluster/memory.py).

Memory that a caching allocator reserves counts as free.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

GIB = 2.0**30


@dataclass(frozen=True)
class GpuLaw:
    """Bytes of the accelerator that each replica has to itself."""

    size: float  # at the start
    base: float  # the model's weights and the runtime
    per_request: float  # of a request of mean work, while it is in service
    tokens: int = 0  # prompt length of a request of mean work, 0 for unknown


class AllocationFailure(NamedTuple):
    """The first batch of a tick that did not fit, in bytes."""

    requested: int
    free: int


class GpuAllocator:
    """Allocations of the batches in service on each replica's accelerator, during one tick.

    In whole bytes, so that no sum depends on its order, nor therefore on the tick.

    Parameters
    ----------
    length_factors : list of float, per replica
        Times as long as usual its sequences are.
    sizes : list of float, per replica
        Bytes of its accelerator.

    Examples
    --------
    >>> gpu = GpuAllocator(GpuLaw(size=100.0, base=40.0, per_request=20.0), [1.0], [100.0])
    >>> gpu.allocate([1.0, 1.5], 0, 10.0, 30.0), gpu.allocate([0.6], 0, 20.0, 40.0)
    (True, False)
    >>> gpu.allocate([0.6], 0, 30.0, 50.0), gpu.refused, gpu.first_failures
    (True, [1], {0: AllocationFailure(requested=12, free=10)})
    """

    def __init__(self, law: GpuLaw, length_factors: list[float], sizes: list[float]) -> None:
        self.law, self.length_factors, self.sizes = law, length_factors, sizes
        self.held: list[list[tuple[float, int]]] = [[] for _ in length_factors]  # until, bytes
        self.refused = [0] * len(length_factors)  # requests
        self.first_failures: dict[int, AllocationFailure] = {}
        self.lengths: list[float] = []  # of all requests; 1 for mean work

    def bytes_of(self, works: Iterable[float], r: int) -> int:
        """Bytes that requests of so much work hold while a replica has them in service."""
        per_work = self.law.per_request * self.length_factors[r]
        return sum(int(per_work * work) for work in works)

    def hold(self, works: Iterable[float], r: int, leave: float) -> None:
        """Allocate for requests that are in service already."""
        self.held[r].append((leave, self.bytes_of(works, r)))

    def allocate(self, works: list[float], r: int, now: float, leave: float) -> bool:
        """Allocate for a batch until it leaves; False if it does not fit."""
        held = self.held[r] = [block for block in self.held[r] if block[0] > now]
        need = self.bytes_of(works, r)
        self.lengths += [self.length_factors[r] * work for work in works]
        free = int(self.sizes[r] - self.law.base) - sum(size for _, size in held)
        if need > free:
            self.refused[r] += len(works)
            self.first_failures.setdefault(r, AllocationFailure(need, free))
            return False
        held.append((leave, need))
        return True
