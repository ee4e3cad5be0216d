"""The format of a pipeline: data, traffic, a graph of stages, monitors, the model."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import ConfigDict, field_validator, model_validator

from simulator.scenario.base import Frozen, Name, Positive, Text
from simulator.scenario.cluster import ClusterSpec, Quota
from simulator.scenario.data import Data
from simulator.scenario.job import Job, PoolSpec, never_due
from simulator.scenario.local_time import Zone
from simulator.scenario.serving_pools import pool_issues
from simulator.scenario.stages import Features, Serving, Stage
from simulator.scenario.traffic import Traffic
from simulator.scenario.training import Training, trainable
from simulator.scenario.volume import Volume, misplaced
from simulator.source import Issue, raise_issues
from simulator.units import (
    Duration,
    Number,
    Rate,
    Ratio,
    did_you_mean,
    format_bytes,
    format_rate,
)

QUALITIES = ("accuracy", "precision")  # that a gate may compare


class MonitorSpec(Frozen):
    """A monitor of data or of the model; its arguments are beside its name."""

    model_config = ConfigDict(extra="allow")

    monitor: Text
    """The monitor's name (drill catalogue monitors)."""

    @property
    def args(self) -> Mapping[str, Any]:
        """Its arguments as written; the setting binds them."""
        return self.model_extra or {}


class ModelSpec(Frozen):
    """The ML model at the start, and the gate of new versions."""

    learner: Text = "logistic"
    """`logistic`, or a classifier of scikit-learn by its name, for example
    `sklearn.ensemble.RandomForestClassifier`."""
    parameters: Mapping[str, Any] = {}
    """Parameters of a scikit-learn classifier: `{n_estimators: 50}`."""
    version: Positive
    """The champion version at the start."""
    former: tuple[Positive, ...] = ()
    """The versions available for a rollback."""
    window: Duration
    """The age of rows that a retrain reads."""
    holdout: Ratio = 0.2
    """The share of these rows for evaluation: above 0, below 1."""
    threshold: Ratio = 0.5
    """The probability above which a prediction is positive: above 0, below 1."""
    canary: Ratio = 0.0
    """The share of requests that a new version gets first; 0 for all at once."""
    gate: Mapping[str, Number] = {}
    """The allowed difference of a quality from the champion's: `accuracy: -0.01`."""

    @field_validator("gate")
    @classmethod
    def _known(cls, gate: Mapping[str, float]) -> Mapping[str, float]:
        raise_issues([
            Issue((name,), f"unknown quality {name!r}{did_you_mean(name, QUALITIES)}")
            for name in gate if name not in QUALITIES
        ])  # fmt: skip
        return gate

    @field_validator("holdout", "threshold")
    @classmethod
    def _divides(cls, share: float) -> float:
        """Both training and evaluation need rows, both outcomes can be predicted."""
        if not 0 < share < 1:
            raise_issues([Issue((), f"given {share:g}, expected more than 0 and less than 1")])
        return share

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
    """An ML pipeline: its stages and its load."""

    pipeline: Literal[1]
    """The version of this format."""
    name: Name
    """The pipeline's name."""
    title: Text
    """Its prediction task, in one line."""
    data: Data
    """The source of rows."""
    traffic: Traffic
    """The arrival rate of requests."""
    stages: Mapping[Name, Stage]
    """The graph of stages: `after` names the stages before."""
    zone: Zone | None = None
    """The zone of its cron lines and times of day (`America/New_York`); by default the drill's."""
    pools: Mapping[Name, PoolSpec] = {}
    """Pools of slots for runs of jobs."""
    volumes: Mapping[Name, Volume] = {}
    """Volumes for jobs and checkpoints."""
    monitors: tuple[MonitorSpec, ...] = ()
    """Monitors of data and model."""
    cluster: ClusterSpec
    """The cluster it runs on."""
    model: ModelSpec
    """The ML model."""
    logged: Rate
    """The rate of rows in the offline store."""

    @field_validator("logged")
    @classmethod
    def _storable(cls, logged: float) -> float:
        # A day of rows is kept: at most half a gigabyte of a dozen columns.
        if logged > 50.0:
            raise ValueError(f"given {format_rate(logged)!r}, expected at most '50/s'")
        return logged

    @field_validator("stages")
    @classmethod
    def _graph(cls, stages: Mapping[str, Stage]) -> Mapping[str, Stage]:
        issues = [*_unknown(stages), *_views(stages)]
        raise_issues(issues or _circles(stages) or never_due(stages))
        if not any(isinstance(stage, Serving) for stage in stages.values()):
            raise_issues([Issue((), "has no stage of kind serving")])
        return stages

    @model_validator(mode="after")
    def _placed(self) -> Self:
        """The replicas at the start fit on nodes and into the quota."""
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
        at = ("stages", name, "pools")
        issues = pool_issues(server.pools, needs, node)
        raise_issues([Issue((*at, *issue.path), issue.text) for issue in issues])
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
        """All training runs fit on the training nodes at the same time."""
        machines, nodes = self.cluster.accelerators, 0
        issues = []
        for name, stage in self.stages.items():
            if isinstance(stage, Training):
                own = trainable(stage, machines)
                nodes += stage.nodes
                if not own and machines is not None and nodes > machines.nodes:
                    text = f"given {stage.nodes}: with the runs before it {nodes}, but the "
                    text += f"cluster has {machines.nodes} accelerator nodes"
                    own = [Issue(("nodes",), text)]
                issues += [Issue(("stages", name, *issue.path), issue.text) for issue in own]
        raise_issues(issues)
        return self

    @model_validator(mode="after")
    def _stored(self) -> Self:
        """Every job's volume exists and has space."""
        issues = misplaced(self.stages, self.volumes)
        raise_issues([Issue(("stages", name, *issue.path), issue.text) for name, issue in issues])
        return self

    @model_validator(mode="after")
    def _pooled(self) -> Self:
        """Every run fits into its pool."""
        issues = []
        for name, stage in self.stages.items():
            pool = stage.pool if isinstance(stage, Job) else None
            if pool is None or not isinstance(stage, Job):
                continue
            if pool not in self.pools:
                text = f"unknown pool {pool!r}{did_you_mean(pool, self.pools)}"
                issues.append(Issue(("stages", name, "pool"), text))
            elif stage.slots > self.pools[pool].slots:
                text = f"given {stage.slots}, but {pool} has {self.pools[pool].slots}"
                issues.append(Issue(("stages", name, "slots"), text))
        raise_issues(issues)
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
    """The stages that a stage comes after or waits for."""
    waits = stage.needs if isinstance(stage, Job) and stage.sensor is not None else ()
    return (*stage.after, *waits)


def _circles(stages: Mapping[str, Stage]) -> list[Issue]:
    """A circle of stages, if there is one, found by removing stages without predecessors."""
    remaining = dict(stages)
    while ready := [
        name
        for name, stage in remaining.items()
        if not any(other in remaining for other in _before(stage))
    ]:
        for name in ready:
            del remaining[name]
    if not remaining:
        return []
    # From any remaining stage, going back always ends in a circle.
    trail = [next(iter(remaining))]
    while trail.count(trail[-1]) == 1:
        trail.append(next(other for other in _before(remaining[trail[-1]]) if other in remaining))
    circle = trail[trail.index(trail[-1]) :][::-1]
    return [Issue((circle[-1], "after"), f"goes in a circle: {' -> '.join(circle)}")]
