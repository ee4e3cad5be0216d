"""The laws of a tick: how fast, how much, how often.

`Params` is folded afresh from the base at every tick; faults bend `Params.bends`, so that nothing
has to be put back when a fault ends. Times are int ms from the start of the scenario (history
lies before 0), inside a tick float ms. Sizes are bytes, rates per second.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.pipeline.arrays import Floats
from simulator.pipeline.bends import Bends
from simulator.pipeline.cluster.laws import Autoscaler, QuotaLaw, VolumeLaw
from simulator.pipeline.jobs.laws import JobLaw, PoolLaw
from simulator.pipeline.long_training.fleet import FleetLaw
from simulator.pipeline.long_training.training_runs import TrainingLaw
from simulator.pipeline.model.learner import Learner
from simulator.pipeline.rows import Pool
from simulator.pipeline.serving.client_guard import Breaker, Budget
from simulator.pipeline.serving.gpu_memory import GpuLaw
from simulator.pipeline.serving.laws import LaneLaw
from simulator.pipeline.traffic.distributions import Distribution
from simulator.pipeline.traffic.laws import Burst


@dataclass
class Params:
    """The laws of one tick. `unbent` makes those of the next from the base."""

    # data and traffic
    pool: Pool
    rate: float  # requests per second at profile 1
    profile: Floats  # multiplier by hour of day, shape (24,)
    start_ms_of_day: int  # time of day, in ms, at time 0
    # serving
    slots: int  # replicas that can exist at most, those of a surge too
    concurrency: int  # requests that one replica serves at a time
    queue_cap: int  # requests that may wait (in each line); more are shed with 503
    timeout_ms: float  # patience of a client
    retries: int  # further attempts of a client
    retry_backoff_ms: float
    service_ms: float  # mean work of a request
    work: Distribution  # how that differs between requests
    feature_read_ms: float  # mean time of the feature read where nothing slows it
    start_up_ms: int
    # memory, bytes
    memory_base: float
    memory_per_request: float  # while in service
    memory_limit: float
    memory_request: float  # what a pod promises to need on its node
    # features: views by name -> (columns, ttl in ms, mean ms between changes of a value)
    views: dict[str, tuple[tuple[int, ...], int, int]]
    logged_per_minute: int
    jobs: tuple[JobLaw, ...]
    # training
    train_window: int  # ms of rows that a retrain reads
    train_rows: int  # labelled rows it needs at least
    holdout: float  # share of those that only evaluate, more than 0 and less than 1
    gate: float  # least advantage in accuracy over the champion, may be negative
    learner: Learner | None = None  # what fits a version; the logistic regression if it is None
    canary_share: float = 0.0  # of requests, for a version that passed its gate; 0 for all
    pods: str = "serving"  # what the pods of the model server are called, before their number
    bursts: tuple[Burst, ...] = ()  # when the base is more or less than the profile says
    # A recording that stands for the base while it lasts: from, until, times; all in ms.
    trace: tuple[int, int, Floats] | None = None
    fleet: FleetLaw | None = None  # the machines that train, and what trains on them
    trainings: tuple[TrainingLaw, ...] = ()
    pools: tuple[PoolLaw, ...] = ()
    volumes: tuple[VolumeLaw, ...] = ()
    budget: Budget | None = None  # of the clients' retries
    breaker: Breaker | None = None  # before all clients
    lanes: LaneLaw | None = None  # each replica has a line of its own
    gpu: GpuLaw | None = None  # and memory of an accelerator for its batches
    # how pods are replaced, and how many there are
    max_surge: int = 0  # pods that a rollout may add for its time
    max_unavailable: int = 1  # pods that may be missing for its sake
    warm_up_ms: int = 0  # how long a pod that is ready is still slow
    warm_up_factor: float = 1.0  # how many times as long its requests take then
    autoscaler: Autoscaler | None = None
    # when a node that is silent is taken for lost, and how long its pods then stay: Kubernetes'
    # defaults (node-monitor-grace-period to 1.31, and the toleration that every pod gets)
    node_grace_ms: int = 40_000
    eviction_ms: int = 300_000
    quota: QuotaLaw | None = None  # of the namespace
    cpu_limit: float = 0.0  # cores that a pod may use; 0 for any number
    cpu_per_request: float = 1.0  # cores, while it computes
    bends: Bends = field(default_factory=lambda: Bends.none(0))

    @property
    def replicas_max(self) -> int:
        """How many replicas may be asked for: a rollout's surge comes on top."""
        return self.slots - self.max_surge

    @property
    def dependency_ms(self) -> float:
        """Mean time of the feature read, inside the service."""
        return self.feature_read_ms * self.bends.dependency_factor

    def unbent(self) -> Params:
        """The laws of the next tick, with no bends yet."""
        # As `replace(self, bends=...)`, which takes 20 us, ten times as long.
        other = object.__new__(Params)
        other.__dict__.update(self.__dict__)
        other.bends = Bends.none(self.slots)
        return other
