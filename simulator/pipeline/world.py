"""The facts of a pipeline and the laws that move them: the columns of the simulation.

`World` holds facts: what is deployed, what waits, what leaked, what was learnt. Only
`step` and actions write them. `Params` holds laws: how fast, how much, how often. They
are folded afresh from the base at every tick and bent by the faults that bite then, so
that nothing has to be put back when a fault ends.

Times are int milliseconds from the start of the scenario (history lies before 0), inside
a tick float milliseconds. Sizes are bytes, rates per second.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.guard import Guard
from simulator.pipeline.job_runs import JobColumns
from simulator.pipeline.trainings import Trainings
from simulator.pipeline.watching import Watching

if TYPE_CHECKING:
    from simulator.pipeline.autoscaler import Autoscaler
    from simulator.pipeline.cpu import Cores
    from simulator.pipeline.data import LabelLaw, MixLaw, Pool, RowLaw
    from simulator.pipeline.disk import VolumeLaw
    from simulator.pipeline.distributions import Distribution
    from simulator.pipeline.features import Behind
    from simulator.pipeline.fleet import FleetLaw
    from simulator.pipeline.gpu import GpuLaw
    from simulator.pipeline.guard import Breaker, Budget
    from simulator.pipeline.jobs import JobLaw
    from simulator.pipeline.lanes import LaneLaw
    from simulator.pipeline.learner import Learner, Predictor
    from simulator.pipeline.pools import PoolLaw
    from simulator.pipeline.quota import QuotaLaw
    from simulator.pipeline.recording import Recording
    from simulator.pipeline.traffic import Burst
    from simulator.pipeline.trainings import TrainingLaw

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Phases of a replica, in the order in which a pod passes through them; a LOST one's node is
# silent.
ABSENT, PENDING, STARTING, READY, BACKOFF, LOST = range(6)


@dataclass
class Replicas:
    """The pods of the model server, one slot each, as columns of shape (slots,)."""

    phase: NDArray[np.int8]
    until: Ints  # ms at which STARTING or BACKOFF ends
    build: Ints  # build of the serving code in this pod
    resident: Floats  # bytes held by the process
    leaked: Floats  # of these, bytes that will never be given back
    restarts: Ints  # container restarts since the pod exists
    kills: Ints  # of these, kills for memory (exit code 137)
    backoff: Ints  # ms that the next crash will wait: none, then 10 s doubling to 300 s
    ready_at: Ints  # ms since when READY (a crash-free spell resets the back-off)
    node: Ints  # node that the pod is placed on, -1 for none

    def free(self, slots: int | Ints) -> None:
        """Processes end, and with them goes all that they held."""
        self.resident[slots] = self.leaked[slots] = 0.0


@dataclass
class Scaling:
    """What the autoscaler remembers."""

    used_ms: float = 0.0  # slot time used since the last sync
    ready_ms: float = 0.0  # slot time that ready pods had
    asked: list[tuple[int, int]] = field(default_factory=list)  # when, how many pods
    changed: list[tuple[int, int]] = field(default_factory=list)  # when, how many more


@dataclass
class Cluster:
    """Nodes and what was asked of them."""

    wanted: int  # replicas asked for
    build: int  # build of the serving code that a new pod gets
    restart_wanted: NDArray[np.bool_]  # pods that a rolling restart has still to replace
    node_memory: Floats  # bytes a node can promise, shape (nodes,)
    scaling: Scaling = field(default_factory=Scaling)  # what the autoscaler remembers
    down: dict[int, int] = field(default_factory=dict)  # silent node -> since when, ms
    cordoned: set[int] = field(default_factory=set)  # nodes that get no more pods
    draining: set[int] = field(default_factory=set)  # of these, nodes whose pods are evicted
    others: dict[str, float] = field(
        default_factory=dict
    )  # resource -> what they have of the quota
    refused: set[int] = field(default_factory=set)  # pods that the quota does not allow
    cores: Cores | None = None  # what its pods have had, where they have a limit
    batch_cap: int = 0  # requests in a batch that were allowed by hand; 0 for no such limit
    # bytes in use on the accelerator of each replica, shape (slots,), where that is declared
    gpu_used: Floats = field(default_factory=lambda: np.zeros(0))


@dataclass
class Queue:
    """Requests inside the model server at the end of a tick, one row a request.

    Columns are those of `traffic.COLUMNS`; `leaves` is in float ms, `slot` the replica, or
    -1 where the pod was taken away and finishes what it had begun. A client whose `UNTIL`
    has passed is gone, and its request in service is work for nobody.
    """

    waiting: Floats  # shape (waiting, columns)
    serving: Floats  # shape (in service, columns)
    leaves: Floats  # when each request in service will leave, at today's speed
    slot: Ints
    retrying: Floats  # attempts after which the client tries again, in a later tick
    retry_at: Floats
    turn: int  # attempts so far: replicas take them in turn
    pace: tuple[float, float, Floats]  # service_ms, dependency_ms, speed behind `leaves`
    guard: Guard = field(default_factory=Guard)  # where the clients' budget and breaker stand
    # The replica in whose line each of `waiting` is, where each has one: -1 after it went.
    lane: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    # And the batch of each in service there, shape (in service, 3): see batching.py.
    batches: Floats = field(default_factory=lambda: np.empty((0, 3)))


@dataclass
class Store:
    """The online feature store, one entry a feature view."""

    through: dict[str, int]  # ms: event time up to which a view is materialized
    laws: dict[str, tuple[RowLaw, ...]]  # how the rows read by that materialization were bent
    written: dict[str, int]  # rows written so far
    # of each view, what its last run did not bring: fault, share of the entities, and the
    # event time (ms) up to which theirs are known
    behind: dict[str, tuple[tuple[str, float, int], ...]] = field(default_factory=dict)


@dataclass
class RowLog:
    """The offline store: a sample of scored rows as they were served, in a ring."""

    at: Ints  # ms of the prediction
    id: Floats  # of its request: the name of the row's own dice
    rows: Floats  # shape (rows, features), as served: nulls are NaN
    score: Floats
    label: NDArray[np.int8]
    label_at: Ints  # ms at which the label is known
    kept: NDArray[np.bool_]  # false for quarantined rows
    bent: NDArray[np.bool_]  # whether a fault bit on the row: truth, for grading only
    canary: NDArray[np.bool_]  # answered by the canary
    next: int = 0


@dataclass
class Labels:
    """Labels on their way back: counts by the minute in which they arrive, in a ring."""

    total: Floats
    correct: Floats
    positive: Floats
    lag: Floats  # sum of lags, ms
    arrived: Floats  # totals so far: labels, correct, positive, lag
    joined_through: int = 0  # ms up to which the label join has run


@dataclass
class Releases:
    """What is deployed and what it replaced: aliases of models, builds of code."""

    model: int  # version under the alias champion
    former_models: list[int]
    build: dict[str, int]  # component -> build of its code
    former_builds: dict[str, list[int]]
    builds: dict[str, set[int]]  # that there are: deployed once, so that they can be again
    paused: bool = False
    canary: int = 0  # version that a share of the requests is answered by; 0 for none
    canary_share: float = 0.0
    loaded: int = 0  # version that the servers hold: the champion, unless they cannot pull it


@dataclass
class World:
    """Every fact of the pipeline. A copy is another world (see `clone`)."""

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
    versions: dict[int, Predictor]  # the registry: models by version
    trained: dict[int, Mapping[str, Any]]  # of each version: window, rows, accuracy, gate
    quarantined: dict[str, tuple[float, float]]  # feature -> range that may pass
    birth: int  # ms at which the versions from before the drill were trained
    trainings: Trainings = field(default_factory=Trainings)
    volumes: dict[str, float] = field(default_factory=dict)  # bytes that are taken of each

    def clone(self) -> World:
        """An independent copy; models are immutable and shared."""
        versions, self.versions = self.versions, {}
        try:
            other = copy.deepcopy(self)
        finally:
            self.versions = versions
        other.versions = dict(versions)
        return other


@dataclass
class Params:
    """The laws of one tick. `fresh` makes those of the next from the base."""

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
    dependency_ms: float  # mean time of the feature read, inside the service
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
    # bent by faults, empty in the base
    speed: Floats = field(default_factory=lambda: np.ones(0))  # per replica, shape (slots,)
    errors: Floats = field(default_factory=lambda: np.zeros(0))  # share of answers that are 500
    spoils: list[tuple[str, Bools]] = field(default_factory=list)  # fault, pods that so answer
    slows: list[tuple[str, Bools]] = field(default_factory=list)  # fault, pods that it slows
    # fault, pods, bytes that each of them loses a second, and with every request
    memory_leaks: list[tuple[str, Bools, float, float]] = field(default_factory=list)
    surges: list[tuple[str, float]] = field(default_factory=list)  # fault, more requests per s
    longer: list[tuple[str, float, float]] = field(default_factory=list)  # fault, share, times
    mix: list[MixLaw] = field(default_factory=list)  # who asks
    rows: list[RowLaw] = field(default_factory=list)  # what the source says of them
    # what the serving code of these pods, shape (slots,), makes of that
    skew: list[tuple[Bools, RowLaw]] = field(default_factory=list)
    truth: list[LabelLaw] = field(default_factory=list)  # what really becomes of them
    recorded: list[Recording] = field(default_factory=list)  # what is recorded of that, and when
    behind: list[Behind] = field(default_factory=list)  # what materialization runs do not bring
    copies: list[tuple[str, float, int]] = field(default_factory=list)  # fault, share, times
    leaks: list[tuple[str, int, float, float]] = field(default_factory=list)
    swapped: list[tuple[str, float]] = field(default_factory=list)  # fault, share of the requests
    unpulled: list[tuple[str, Bools]] = field(default_factory=list)  # fault, pods
    poison: list[tuple[str, float, int]] = field(default_factory=list)  # fault, share, label
    # job -> what refuses its attempts: the fault, and the error that they end with
    job_fails: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    job_stuck: set[str] = field(default_factory=set)  # jobs whose schedule starts nothing
    missing: list[tuple[str, str]] = field(default_factory=list)  # fault, source without rows
    # fault, pool, slots of it that others hold
    pool_taken: list[tuple[str, str, int]] = field(default_factory=list)
    quota_taken: list[tuple[str, float]] = field(default_factory=list)  # fault, share of it
    volume_fill: list[tuple[str, str, float]] = field(default_factory=list)  # fault, volume, B/s
    no_space: dict[str, str] = field(default_factory=dict)  # job or store -> the error it gets
    scheduler_down: bool = False
    nodes_down: list[tuple[str, int]] = field(default_factory=list)  # fault, node that is silent
    # fault, the pods that it cuts, shape (slots,), how many times lower their limit is
    cpu_cuts: list[tuple[str, Bools, float]] = field(default_factory=list)
    # fault, pods, how many times as large their batches may be, as long their sequences are
    batch_growth: list[tuple[str, Bools, float, float]] = field(default_factory=list)
    node_failures: dict[int, float] = field(default_factory=dict)  # node -> times as often
    node_slower: dict[int, float] = field(default_factory=dict)  # node -> times as long a step
    node_hangs: list[tuple[str, int]] = field(default_factory=list)  # fault, node
    # training stage -> the faults that spoil writes, each with its share
    checkpoint_fails: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    # (unit of work, fault): a fault has landed once a tick counts such a unit, which it does
    # only where the law made the difference
    touches: list[tuple[str, str]] = field(default_factory=list)
    watching: Watching = field(default_factory=Watching)  # how well the team's eyes work

    @property
    def replicas_max(self) -> int:
        """How many replicas may be asked for: a rollout's surge comes on top."""
        return self.slots - self.max_surge

    def fresh(self) -> Params:
        """The unbent laws again: scalars copied, lists and arrays new."""
        # copy.copy goes through pickling's protocol and takes 20 µs, ten times as long.
        other = object.__new__(Params)
        other.__dict__.update(self.__dict__)
        other.speed, other.errors = np.ones(self.slots), np.zeros(self.slots)
        other.spoils, other.slows, other.memory_leaks = [], [], []
        other.surges, other.mix, other.rows, other.skew, other.truth = [], [], [], [], []
        other.recorded, other.behind, other.copies, other.leaks = [], [], [], []
        other.swapped, other.unpulled, other.poison = [], [], []
        other.job_fails, other.job_stuck, other.touches = {}, set(), []
        other.missing, other.pool_taken = [], []
        other.node_failures, other.node_hangs, other.checkpoint_fails = {}, [], {}
        other.quota_taken, other.node_slower = [], {}
        other.nodes_down, other.cpu_cuts, other.volume_fill, other.no_space = [], [], [], {}
        other.batch_growth, other.longer, other.watching = [], [], Watching()
        return other


