"""Long training: what a run is like, by law and in fact. How it goes on: `training_run`."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.long_training import fleet as machines
from simulator.pipeline.long_training.fleet import IDLE, NEVER, Fleet, FleetLaw

WAITING, STARTING, TRAINING, WRITING, HUNG, DONE = range(6)
PHASES = ("waiting", "starting", "training", "writing", "hung", "done")


@dataclass(frozen=True)
class TrainingLaw:
    """One training stage as its team wrote it; times in ms, 0 for none."""

    name: str
    nodes: int
    set_up: int
    work: int = 0  # that it needs; 0 for a run without an end
    done: int = 0  # of it, before the drill
    every: int = 0  # work between checkpoints
    write: int = 0  # how long one takes, in which nothing is learnt
    watchdog: int = 0  # silence after which the run is started anew
    step: int = 1000  # of the optimizer
    store: str = ""  # where checkpoints are written to


@dataclass
class TrainingRun:
    """The facts of one run; `work` counts ms of training, all other times are ms of the drill."""

    nodes: NDArray[np.int64]
    phase: int = WAITING
    since: int = 0  # when the phase began
    until: int = NEVER  # when it ends by itself
    work: int = 0  # done at `since`
    begun_with: int = 0  # work that was done before the drill
    saved: int = 0  # work in the last good checkpoint
    saved_at: int = 0
    written: int = 0  # work at the last attempt to write one
    ended: int = -1
    restarts: int = 0
    writes: int = 0  # attempts
    failed_writes: int = 0
    lost: int = 0  # work that had to be done again
    failures: dict[str, int] = field(default_factory=dict)  # by cause
    pace: float = 1.0  # how many times as long its steps take, since the phase began
    silent: int = IDLE  # while it hangs, the node that the others wait for


@dataclass
class Trainings:
    """Every training run, and the machines they share."""

    runs: list[TrainingRun] = field(default_factory=list)
    fleet: Fleet = field(default_factory=lambda: machines.idle(0))
    wake_at: int = 0  # ms before which nothing happens
    slower: dict[int, float] = field(default_factory=dict)  # node -> times as long a step there


def at_rest(law: FleetLaw, laws: tuple[TrainingLaw, ...]) -> Trainings:
    """Every run about to begin: training does not live in the history before the drill."""
    runs = [
        TrainingRun(
            np.zeros(0, np.int64),
            work=one.done,
            begun_with=one.done,
            saved=one.done,
            written=one.done,
        )
        for one in laws
    ]
    return Trainings(runs, machines.idle(law.nodes))


def done(run: TrainingRun, t: int) -> int:
    """Work behind a run at `t`, ms, saved or not.

    Examples
    --------
    >>> done(TrainingRun(np.zeros(0, np.int64), phase=TRAINING, since=1000, work=500), 1750)
    1250
    """
    if run.phase != TRAINING:
        return run.work
    lasted = t - run.since
    # What lies a hair below a whole number is rounding: a phase ends with what it was to do.
    return run.work + (lasted if run.pace == 1.0 else int(lasted / run.pace + 1e-3))


def pace(run: TrainingRun, slower: dict[int, float]) -> float:
    """A step in which all wait for all lasts as long as on the slowest node.

    Examples
    --------
    >>> pace(TrainingRun(np.array([0, 2, 3])), {1: 9.0, 2: 1.5, 3: 1.2})
    1.5
    """
    return max([1.0, *(factor for node, factor in slower.items() if node in run.nodes)])


def advanced(found: Trainings, t: int) -> int:
    """Work behind all runs at `t`, ms; one that is done goes on as if it advanced."""
    return sum(done(run, t) + (t - run.ended if run.phase == DONE else 0) for run in found.runs)


def goodput(run: TrainingRun, t: int) -> float:
    """Share of the time so far in which work was done that was not lost since: the effective
    training time ratio."""
    lasted = run.ended if run.phase == DONE else t
    return (done(run, t) - run.begun_with) / lasted if lasted > 0 else 1.0
