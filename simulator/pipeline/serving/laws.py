"""Laws of the model server."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.pipeline.serving.balancing import ROUND_ROBIN
from simulator.pipeline.serving.batching import Batching
from simulator.pipeline.serving.gpu_memory import Room


@dataclass(frozen=True)
class LaneLaw:
    """How replicas with a line each get their requests."""

    balancing: str = ROUND_ROBIN
    batching: Batching = field(default_factory=Batching)
    most: tuple[int, ...] = ()  # requests in a batch, per replica, where that is bent or capped
    room: Room | None = None  # on the accelerators, in this tick; None for any number

    @property
    def plain(self) -> bool:
        """Whether one after the other goes to the next, as with one line while nobody waits."""
        alone = self.batching.max_size == 1 and not self.most and self.room is None
        return self.balancing == ROUND_ROBIN and alone
