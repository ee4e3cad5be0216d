"""Laws of the model server."""

from dataclasses import dataclass, field

from simulator.pipeline.serving.balancing import ROUND_ROBIN
from simulator.pipeline.serving.batching import BatchingLaw
from simulator.pipeline.serving.gpu_memory import GpuAllocator


@dataclass(frozen=True)
class PerReplicaQueueing:
    """How replicas with a queue each get their requests."""

    balancing: str = ROUND_ROBIN
    batching: BatchingLaw = field(default_factory=BatchingLaw)
    batch_max: tuple[int, ...] = ()  # requests in a batch, per replica, where bent or capped
    gpu: GpuAllocator | None = None  # of this tick; None for unlimited memory

    @property
    def plain(self) -> bool:
        """Whether it is as one queue while nobody waits: round robin, without batches."""
        unbatched = self.batching.max_size == 1 and not self.batch_max and self.gpu is None
        return self.balancing == ROUND_ROBIN and unbatched


@dataclass(frozen=True)
class DependencyLaw:
    """What the load of its callers does to the service that every request reads from.

    See `dependency.py`.
    """

    concurrency: int  # reads that it works on at full speed; more of them share it
    others_rate: float = 0.0  # reads per second of callers outside the pipeline
    others_timeout_ms: float = 1000.0  # their patience
    finishes_abandoned: bool = False  # whether it works on for callers that have given up


@dataclass(frozen=True)
class CacheLaw:
    """A cache of features in the memory of each replica; see `feature_cache.py`."""

    hit_ratio: float  # when warm
    size: float  # requests after which it is warm to 1 - 1/e
    memory: float = 0.0  # bytes that it holds when it is full
