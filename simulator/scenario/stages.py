"""The kinds of stages a pipeline is made of."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulator.scenario.base import Clock, Frozen, Name, Positive, Text
from simulator.source import Wrong, refuse
from simulator.units import Count, Duration, Number, Rate, Ratio, Size, say_bytes, say_ms


class AnyStage(Frozen):
    """What every stage has."""

    after: tuple[Name, ...] = ()
    """The stages that come before it."""
    owner: Name | None = None
    """The team that can mend it."""
    plays: Text | None = None
    """The real system whose names its metrics and logs carry: kafka, feast, airflow, kserve."""


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
            wrongs.append(Wrong((), "says nothing; expected min, max, nulls, type or others"))
        if self.feature is None:
            text = "stands without feature: the column that it is about"
            about = says & {"type", "levels", "min", "max", "nulls"}
        else:
            text = "stands beside feature, but is about whole rows"
            about = says & {"check", "volume_min", "volume_max"}
        wrongs += [Wrong((key,), text) for key in sorted(about)]
        for low, high in (("min", "max"), ("volume_min", "volume_max")):
            a, b = getattr(self, low), getattr(self, high)
            if a is not None and b is not None and a > b:
                wrongs.append(Wrong((high,), f"given {b:g}, expected {a:g} ({low}) or more"))
        refuse(wrongs)
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


class Job(AnyStage):
    """One job of the batch graph, run on a schedule or after others."""

    kind: Literal["job"]
    """What kind of stage it is."""
    does: Literal["materialize", "label_join", "train", "evaluate", "release"]
    """What a run of it does."""
    view: Name | None = None
    """The feature view that it fills (`materialize` only)."""
    every: Duration | None = None
    """How often a run starts."""
    daily_at: Clock | None = None
    """The time of day at which a run starts."""
    duration: Duration
    """How long a run takes."""
    retries: Count = 0
    """How often a failed run is tried again."""
    retry_delay: Duration = 60_000
    """How long it waits before that."""
    timeout: Duration | None = None
    """A run that takes longer is stopped, and has failed."""
    needs: tuple[Name, ...] = ()
    """Stages whose data a run reads."""
    credential: Name | None = None
    """The key a run uses; keys expire."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        wrongs = []
        if self.every is not None and self.daily_at is not None:
            wrongs.append(Wrong(("daily_at",), "stands beside every; a job has one schedule"))
        if self.every == 0:
            wrongs.append(Wrong(("every",), "given '0s', expected more"))
        if self.timeout is not None and self.timeout <= self.duration:
            text = f"given {say_ms(self.timeout)!r}: no run of {say_ms(self.duration)} would end"
            wrongs.append(Wrong(("timeout",), text))
        if (self.does == "materialize") != (self.view is not None):
            text = (
                "is missing: the feature view it fills"
                if self.view is None
                else "only materialize has a view"
            )
            wrongs.append(Wrong(("view",), text))
        refuse(wrongs)
        return self


class Service(Frozen):
    """The model's own work for one request, lognormal."""

    mean: Duration
    """On average."""
    sigma: Annotated[Number, Field(ge=0, le=3)] = 0.5
    """Standard deviation of its logarithm."""


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
        refuse([
            Wrong((key,), f"given {say_bytes(value)!r}, above limit ({say_bytes(self.limit)})")
            for key in ("base", "request")
            if (value := getattr(self, key)) > self.limit
        ])  # fmt: skip
        return self


class Serving(AnyStage):
    """Answers requests online: replicas, each with places for requests, and a queue."""

    kind: Literal["serving"]
    """What kind of stage it is."""
    replicas: Positive
    """How many at the start."""
    replicas_max: Positive
    """The most that may be ordered."""
    concurrency: Positive
    """Requests that one replica serves at the same time."""
    queue: Count
    """Requests that may wait; further ones are turned away."""
    timeout: Duration
    """How long a client waits."""
    retries: Count = 0
    """How often a client tries again."""
    retry_backoff: Duration = 100
    """How long a client waits before that."""
    service: Service
    """The model's own work for one request."""
    dependency: Dependency | None = None
    """What it asks before it can answer."""
    start_up: Duration
    """How long a replica takes to start."""
    build: Positive
    """The build of the server at the start."""
    memory: Memory
    """Memory of one replica."""

    @model_validator(mode="after")
    def _room(self) -> Self:
        if self.replicas > self.replicas_max:
            text = f"given {self.replicas}, above replicas_max ({self.replicas_max})"
            refuse([Wrong(("replicas",), text)])
        return self


Stage = Annotated[
    Source | Ingest | Validate | Features | Job | Serving,
    Field(discriminator="kind"),
]
