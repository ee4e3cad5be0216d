"""The kinds of stages of a pipeline."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from simulator.scenario.base import Flag, Frozen, Name, Positive, Text
from simulator.scenario.batching import Batching, GpuMemory
from simulator.scenario.called_service import Dependency, FeatureCache
from simulator.scenario.client import CircuitBreaker, RetryBudget
from simulator.scenario.job import Job
from simulator.scenario.scaling import Autoscaler, Rollout, WarmUp
from simulator.scenario.service import Service
from simulator.scenario.serving_pools import ServingPoolSpec
from simulator.scenario.stage import AnyStage
from simulator.scenario.training import Training
from simulator.source import Issue, raise_issues
from simulator.units import Count, Duration, Factor, Number, Rate, Ratio, Size, format_bytes

# Of all replicas together: a tick keeps a column for each.
MOST_PLACES = 1_000_000


class Source(AnyStage):
    """The source of rows: a stream or a table that another team fills."""

    kind: Literal["source"]
    """The kind of stage."""
    credential: Name | None = None
    """The credential for reading it; credentials expire."""
    columns: tuple[Text, ...] = ()
    """Its columns."""


class Ingest(AnyStage):
    """Reads rows from the source."""

    kind: Literal["ingest"]
    """The kind of stage."""


class Rule(Frozen):
    """A validation rule: on one column, on several, or on the number and age of rows."""

    rule: Name
    """Its name, a label of `ml_validation_failures_total`."""
    feature: Text | None = None
    """The column."""
    type: Literal["number", "integer", "category"] | None = None
    """The type of its values: numbers, whole numbers, or levels of a category."""
    levels: tuple[Text, ...] | None = None
    """The allowed values."""
    min: Number | None = None
    """The least value."""
    max: Number | None = None
    """The greatest value."""
    nulls: Ratio | None = None
    """The greatest share of missing values."""
    duplicates: Ratio | None = None
    """The greatest share of duplicate rows: of its value, or without a feature of all values."""
    check: Text | None = None
    """A condition on columns, for example `depart <= arrive`; nulls satisfy it."""
    freshness: Duration | None = None
    """The greatest age of the column, or without a feature of the newest row."""
    volume_min: Rate | None = None
    """The lowest rate of rows."""
    volume_max: Rate | None = None
    """The highest rate of rows."""

    @model_validator(mode="after")
    def _check_fields(self) -> Self:
        issues = []
        fields = {key for key in type(self).model_fields if getattr(self, key) is not None}
        if not fields - {"rule", "feature"}:
            issues.append(Issue((), "says nothing; expected min, max, nulls, type or others"))
        if self.feature is None:
            text = "stands without feature: the column that it is about"
            misplaced = fields & {"type", "levels", "min", "max", "nulls"}
        else:
            text = "stands beside feature, but is about whole rows"
            misplaced = fields & {"check", "volume_min", "volume_max"}
        issues += [Issue((key,), text) for key in sorted(misplaced)]
        for low, high in (("min", "max"), ("volume_min", "volume_max")):
            a, b = getattr(self, low), getattr(self, high)
            if a is not None and b is not None and a > b:
                issues.append(Issue((high,), f"given {b:g}, expected {a:g} ({low}) or more"))
        raise_issues(issues)
        return self


class Validate(AnyStage):
    """Validates rows and counts those that violate a rule."""

    kind: Literal["validate"]
    """The kind of stage."""
    rules: tuple[Rule, ...] = ()
    """The rules."""


class Features(AnyStage):
    """A feature view: columns in the online store, as fresh as the last materialization."""

    kind: Literal["features"]
    """The kind of stage."""
    columns: tuple[Text, ...] = Field(min_length=1)
    """Its columns."""
    ttl: Duration
    """Values older than this are not served."""
    changes_every: Duration
    """The mean time until a value changes in the world."""
    snapshots: Annotated[Count, Field(le=1000)] = 24
    """The newest materialization runs that leave a snapshot each, to pin or to restore."""
    keeps_newer: Flag = True
    """Whether a run for older data leaves newer values as they are; else it overwrites them."""


class Memory(Frozen):
    """Memory of one replica."""

    base: Size
    """Used at the start."""
    per_request: Size = 0
    """Used by each request in service."""
    limit: Size
    """Above it the replica is killed (exit code 137)."""
    request: Size
    """Reserved on its node (a Kubernetes request)."""

    @model_validator(mode="after")
    def _check_fits(self) -> Self:
        limit = format_bytes(self.limit)
        raise_issues([
            Issue((key,), f"given {format_bytes(value)!r}, above limit ({limit})")
            for key in ("base", "request")
            if (value := getattr(self, key)) > self.limit
        ])  # fmt: skip
        return self


class Cpu(Frozen):
    """CPU of one replica. The limit is a quota per 100 ms; above it the replica is throttled."""

    # Kubernetes counts in thousandths of a core.
    limit: Annotated[Factor, Field(ge=0.001)]
    """The limit in cores."""
    per_request: Annotated[Factor, Field(ge=0.001)] = 1.0
    """Cores that one request uses while the model computes."""


class Serving(AnyStage):
    """Serves requests online: replicas with slots for requests, and a queue."""

    kind: Literal["serving"]
    """The kind of stage."""
    replicas: Positive
    """The number of replicas at the start."""
    replicas_max: Annotated[Positive, Field(le=1000)]
    """The most replicas that can be ordered, without the surge of a rollout."""
    concurrency: Annotated[Positive, Field(le=10_000)]
    """Requests that one replica serves at the same time."""
    queue: Count
    """The capacity of the queue; further requests are rejected."""
    queues: Literal["shared", "per_replica"] = "shared"
    """One queue for all replicas, or one for each: then a request waits for its replica while
    another is idle, and `queue` is the capacity of each."""
    balancing: Literal["round_robin", "random", "least_requests"] = "round_robin"
    """How a request's replica is chosen: in turn, at random, or of two random ones the one with
    fewer requests (`per_replica` only)."""
    batching: Batching | None = None
    """Dynamic batching; without it requests are served one by one."""
    timeout: Duration
    """The timeout of clients."""
    retries: Annotated[Count, Field(le=50)] = 0
    """The number of retries of a client."""
    retry_backoff: Duration = 100
    """The wait before the first retry; it doubles each time, with jitter of half of it."""
    retry_budget: RetryBudget | None = None
    """The retry budget of all clients together; unlimited without one."""
    breaker: CircuitBreaker | None = None
    """A circuit breaker shared by all clients."""
    service: Service
    """The model's own work for one request."""
    dependency: Dependency | None = None
    """A service that it calls for every request."""
    cache: FeatureCache | None = None
    """A cache of its features in each replica (with `dependency` only)."""
    start_up: Duration
    """The time until a new replica is ready."""
    warm_up: WarmUp | None = None
    """The slow phase after the start."""
    autoscaler: Autoscaler | None = None
    """The autoscaler."""
    rollout: Rollout = Rollout()
    """How a new build replaces the replicas of the old one."""
    build: Positive
    """The build of the server at the start."""
    memory: Memory
    """Memory of one replica."""
    cpu: Cpu | None = None
    """CPU of one replica; without it there is no limit, and no series of one."""
    pools: Mapping[Name, ServingPoolSpec] = {}
    """Further pools of replicas, which get requests when somebody orders it."""
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

    @model_validator(mode="after")
    def _read(self) -> Self:
        if self.cache is not None and self.dependency is None:
            text = "stands without `dependency`: nothing is read"
            raise_issues([Issue(("cache",), text)])
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
        """Balancing and batching need a queue per replica."""
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
    Source | Ingest | Validate | Features | Job | Training | Serving, Field(discriminator="kind")
]
