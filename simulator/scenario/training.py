"""Long training in the pipeline's format: a run on many nodes, and the training nodes."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from simulator.scenario.base import Flag, Frozen, Name, Positive
from simulator.scenario.stage import AnyStage
from simulator.source import Issue, raise_issues
from simulator.units import Duration, Factor, Rate, Size, format_ms


class FailureCauseSpec(Frozen):
    """One cause of node failures."""

    weight: Factor
    """Its frequency relative to the other causes, for example counts of a real cluster."""
    repair: Duration | None = None
    """The repair time of the node, by default that of all nodes; 0s for a process restart."""
    hangs: Flag = False
    """Whether the failure is silent: the run hangs until a watchdog or a person notices."""
    xid: Annotated[Positive, Field(le=999)] | None = None
    """The Xid error that the driver logs, if an accelerator is at fault."""


class Lemons(Frozen):
    """A few random nodes that fail more often than the others."""

    nodes: Positive
    """Their number."""
    factor: Factor
    """The factor of their failure rate."""


class Accelerators(Frozen):
    """The training nodes."""

    nodes: Annotated[Positive, Field(le=100_000)]
    """The number of nodes; those without a run are spares."""
    gpus: Annotated[Positive, Field(le=1000)] = 8
    """Accelerators per node."""
    clock: Annotated[Positive, Field(le=100_000)] | None = None
    """Their clock in MHz, if there is a series of it; it falls when throttled."""
    failures: Rate = 0.0
    """The failure rate of one node in use."""
    repair: Duration = 0
    """The repair time of a failed node; 0s for a process restart."""
    lemons: Lemons | None = None
    """The nodes that fail more often."""
    causes: Mapping[Name, FailureCauseSpec] = {}
    """The causes of failures; by default one cause with the repair time."""

    @field_validator("failures")
    @classmethod
    def _lives(cls, failures: float) -> float:
        # With more than one failure a second a run would never end.
        if failures > 1.0:
            raise ValueError("expected at most one failure of a node in a second ('1/s')")
        return failures

    @model_validator(mode="after")
    def _check_fits(self) -> Self:
        if self.lemons is not None and self.lemons.nodes > self.nodes:
            text = f"given {self.lemons.nodes}, but there are {self.nodes} nodes"
            raise_issues([Issue(("lemons", "nodes"), text)])
        worst = self.failures * self.lemons.factor if self.lemons is not None else 0.0
        if self.lemons is not None and worst > 1.0:
            text = f"given {self.lemons.factor:g}: a node would fail {worst:.3g} times a second"
            raise_issues([Issue(("lemons", "factor"), f"{text}, expected once at most")])
        return self

    def failures_of(self, nodes: int) -> float:
        """Failures per second of some nodes, as many lemons as possible among them."""
        lemons = self.lemons or Lemons(nodes=1, factor=1.0)
        bad = min(nodes, lemons.nodes)
        return self.failures * (nodes - bad + bad * lemons.factor)


class Checkpoint(Frozen):
    """The checkpoints of a run."""

    every: Duration
    """The work between two checkpoints."""
    write: Duration = 0
    """The duration of a write, during which training pauses."""
    store: Name = "checkpoint-store"
    """The store that they are written to."""
    owner: Name | None = None
    """The team that can fix the store."""
    size: Size = 0
    """The space of a checkpoint on its store's volume; the previous one is kept during a write."""

    @field_validator("every")
    @classmethod
    def _some(cls, every: int) -> int:
        # Each write is an event.
        if every < 1000:
            raise ValueError(f"given {format_ms(every)!r}, expected 1s or more")
        return every


class Training(AnyStage):
    """A long training run on many synchronous nodes: one failure stops all of them."""

    kind: Literal["training"]
    """The kind of stage."""
    nodes: Positive
    """Its number of nodes."""
    work: Duration | None = None
    """The training time without failures; by default the run has no end."""
    done: Duration = 0
    """The work done before the drill begins."""
    set_up: Duration = 0
    """The duration of a start, from scheduling to the first step."""
    checkpoint: Checkpoint | None = None
    """Its checkpoints; without them every failure loses all work."""
    watchdog: Duration | None = None
    """The silence after which a hanging run is restarted; by default never."""
    step: Duration = 1000
    """The duration of one optimizer step."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        issues = []
        if self.step == 0:
            issues.append(Issue(("step",), "given '0s', expected more"))
        if self.work == 0:
            issues.append(Issue(("work",), "given '0s', expected more"))
        if self.watchdog == 0:
            issues.append(Issue(("watchdog",), "given '0s': it would see a hang in every step"))
        if self.work is not None and self.done >= self.work:
            text = f"given {format_ms(self.done)!r}: nothing is left of {format_ms(self.work)}"
            issues.append(Issue(("done",), text))
        raise_issues(issues)
        return self


def trainable(training: Training, machines: Accelerators | None) -> list[Issue]:
    """The reasons why a run cannot work on these nodes.

    Returns
    -------
    list of Issue
        With paths inside the stage.
    """
    if machines is None:
        return [Issue(("nodes",), "needs machines: cluster.accelerators is missing")]
    if training.nodes > machines.nodes:
        text = f"given {training.nodes}, but the cluster has {machines.nodes} accelerator nodes"
        return [Issue(("nodes",), text)]
    return [*_endless(training, machines)]


def _endless(training: Training, machines: Accelerators) -> list[Issue]:
    """A run whose uninterrupted stretches are too long for the failure rate."""
    per_ms = machines.failures_of(training.nodes) / 1000.0
    if per_ms > 1e-3:
        text = f"given {training.nodes}: one of them would fail {1000 * per_ms:.3g} times a second"
        return [Issue(("nodes",), text)]
    spans: dict[tuple[str, ...], int] = {("set_up",): training.set_up}
    if training.checkpoint is not None:
        spans["checkpoint", "every"] = training.checkpoint.every + training.checkpoint.write
    elif training.work is not None:
        spans["work",] = training.work
    return [
        Issue(path, f"would be cut short by {span * per_ms:.0f} failures on average, and never end")
        for path, span in spans.items()
        # e^-30: at one try a second it takes three hundred thousand years.
        if span * per_ms > 30.0
    ]
