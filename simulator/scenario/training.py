"""Long training as its author writes it: a run on many nodes, and the machines it runs on."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from simulator.scenario.base import Flag, Frozen, Name, Positive
from simulator.scenario.stage import AnyStage
from simulator.source import Issue, raise_issues
from simulator.units import Duration, Factor, Rate, Size, format_ms


class Cause(Frozen):
    """One thing that a node fails of."""

    weight: Factor
    """How often, beside the other causes; counts of a real cluster do."""
    repair: Duration | None = None
    """How long the node is away; without it as long as the machines say, 0s for a new process."""
    hangs: Flag = False
    """Whether nothing is said: the run stands still until a watchdog or somebody sees it."""


class Lemons(Frozen):
    """A few nodes that fail more often than the others. The dice say which."""

    nodes: Positive
    """How many."""
    factor: Factor
    """How many times as often."""


class Accelerators(Frozen):
    """The machines that train."""

    nodes: Annotated[Positive, Field(le=100_000)]
    """How many there are; those that no run needs are its spares."""
    gpus: Annotated[Positive, Field(le=1000)] = 8
    """Accelerators of one node."""
    clock: Annotated[Positive, Field(le=100_000)] | None = None
    """How fast they are clocked, in MHz, if somebody is to see it: one that is throttled falls."""
    failures: Rate = 0.0
    """Failures of one node in use."""
    repair: Duration = 0
    """How long a node that failed is away; 0s where a new process is enough."""
    lemons: Lemons | None = None
    """The nodes that fail more often."""
    causes: Mapping[Name, Cause] = {}
    """What they fail of; without any, of one thing that takes the repair."""

    @field_validator("failures")
    @classmethod
    def _lives(cls, failures: float) -> float:
        # More than one failure a second is no machine, and a run on it ends never.
        if failures > 1.0:
            raise ValueError("expected at most one failure of a node in a second ('1/s')")
        return failures

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.lemons is not None and self.lemons.nodes > self.nodes:
            text = f"given {self.lemons.nodes}, but there are {self.nodes} nodes"
            raise_issues([Issue(("lemons", "nodes"), text)])
        worst = self.failures * self.lemons.factor if self.lemons is not None else 0.0
        if self.lemons is not None and worst > 1.0:
            text = f"given {self.lemons.factor:g}: a node would fail {worst:.3g} times a second"
            raise_issues([Issue(("lemons", "factor"), f"{text}, expected once at most")])
        return self

    def failures_of(self, nodes: int) -> float:
        """Failures per second of so many of them, with all lemons among them that can be."""
        lemons = self.lemons or Lemons(nodes=1, factor=1.0)
        bad = min(nodes, lemons.nodes)
        return self.failures * (nodes - bad + bad * lemons.factor)


class Checkpoint(Frozen):
    """How the state of a run is kept."""

    every: Duration
    """Work between two writes."""
    write: Duration = 0
    """How long a write takes, in which nothing is learnt."""
    store: Name = "checkpoint-store"
    """Where they are written to."""
    owner: Name | None = None
    """The team that can mend that."""
    size: Size = 0
    """How much of its store's volume each takes, beside the one before."""

    @field_validator("every")
    @classmethod
    def _some(cls, every: int) -> int:
        # Each write is an event; nothing is written more often.
        if every < 1000:
            raise ValueError(f"given {format_ms(every)!r}, expected 1s or more")
        return every


class Training(AnyStage):
    """A long training run on many nodes that go in step: one that fails stops them all."""

    kind: Literal["training"]
    """What kind of stage it is."""
    nodes: Positive
    """How many it runs on."""
    work: Duration | None = None
    """How long it would take if nothing ever failed; without it the run has no end."""
    done: Duration = 0
    """How much of it lies behind the run when the drill begins."""
    set_up: Duration = 0
    """How long a start takes, from the scheduler to the first step."""
    checkpoint: Checkpoint | None = None
    """How its state is kept; without it every failure costs everything."""
    watchdog: Duration | None = None
    """Silence after which a run that hangs is started anew; without it, never."""
    step: Duration = 1000
    """How long one step of the optimizer takes."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        wrongs = []
        if self.step == 0:
            wrongs.append(Issue(("step",), "given '0s', expected more"))
        if self.work == 0:
            wrongs.append(Issue(("work",), "given '0s', expected more"))
        if self.watchdog == 0:
            wrongs.append(Issue(("watchdog",), "given '0s': it would see a hang in every step"))
        if self.work is not None and self.done >= self.work:
            text = f"given {format_ms(self.done)!r}: nothing is left of {format_ms(self.work)}"
            wrongs.append(Issue(("done",), text))
        raise_issues(wrongs)
        return self


def trainable(training: Training, machines: Accelerators | None) -> list[Issue]:
    """What stands against a run on these machines.

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
    """A run that must get through more failures at a stretch than a drill has time for."""
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
