"""The laws of a tick: how fast, how much, how often.

`Params` is folded afresh from the base at every tick; faults bend `Params.bends`, so that nothing
has to be put back when a fault ends. Times are int ms from the start of the scenario (history
lies before 0), inside a tick float ms. Sizes are bytes, rates per second.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from simulator.pipeline.arrays import Bools, Floats
from simulator.pipeline.cluster.laws import Autoscaler, QuotaLaw, VolumeLaw
from simulator.pipeline.jobs.laws import JobLaw, PoolLaw
from simulator.pipeline.long_training.fleet import FleetLaw
from simulator.pipeline.long_training.training_runs import TrainingLaw
from simulator.pipeline.model.label_recording import Recording
from simulator.pipeline.model.learner import Learner
from simulator.pipeline.monitoring import Watching
from simulator.pipeline.rows import LabelLaw, MixLaw, Pool, RowLaw
from simulator.pipeline.serving.client_guard import Breaker, Budget
from simulator.pipeline.serving.gpu_memory import GpuLaw
from simulator.pipeline.serving.laws import LaneLaw
from simulator.pipeline.traffic.distributions import Distribution
from simulator.pipeline.traffic.laws import Burst


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


@dataclass(frozen=True)
class Behind:
    """A share of the entities whose rows a materialization run does not bring.

    Attributes
    ----------
    fault : str
    views : tuple of str
    share : float
    ms : int
        How far what is known of them lies behind the run.
    cap : int, optional
        Of a file that ends: the rows that a run gets at most. `share` is of those beyond.
    """

    fault: str
    views: tuple[str, ...]
    share: float
    ms: int
    cap: int | None = None

    def misses(self, rows: int) -> float:
        """The share of the entities of which a run that covers so many rows brings nothing.

        Examples
        --------
        >>> half = Behind("cap", ("view",), 1.0, 0, cap=500)
        >>> half.misses(400), half.misses(1000), half.misses(2000)
        (0.0, 0.5, 0.75)
        """
        beyond = 1.0 if self.cap is None else max(0, rows - self.cap) / max(1, rows)
        return self.share * beyond
