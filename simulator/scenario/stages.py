"""The kinds of stages a pipeline is made of."""

from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from simulator.scenario.base import Frozen, Name, Positive, Text
from simulator.scenario.batching import Batching, GpuMemory
from simulator.scenario.client import CircuitBreaker, RetryBudget
from simulator.scenario.job import Job
from simulator.scenario.scaling import Autoscaler, Rollout, WarmUp
from simulator.scenario.service import Service
from simulator.scenario.stage import AnyStage
from simulator.scenario.training import Training
from simulator.source import Issue, raise_issues
from simulator.units import Count, Duration, Factor, Number, Rate, Ratio, Size, format_bytes

# Of all replicas together: a tick keeps a column for each.
MOST_PLACES = 1_000_000


class Source(AnyStage):
    """Where rows come from: a stream or a table that somebody else fills."""

    kind: Literal["source"]
    """What kind of stage it is."""
    credential: Name | None = None
    """The key it is read with; keys expire."""
    columns: tuple[Text, ...] = ()
    """The columns that come through it."""


class Ingest(AnyStage):
    """Reads the source and passes rows on."""

    kind: Literal["ingest"]
    """What kind of stage it is."""


class Rule(Frozen):
    """What rows must satisfy: one column, several together, or how many and how fresh they are."""

    rule: Name
    """Its name, a label of `ml_validation_failures_total`."""
    feature: Text | None = None
    """The column."""
    type: Literal["number", "integer", "category"] | None = None
    """What its values are: numbers, whole numbers, or levels of a category."""
    levels: tuple[Text, ...] | None = None
    """The values that it may have."""
    min: Number | None = None
    """The least value."""
    max: Number | None = None
    """The greatest value."""
    nulls: Ratio | None = None
    """The greatest share of missing values."""
    duplicates: Ratio | None = None
    """The greatest share of rows that repeat another one: its value, or without a feature all."""
    check: Text | None = None
    """What holds between columns, for example `depart <= arrive`; nulls break nothing."""
    freshness: Duration | None = None
    """The greatest age of the column, or without a feature of the newest row."""
    volume_min: Rate | None = None
    """The fewest rows."""
    volume_max: Rate | None = None
    """The most rows."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        wrongs = []
        says = {key for key in type(self).model_fields if getattr(self, key) is not None}
        if not says - {"rule", "feature"}:
            wrongs.append(Issue((), "says nothing; expected min, max, nulls, type or others"))
        if self.feature is None:
            text = "stands without feature: the column that it is about"
            about = says & {"type", "levels", "min", "max", "nulls"}
        else:
            text = "stands beside feature, but is about whole rows"
            about = says & {"check", "volume_min", "volume_max"}
        wrongs += [Issue((key,), text) for key in sorted(about)]
        for low, high in (("min", "max"), ("volume_min", "volume_max")):
            a, b = getattr(self, low), getattr(self, high)
            if a is not None and b is not None and a > b:
                wrongs.append(Issue((high,), f"given {b:g}, expected {a:g} ({low}) or more"))
        raise_issues(wrongs)
        return self


class Validate(AnyStage):
    """Looks at rows on their way and counts those that break a rule."""

    kind: Literal["validate"]
    """What kind of stage it is."""
    rules: tuple[Rule, ...] = ()
    """What rows must satisfy."""


class Features(AnyStage):
    """A feature view: columns in the online store, as fresh as the last materialization."""

    kind: Literal["features"]
    """What kind of stage it is."""
    columns: tuple[Text, ...] = Field(min_length=1)
    """Its columns."""
    ttl: Duration
    """Values older than this are not served."""
    changes_every: Duration
    """How long a value stays true in the world, on average."""


class Dependency(Frozen):
    """What serving asks before it can answer."""

    name: Name
    """What it is called."""
    mean: Duration
    """How long it takes on average."""
    owner: Name | None = None
    """The team that can mend it."""


class Memory(Frozen):
    """Memory of one replica."""

    base: Size
    """Taken at the start."""
    per_request: Size = 0
    """Taken by each request while it is served."""
    limit: Size
    """Above it the replica is killed (exit code 137)."""
    request: Size
    """What a node must promise to run it."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        limit = format_bytes(self.limit)
        raise_issues([
            Issue((key,), f"given {format_bytes(value)!r}, above limit ({limit})")
            for key in ("base", "request")
            if (value := getattr(self, key)) > self.limit
        ])  # fmt: skip
        return self


