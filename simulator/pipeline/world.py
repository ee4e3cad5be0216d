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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.cluster.cpu import Cores
from simulator.pipeline.jobs.job_runs import JobColumns
from simulator.pipeline.long_training.training_runs import Trainings
from simulator.pipeline.model.learner import Predictor
from simulator.pipeline.rows import RowLaw
from simulator.pipeline.serving.client_guard import Guard

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
