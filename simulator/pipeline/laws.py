"""The laws of a tick: how fast, how much, how often.

`Params` is made anew from the base at every tick, and faults bend its `bends`, so that nothing has
to be put back when a fault ends. Times are int ms from the start of the scenario (history
lies before 0), inside a tick float ms. Sizes are bytes, rates per second.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, inf

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.bends import Bends
from simulator.pipeline.cluster.laws import AutoscalerLaw, MachineLaw, QuotaLaw, VolumeLaw
from simulator.pipeline.jobs.laws import JobLaw, PoolLaw
from simulator.pipeline.long_training.fleet import FleetLaw
from simulator.pipeline.long_training.training_runs import TrainingLaw
from simulator.pipeline.model.learner import LOGISTIC, Learner
from simulator.pipeline.model.view_states import ViewLaw
from simulator.pipeline.rows import RowPool
from simulator.pipeline.serving.client_guard import CircuitBreakerLaw, RetryBudgetLaw
from simulator.pipeline.serving.gpu_memory import GpuLaw
from simulator.pipeline.serving.laws import CacheLaw, DependencyLaw, PerReplicaQueueing
from simulator.pipeline.traffic.distributions import Distribution
from simulator.pipeline.traffic.laws import Burst
from simulator.pipeline.traffic.verdicts import Verdicts


@dataclass
class Params:
    """The laws of one tick. `unbent` makes those of the next from the base."""

    # data and traffic
    pool: RowPool
    rate: float  # requests per second at profile 1
    profile: Floats  # multiplier by hour of day, shape (24,)
    start_ms_of_day: int  # time of day, in ms, at time 0
    # serving
    slots: int  # most replicas that can exist, those of a surge included
    concurrency: int  # requests that one replica serves at a time
    queue_cap: int  # requests that may wait (in each queue); more are shed with 503
    timeout_ms: float  # patience of a client
    retries: int  # further attempts of a client
    retry_backoff_ms: float
    service_ms: float  # mean work of a request
    work: Distribution  # of the work of a request around its mean
    start_up_ms: int
    # memory, bytes
    memory_base: float
    memory_per_request: float  # while in service
    memory_limit: float
    memory_request: float  # of a pod on its node
    # features: views by name -> (columns, ttl in ms, mean ms between changes of a value)
    views: dict[str, tuple[tuple[int, ...], int, int]]
    logged_per_minute: int
    jobs: tuple[JobLaw, ...]
    # training
    train_window: int  # ms of rows that a retrain reads
    train_rows: int  # fewest labelled rows that it needs
    holdout: float  # share of those that only evaluate, more than 0 and less than 1
    gate: float  # smallest gain in accuracy over the champion, may be negative
    precision_gate: float | None = None  # smallest gain in precision, where the gate compares it
    learner: Learner = LOGISTIC  # fits a version
    canary_share: float = 0.0  # of requests, for a version that passed its gate; 0 for all
    threshold: float = 0.5  # probability above which a prediction is positive, as declared
    view_laws: dict[str, ViewLaw] = field(default_factory=dict)  # of the online store, by view
    pods: str = "serving"  # name of the model server's pods, before their number
    bursts: tuple[Burst, ...] = ()  # times at which the base is more or less than the profile
    # A recording that replaces the base while it lasts: from, until, times; all in ms.
    trace: tuple[int, int, Floats] | None = None
    classes: tuple[tuple[str, float], ...] = ()  # of requests: name and share
    verdicts: Verdicts | None = None  # of the gateway in this tick; None if all pass
    fleet: FleetLaw | None = None  # the machines of long training runs
    trainings: tuple[TrainingLaw, ...] = ()
    pools: tuple[PoolLaw, ...] = ()
    volumes: tuple[VolumeLaw, ...] = ()
    retry_budget: RetryBudgetLaw | None = None  # of the clients
    circuit_breaker: CircuitBreakerLaw | None = None  # one before all clients
    per_replica: PerReplicaQueueing | None = None  # where each replica has its own queue
    gpu: GpuLaw | None = None  # memory of an accelerator for its batches
    feature_read_ms: float = 0.0  # mean time of the feature read where nothing slows it
    dependency: DependencyLaw | None = None  # where the load of its callers slows it
    feature_cache: CacheLaw | None = None  # in each replica, before the feature read
    # Of a tick, from the facts at its beginning:
    read_stretch: float = 1.0  # times as long a read takes for the load of the dependency
    read_limit_ms: float = inf  # the server waits no longer for a read
    read_share: float = 1.0  # of the requests read at all; the others hit their cache
    # replacement and number of pods
    max_surge: int = 0  # pods that a rollout may add while it lasts
    max_unavailable: int = 1  # pods that may be missing during a rollout
    warm_up_ms: int = 0  # time for which a ready pod is still slow
    warm_up_factor: float = 1.0  # times as long its requests take in that time
    autoscaler: AutoscalerLaw | None = None
    # when a silent node counts as lost, and how long its pods then stay: Kubernetes' defaults
    # (node-monitor-grace-period up to 1.31, and the toleration that every pod gets)
    node_grace_ms: int = 40_000
    eviction_ms: int = 300_000
    quota: QuotaLaw | None = None  # of the namespace
    machines: MachineLaw = field(default_factory=MachineLaw)
    cpu_limit: float = 0.0  # cores of a pod; 0 for no limit
    cpu_per_request: float = 1.0  # cores, while it computes
    nodes: str = "node"  # name of its nodes, before their number
    serving_pools: dict[str, Params] = field(default_factory=dict)  # by name, as `World.pools`
    bends: Bends = field(default_factory=lambda: Bends.none(0))

    @property
    def replicas_max(self) -> int:
        """The most replicas that may be ordered: a rollout's surge comes on top."""
        return self.slots - self.max_surge

    @property
    def dependency_ms(self) -> float:
        """Mean time of the feature read in this tick."""
        return self.feature_read_ms * self.bends.dependency_factor * self.read_stretch

    @property
    def mean_read_ms(self) -> float:
        """Mean time that a request waits for its feature read in this tick."""
        return self.read_share * mean_wait(self.dependency_ms, self.read_limit_ms)

    def read_times(self, depend: Floats) -> Floats:
        """The times for which requests with these draws wait for their feature read."""
        times = depend * self.dependency_ms
        return times if self.read_limit_ms == inf else np.minimum(times, self.read_limit_ms)

    def unbent(self) -> Params:
        """The laws of the next tick, with no bends yet."""
        # As `replace(self, bends=...)`, which takes 20 us, ten times as long.
        other = object.__new__(Params)
        other.__dict__.update(self.__dict__)
        other.bends = Bends.none(self.slots)
        if self.serving_pools:
            pools = self.serving_pools.items()
            other.serving_pools = {name: params.unbent() for name, params in pools}
        return other


def mean_wait(mean_ms: float, limit_ms: float) -> float:
    """The mean time that a caller with a time limit waits for an exponential read.

    Examples
    --------
    >>> mean_wait(100.0, inf), round(mean_wait(100.0, 50.0), 3), mean_wait(100.0, 0.0)
    (100.0, 39.347, 0.0)
    """
    if limit_ms == inf or mean_ms == 0.0:
        return mean_ms
    return mean_ms * (1.0 - exp(-limit_ms / mean_ms))
