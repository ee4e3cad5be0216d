"""The memory of an accelerator, as batches allocate it during one tick."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

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
