"""The facts of a pipeline: what is deployed, what waits, what leaked, what was learnt.

Only `step` and actions write a `World`. Times are int milliseconds from the start of the
scenario (history lies before 0), inside a tick float milliseconds. Sizes are bytes.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Bools, Floats, Ints
from simulator.pipeline.cluster.cpu import CpuUse
from simulator.pipeline.cluster.limits import PodLimitColumns, PodLimits
from simulator.pipeline.jobs.job_runs import JobColumns
from simulator.pipeline.long_training.training_runs import Trainings
from simulator.pipeline.model.learner import Predictor
from simulator.pipeline.model.tuning import Tuning
from simulator.pipeline.model.view_states import ViewState
from simulator.pipeline.rows import RowLaw
from simulator.pipeline.serving.client_guard import GuardState
from simulator.pipeline.serving.dependency import DependencyLoad
from simulator.pipeline.traffic.gateway import Gateway

# Phases of a replica, in the order in which a pod passes through them. LOST: its node is silent.
ABSENT, PENDING, STARTING, READY, BACKOFF, LOST = range(6)


@dataclass
class Replicas:
    """The pods of the model server, one slot each, as columns of shape (slots,)."""

    phase: NDArray[np.int8]
    until: Ints  # ms at which STARTING or BACKOFF ends
    build: Ints  # build of the serving code in this pod
    resident: Floats  # bytes held by the process
    leaked: Floats  # of these, bytes that the process never gives back
    restarts: Ints  # container restarts of the pod
    kills: Ints  # of these, kills for memory (exit code 137)
    backoff: Ints  # ms that the next crash will wait: none, then 10 s doubling to 300 s
    ready_at: Ints  # ms since when READY (a crash-free spell resets the back-off)
    node: Ints  # node that the pod is placed on, -1 for none
    # The feature cache of the process, where there is one: requests that warmed it; its hits and
    # misses so far.
    warmth: Floats
    cache_hits: Floats
    cache_misses: Floats
    limits: PodLimitColumns

    def release_memory(self, slots: int | Ints) -> None:
        """Free the memory of processes that have ended."""
        self.resident[slots] = self.leaked[slots] = 0.0
        self.warmth[slots] = self.cache_hits[slots] = self.cache_misses[slots] = 0.0


@dataclass
class AutoscalerState:
    """What the autoscaler remembers."""

    used_ms: float = 0.0  # slot time used since the last sync
    ready_ms: float = 0.0  # slot time of the ready pods since the last sync
    recommendations: list[tuple[int, int]] = field(default_factory=list)  # when, how many pods
    rescales: list[tuple[int, int]] = field(default_factory=list)  # when, how many more pods


@dataclass
class Cluster:
    """Nodes, and what was ordered of them."""

    desired_replicas: int
    build: int  # build of the serving code of a new pod
    restart_pending: Bools  # pods that a rolling restart has still to replace, shape (slots,)
    node_memory: Floats  # allocatable bytes, shape (nodes,)
    limits: PodLimits  # of a new pod
    autoscaler: AutoscalerState = field(default_factory=AutoscalerState)
    down: dict[int, int] = field(default_factory=dict)  # silent node -> since when, ms
    cordoned: set[int] = field(default_factory=set)  # nodes that get no more pods
    draining: set[int] = field(default_factory=set)  # of these, nodes whose pods are evicted
    nodes_ordered: int = 0  # that are not ready yet
    short_of_memory: dict[int, int] = field(default_factory=dict)  # node -> when last, ms
    quota_used_by_others: dict[str, float] = field(default_factory=dict)  # by resource
    quota_refused: set[int] = field(default_factory=set)  # pods that the quota does not allow
    cpu: CpuUse | None = None  # where pods have a CPU limit
    batch_cap: int = 0  # largest batch allowed by hand; 0 for no limit
    # bytes in use on the accelerator of each replica, shape (slots,), where that is declared
    gpu_used: Floats = field(default_factory=lambda: np.zeros(0))


@dataclass
class Queue:
    """Requests inside the model server at the end of a tick, one row a request.

    Columns are those of `requests`; `leaves` is in float ms, `slot` the replica, or -1 where the
    pod was removed and finishes its requests. A client whose `UNTIL` has passed is gone, and the
    server works for nobody.
    """

    waiting: Floats  # shape (waiting, COLUMNS)
    serving: Floats  # shape (in service, COLUMNS)
    leaves: Floats  # departure of each request in service, at today's speed
    slot: Ints
    retrying: Floats  # attempts that clients will repeat in a later tick
    retry_at: Floats
    round_robin_next: int  # attempts dealt out so far
    # Laws behind `leaves`: service_ms, dependency_ms, read_limit_ms, speed.
    timed_with: tuple[float, float, float, Floats]
    guard: GuardState = field(default_factory=GuardState)  # retry budget and circuit breaker
    # Replica in whose queue each of `waiting` is, where each has one; -1 after its pod went.
    waiting_at: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    # Batch of each request in service there, shape (in service, 3): see serving/batching.py.
    batches: Floats = field(default_factory=lambda: np.empty((0, 3)))


@dataclass
class ServingPool:
    """Further replicas of the model server beside the main ones: pods, nodes and a queue.

    `World` itself holds those of the main pool, under the same names.
    """

    replicas: Replicas
    cluster: Cluster
    queue: Queue
    declared_replicas: int  # desired while nobody orders another number
    declared_share: float = 0.0  # of the requests, while nobody orders another
    share: float = 0.0  # of the requests that go here; the main pool gets what is left


@dataclass
class Store:
    """The online feature store, one entry a feature view."""

    through: dict[str, int]  # ms: event time up to which a view is materialized
    row_laws: dict[str, tuple[RowLaw, ...]]  # bends of the rows read by that materialization
    written: dict[str, int]  # rows written so far
    # what the last run of each view did not bring: fault, share of the entities, and the event
    # time (ms) up to which their values are known
    incomplete: dict[str, tuple[tuple[str, float, int], ...]] = field(default_factory=dict)
    snapshots: dict[str, list[ViewState]] = field(default_factory=dict)  # oldest first
    pinned: dict[str, ViewState] = field(default_factory=dict)  # what reads get instead


@dataclass
class LogReplay:
    """Lost rows of the offline store that are read again: those scored in (since, until], ms."""

    since: int  # grows as it goes
    until: int


@dataclass
class RowLog:
    """The offline store: a sample of scored rows as they were served, in a ring."""

    at: Ints  # ms of the prediction
    id: Floats  # of its request, which names the row's own random draws
    rows: Floats  # shape (rows, features), as served: nulls are NaN
    score: Floats
    positive: Bools  # the decision at the threshold of that time
    label: NDArray[np.int8]
    label_at: Ints  # ms at which the label is known
    truth: NDArray[np.int8]  # the true label at that time
    source_row: Ints  # of the pool, from which it can be read again; -1 for unknown
    kept: Bools  # false for quarantined rows
    lost: Bools  # since the store was restored to a state before them
    bent: Bools  # whether a fault changed the row: ground truth, for grading only
    canary: Bools  # answered by the canary
    newest_lost: int | None = None  # ms, of the rows that were ever lost
    next: int = 0
    replays: list[LogReplay] = field(default_factory=list)


@dataclass
class Labels:
    """Labels on their way back: counts by the minute in which they arrive, in a ring."""

    total: Floats
    correct: Floats
    positive: Floats
    true_positive: Floats  # positive labels that were predicted
    lag: Floats  # sum of lags, ms
    arrived: Floats  # totals so far of these columns, in their order
    joined_through: int = 0  # ms up to which the label join has run


@dataclass
class Releases:
    """What is deployed and what it replaced: aliases of models, builds of code."""

    model: int  # version under the alias champion
    former_models: list[int]
    build: dict[str, int]  # component -> build of its code
    former_builds: dict[str, list[int]]
    builds: dict[str, set[int]]  # builds that were deployed once, and can be again
    paused: bool = False
    canary: int = 0  # version that answers a share of the requests; 0 for none
    canary_share: float = 0.0
    loaded: int = 0  # version in the servers' memory: the champion, unless they cannot pull it


@dataclass
class World:
    """Every fact of the pipeline. `clone` makes an independent one."""

    now: int
    revision: dict[str, int]  # of what others run, monitoring too: a fix raises it
    releases: Releases
    replicas: Replicas
    cluster: Cluster
    queue: Queue
    store: Store
    log: RowLog
    labels: Labels
    jobs: JobColumns
    versions: dict[int, Predictor]  # the model registry
    trained: dict[int, Mapping[str, Any]]  # by version: window, rows, accuracy, gate
    quarantined: dict[str, tuple[float, float]]  # feature -> range that may pass
    initial_training_at: int  # ms at which the versions from before the drill were trained
    tuning: Tuning = field(default_factory=Tuning)
    trainings: Trainings = field(default_factory=Trainings)
    volumes: dict[str, float] = field(default_factory=dict)  # bytes used of each volume
    dependency: DependencyLoad = field(default_factory=DependencyLoad)
    pools: dict[str, ServingPool] = field(default_factory=dict)  # beside the main one, by name
    gateway: Gateway = field(default_factory=Gateway)  # before the model server

    def clone(self) -> Self:
        """An independent copy; models are immutable and shared."""
        versions, self.versions = self.versions, {}
        try:
            other = copy.deepcopy(self)
        finally:
            self.versions = versions
        other.versions = dict(versions)
        return other
