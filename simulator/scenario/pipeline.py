"""A pipeline as its author writes it: data, traffic, a graph of stages, monitors, the model."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, ConfigDict, Field, field_validator, model_validator

from simulator.scenario.base import Frozen, Name, Positive, Text
from simulator.scenario.data import Data
from simulator.scenario.job import Job, Pool, unmet
from simulator.scenario.stages import Features, Serving, Stage
from simulator.scenario.traffic import Traffic
from simulator.scenario.training import Accelerators, Training, trainable
from simulator.scenario.volume import Volume, misplaced
from simulator.source import Issue, raise_issues
from simulator.units import (
    Duration,
    Number,
    Rate,
    Ratio,
    Size,
    did_you_mean,
    format_bytes,
    format_rate,
    format_value,
)

QUALITIES = ("accuracy",)  # that a gate compares


class Monitor(Frozen):
    """Something that looks at data or at the model; its arguments stand beside its name."""

    model_config = ConfigDict(extra="allow")

    monitor: Text
    """Which (drill catalogue monitors)."""

    @property
    def args(self) -> Mapping[str, Any]:
        """Its arguments as written; bound by the setting."""
        return self.model_extra or {}


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = did_you_mean(name, available_timezones())
        raise ValueError(f"unknown time zone {format_value(name)}{hint}") from None
    return name


Zone = Annotated[Text, AfterValidator(_zone)]


class Lifecycle(Frozen):
    """How long a node may be silent, and that something tells of nodes at all."""

    grace: Duration = 40_000
    """Silence after which a node is taken for lost."""
    eviction: Duration = 300_000
    """How long its pods then stay before others are made in their place."""


class Quota(Frozen):
    """What the model server's namespace may have; other teams' pods share it."""

    pods: Positive | None = None
    """How many."""
    memory: Size | None = None
    """What they may promise to need, all together."""
    owner: Name | None = None
    """The team that gives it."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.pods is None and self.memory is None:
            raise_issues([Issue((), "says nothing; expected pods or memory")])
        return self


class Cluster(Frozen):
    """The machines."""

    # As many as a Kubernetes cluster has at most.
    nodes: Annotated[Positive, Field(le=5000)]
    """How many."""
    memory: Size
    """What one of them can promise."""
    lifecycle: Lifecycle | None = None
    """What becomes of those that fall silent; without it Kubernetes' times, and no series."""
    quota: Quota | None = None
    """What the model server's pods and others may have of them; without it, all there is."""
    accelerators: Accelerators | None = None
    """The machines that train."""

    @field_validator("memory")
    @classmethod
    def _some(cls, memory: int) -> int:
        if memory == 0:
            raise ValueError("given '0B', expected more")
        return memory


class Model(Frozen):
    """The ML model at the start, and what a new version must show."""

    learner: Text = "logistic"
    """What fits it: `logistic`, or a classifier of scikit-learn by its name, for example
    `sklearn.ensemble.RandomForestClassifier`."""
    parameters: Mapping[str, Any] = {}
    """Of a scikit-learn classifier: `{n_estimators: 50}`."""
    version: Positive
    """The champion at the start."""
    former: tuple[Positive, ...] = ()
    """Versions that a rollback can go to."""
    window: Duration
    """Rows that a retrain reads."""
    holdout: Ratio = 0.2
    """The share of them that only evaluates: more than none, less than all."""
    canary: Ratio = 0.0
    """The share of requests that a new version gets first; 0 for all of them at once."""
    gate: Mapping[str, Number] = {}
    """By how much a quality may differ from the champion's: `accuracy: -0.01`."""

    @field_validator("gate")
    @classmethod
    def _known(cls, gate: Mapping[str, float]) -> Mapping[str, float]:
        raise_issues([
            Issue((name,), f"unknown quality {name!r}{did_you_mean(name, QUALITIES)}")
            for name in gate if name not in QUALITIES
        ])  # fmt: skip
        return gate

    @field_validator("holdout")
    @classmethod
    def _divides(cls, holdout: float) -> float:
        """The gate needs rows that the new version has not learnt, and that needs some too."""
        if not 0 < holdout < 1:
            raise_issues([Issue((), f"given {holdout:g}, expected more than 0 and less than 1")])
        return holdout

    @field_validator("former")
    @classmethod
    def _older(cls, former: tuple[int, ...], info: Any) -> tuple[int, ...]:
        champion = info.data.get("version", 10**9)
        raise_issues([
            Issue((number,), f"version {version} is not older than the champion, {champion}")
            for number, version in enumerate(former)
            if version >= champion
        ])  # fmt: skip
        return former