class Cpu(Frozen):
    """CPU of one replica. A limit is a quota in every 100 ms; who has used it up stands still."""

    # Kubernetes counts in thousandths of a core.
    limit: Annotated[Factor, Field(ge=0.001)]
    """Cores that it may use."""
    per_request: Annotated[Factor, Field(ge=0.001)] = 1.0
    """Cores that one request keeps busy while the model works for it."""


class Serving(AnyStage):
    """Answers requests online: replicas, each with places for requests, and a queue."""

    kind: Literal["serving"]
    """What kind of stage it is."""
    replicas: Positive
    """How many at the start."""
    replicas_max: Annotated[Positive, Field(le=1000)]
    """The most that may be ordered; the surge of a rollout comes on top."""
    concurrency: Annotated[Positive, Field(le=10_000)]
    """Requests that one replica serves at the same time."""
    queue: Count
    """Requests that may wait; further ones are turned away."""
    queues: Literal["shared", "per_replica"] = "shared"
    """One queue before all replicas, or one before each: then a request waits for its replica
    while another is idle, and `queue` is what each may hold."""
    balancing: Literal["round_robin", "random", "least_requests"] = "round_robin"
    """Which replica a request is sent to: in turn, any, or of any two the one with fewer
    requests inside (`per_replica` only)."""
    batching: Batching | None = None
    """How a replica collects requests into batches; one by one without."""
    timeout: Duration
    """How long a client waits."""
    retries: Annotated[Count, Field(le=50)] = 0
    """How often a client tries again."""
    retry_backoff: Duration = 100
    """How long a client waits before that; twice as long each time, give or take a half."""
    retry_budget: RetryBudget | None = None
    """How many retries all clients together may send; any number without one."""
    breaker: CircuitBreaker | None = None
    """A circuit breaker before all clients."""
    service: Service
    """The model's own work for one request."""
    dependency: Dependency | None = None
    """What it asks before it can answer."""
    start_up: Duration
    """How long a replica takes to start, until it is ready for requests."""
    warm_up: WarmUp | None = None
    """How it is slow after that."""
    autoscaler: Autoscaler | None = None
    """What adds and takes away replicas by itself."""
    rollout: Rollout = Rollout()
    """How the replicas of one build give way to those of the next."""
    build: Positive
    """The build of the server at the start."""
    memory: Memory
    """Memory of one replica."""
    cpu: Cpu | None = None
    """CPU of one replica; without it there is no limit, and no series of one."""
    gpu_memory: GpuMemory | None = None
    """Memory of a replica's accelerator (with `batching` only); without it every batch fits."""

    @model_validator(mode="after")
    def _room(self) -> Self:
        if self.replicas > self.replicas_max:
            text = f"given {self.replicas}, above replicas_max ({self.replicas_max})"
            raise_issues([Issue(("replicas",), text)])
        scaler = self.autoscaler
        if scaler is not None and scaler.max > self.replicas_max:
            text = f"given {scaler.max}, above replicas_max ({self.replicas_max})"
            raise_issues([Issue(("autoscaler", "max"), text)])
        return self

    @field_validator("timeout")
    @classmethod
    def _waits(cls, timeout: int) -> int:
        if timeout == 0:
            raise ValueError("given '0s', expected more: nobody would wait for an answer")
        return timeout

    @field_validator("concurrency")
    @classmethod
    def _countable(cls, concurrency: int, info: ValidationInfo) -> int:
        most = MOST_PLACES // info.data.get("replicas_max", 1)
        if concurrency > most:
            raise ValueError(f"given {concurrency}, expected {most} or less for so many replicas")
        return concurrency

    @model_validator(mode="after")
    def _queued(self) -> Self:
        """Whose turn it is, and batches, are there only where replicas have queues."""
        if self.queues == "shared" and self.balancing != "round_robin":
            text = "stands without `queues: per_replica`: one queue for all has nothing to balance"
            raise_issues([Issue(("balancing",), text)])
        if self.batching is not None:
            if self.queues == "shared":
                text = "stands without `queues: per_replica`: a replica collects its own batches"
                raise_issues([Issue(("batching",), text)])
            if self.batching.max_size > self.queue + 1:
                text = (
                    f"given {self.batching.max_size}, but queue ({self.queue}) lets no batch fill"
                )
                raise_issues([Issue(("batching", "max_size"), text)])
        elif self.gpu_memory is not None:
            text = "stands without `batching`: what does not fit is a batch"
            raise_issues([Issue(("gpu_memory",), text)])
        return self


Stage = Annotated[
    Source | Ingest | Validate | Features | Job | Training | Serving,
    Field(discriminator="kind"),
]