@dataclass
class Sample:
    """What one tick did: counts, and columns where a distribution matters."""

    t: int
    dt: int
    weight: int = 1  # how many of its like each request stands for: history lives in slices
    arrived: int = 0  # attempts, retries included
    served: int = 0  # answered inside the client's patience
    shed: int = 0  # refused: queue full or no replica
    timed_out: int = 0  # given up by the client, waiting or in service
    failed: int = 0  # answered with an error, or lost with a killed replica
    kept_away: int = 0  # of the shed, those that the clients' breaker answered
    handled: int = 0  # requests that left a slot, whoever still waited for them
    executed: int = 0  # batches that did; a request by itself is one
    spared: int = 0  # further attempts that the clients' budget did not allow: never sent
    latency_ms: Floats = field(default_factory=lambda: np.zeros(0))  # of the served
    predict_ms: Floats = field(default_factory=lambda: np.zeros(0))  # model's part, of the served
    dependency_ms: Floats = field(default_factory=lambda: np.zeros(0))  # feature read's part
    slot: Ints = field(default_factory=lambda: np.zeros(0, np.int64))  # replica of each served
    # prompt lengths of what reached an accelerator, where they are told
    tokens: Floats = field(default_factory=lambda: np.zeros(0))
    busy_ms: Floats = field(default_factory=lambda: np.zeros(0))  # slot time used, per replica
    scored: int = 0  # predictions served
    correct: int = 0  # of these, right in truth
    fresh: int = 0  # feature reads by outcome
    null: int = 0
    outside_max_age: int = 0
    units: dict[str, int] = field(default_factory=dict)  # work done, by kind
    hits: dict[str, int] = field(default_factory=dict)  # fault -> units it bit on
    notes: list[tuple[str, str, str]] = field(default_factory=list)  # component, level, text

    def add(self, part: Sample) -> None:
        """Take in what a stretch of the tick did."""
        for name in vars(part).keys() - {"t", "dt", "weight"}:
            mine, value = getattr(self, name), getattr(part, name)
            if isinstance(value, dict):
                for key, units in value.items():
                    mine[key] = mine.get(key, 0) + units
            elif name == "busy_ms":
                self.busy_ms = mine + value if len(mine) else value
            elif isinstance(value, np.ndarray):
                setattr(self, name, np.concatenate((mine, value)))
            else:
                setattr(self, name, mine + value)

    def hit(self, fault: str, units: int | np.integer) -> None:
        """Count units of work on which a fault bit."""
        if units:
            self.hits[fault] = self.hits.get(fault, 0) + int(units)