class Pipeline(Frozen):
    """An ML pipeline: what it is made of and how much it carries."""

    pipeline: Literal[1]
    """The version of this format."""
    name: Name
    """What the pipeline is called."""
    title: Text
    """What it predicts, in one line."""
    data: Data
    """Where rows come from."""
    traffic: Traffic
    """How many requests arrive."""
    stages: Mapping[Name, Stage]
    """What it is made of, as a graph: `after` names what comes before."""
    zone: Zone | None = None
    """Where its cron lines and times of day are meant (`America/New_York`); without it, the drill's
    own."""
    pools: Mapping[Name, Pool] = {}
    """What runs of jobs wait for."""
    volumes: Mapping[Name, Volume] = {}
    """What jobs and checkpoints are written to."""
    monitors: tuple[Monitor, ...] = ()
    """What looks at data and model."""
    cluster: Cluster
    """The machines it runs on."""
    model: Model
    """The ML model."""
    logged: Rate
    """Rows that are kept in the offline store."""

    @field_validator("logged")
    @classmethod
    def _storable(cls, logged: float) -> float:
        # A day of them is kept: at most half a gigabyte of a dozen columns.
        if logged > 50.0:
            raise ValueError(f"given {format_rate(logged)!r}, expected at most '50/s'")
        return logged

    @field_validator("stages")
    @classmethod
    def _graph(cls, stages: Mapping[str, Stage]) -> Mapping[str, Stage]:
        wrongs = [*_unknown(stages), *_views(stages)]
        raise_issues(wrongs or _circles(stages) or unmet(stages))
        if not any(isinstance(stage, Serving) for stage in stages.values()):
            raise_issues([Issue((), "has no stage of kind serving")])
        return stages

    @model_validator(mode="after")
    def _placed(self) -> Self:
        """The replicas of the start have a node each."""
        name, server = next((n, s) for n, s in self.stages.items() if isinstance(s, Serving))
        needs, node, nodes = server.memory.request, self.cluster.memory, self.cluster.nodes
        if needs > node:
            text = f"given {format_bytes(needs)!r}, "
            text += f"but no node promises more than {format_bytes(node)}"
            raise_issues([Issue(("stages", name, "memory", "request"), text)])
        room = nodes * (node // needs) if needs else server.replicas
        if server.replicas > room:
            text = f"given {server.replicas}, but the cluster has room for {room} at the start"
            raise_issues([Issue(("stages", name, "replicas"), text)])
        quota = self.cluster.quota or Quota(pods=10**9)
        pods, memory = server.replicas, server.replicas * needs
        begin = f"but {name} begins with {pods} replicas"
        if quota.pods is not None and pods > quota.pods:
            text = f"given {quota.pods}, {begin}"
            raise_issues([Issue(("cluster", "quota", "pods"), text)])
        if quota.memory is not None and memory > quota.memory:
            text = f"given {format_bytes(quota.memory)!r}, {begin} of {format_bytes(needs)}"
            raise_issues([Issue(("cluster", "quota", "memory"), text)])
        return self

    @model_validator(mode="after")
    def _trains(self) -> Self:
        """Every training run has machines, and all of them at once."""
        machines, wanted = self.cluster.accelerators, 0
        wrongs = []
        for name, stage in self.stages.items():
            if isinstance(stage, Training):
                found = trainable(stage, machines)
                wanted += stage.nodes
                if not found and machines is not None and wanted > machines.nodes:
                    text = f"given {stage.nodes}: with the runs before it {wanted}, but the "
                    text += f"cluster has {machines.nodes} accelerator nodes"
                    found = [Issue(("nodes",), text)]
                wrongs += [Issue(("stages", name, *one.path), one.text) for one in found]
        raise_issues(wrongs)
        return self

    @model_validator(mode="after")
    def _stored(self) -> Self:
        """Every job has its volume, and room on it."""
        found = misplaced(self.stages, self.volumes)
        raise_issues([Issue(("stages", name, *one.path), one.text) for name, one in found])
        return self

    @model_validator(mode="after")
    def _pooled(self) -> Self:
        """Every run fits into its pool."""
        wrongs = []
        for name, stage in self.stages.items():
            pool = stage.pool if isinstance(stage, Job) else None
            if pool is None or not isinstance(stage, Job):
                continue
            if pool not in self.pools:
                text = f"unknown pool {pool!r}{did_you_mean(pool, self.pools)}"
                wrongs.append(Issue(("stages", name, "pool"), text))
            elif stage.slots > self.pools[pool].slots:
                text = f"given {stage.slots}, but {pool} has {self.pools[pool].slots}"
                wrongs.append(Issue(("stages", name, "slots"), text))
        raise_issues(wrongs)
        return self


def _unknown(stages: Mapping[str, Stage]) -> list[Issue]:
    return [
        Issue((name, key, number), f"unknown stage {other!r}{did_you_mean(other, stages)}")
        for name, stage in stages.items()
        for key in ("after", "needs")
        for number, other in enumerate(getattr(stage, key, ()))
        if other not in stages
    ]


def _views(stages: Mapping[str, Stage]) -> list[Issue]:
    views = [name for name, stage in stages.items() if isinstance(stage, Features)]
    return [
        Issue((name, "view"), f"unknown feature view {view!r}{did_you_mean(view, views)}")
        for name, stage in stages.items()
        if (view := getattr(stage, "view", None)) is not None and view not in views
    ]


def _before(stage: Stage) -> tuple[str, ...]:
    """What a stage comes after, and what it waits for."""
    waits = stage.needs if isinstance(stage, Job) and stage.sensor is not None else ()
    return (*stage.after, *waits)


def _circles(stages: Mapping[str, Stage]) -> list[Issue]:
    """Each stage can come after those before it, until none is left; else there is a circle."""
    left = dict(stages)
    while ready := [
        name for name, stage in left.items() if not any(other in left for other in _before(stage))
    ]:
        for name in ready:
            del left[name]
    if not left:
        return []
    # From any stage that is left, going back always ends in a circle.
    trail = [next(iter(left))]
    while trail.count(trail[-1]) == 1:
        trail.append(next(other for other in _before(left[trail[-1]]) if other in left))
    circle = trail[trail.index(trail[-1]) :][::-1]
    return [Issue((circle[-1], "after"), f"goes in a circle: {' -> '.join(circle)}")]
