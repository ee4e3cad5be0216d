"""Long training runs: their laws, their facts, and progress and goodput computed from them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.long_training.fleet import IDLE, NEVER, Fleet, FleetLaw, idle_fleet

PHASES = ("waiting", "starting", "training", "writing", "hung", "done")
WAITING, STARTING, TRAINING, WRITING, HUNG, DONE = range(len(PHASES))


@dataclass(frozen=True)
class TrainingLaw:
    """A training stage as its team configured it; times in ms, 0 for none."""

    name: str
    nodes: int
    set_up: int
    work: int = 0  # 0 for a run without end
    done: int = 0  # work before the drill
    checkpoint_every: int = 0  # work between checkpoints
    checkpoint_write: int = 0  # duration of a write, during which training stops
    watchdog: int = 0  # duration of a hang after which the run restarts
    step: int = 1000  # of the optimizer
    store: str = ""  # of the checkpoints


@dataclass
class TrainingRun:
    """The facts of a run; `*work` counts ms of training, other times are ms of the drill."""

    nodes: NDArray[np.int64]
    phase: int = WAITING
    since: int = 0  # start of the phase
    until: int = NEVER  # scheduled end of the phase
    work: int = 0  # done at `since`
    initial_work: int = 0  # done before the drill
    saved_work: int = 0  # in the last good checkpoint
    saved_at: int = 0
    write_work: int = 0  # done at the last write, good or not
    ended_at: int = -1
    restarts: int = 0
    writes: int = 0  # good or not
    failed_writes: int = 0
    lost_work: int = 0
    failures: dict[str, int] = field(default_factory=dict)  # by cause
    slowdown: float = 1.0  # factor on the step time in this phase
    hung_node: int = IDLE  # while it hangs, the node that the others wait for


@dataclass
class Trainings:
    """All training runs, and the nodes that they share."""

    runs: list[TrainingRun] = field(default_factory=list)
    fleet: Fleet = field(default_factory=lambda: idle_fleet(0))
    wake_at: int = 0  # ms; no event before this time
    slowdowns: dict[int, float] = field(default_factory=dict)  # node -> factor on the step time


def new_trainings(law: FleetLaw, laws: tuple[TrainingLaw, ...]) -> Trainings:
    """Every run about to start: the history before the drill has no training."""
    runs = [
        TrainingRun(
            np.zeros(0, np.int64),
            work=run.done,
            initial_work=run.done,
            saved_work=run.done,
            write_work=run.done,
        )
        for run in laws
    ]
    return Trainings(runs, idle_fleet(law.nodes))


def work_done(run: TrainingRun, t: int) -> int:
    """Work of a run at `t`, ms, saved or not.

    Examples
    --------
    >>> work_done(TrainingRun(np.zeros(0, np.int64), phase=TRAINING, since=1000, work=500), 1750)
    1250
    """
    if run.phase != TRAINING:
        return run.work
    elapsed = t - run.since
    # 1e-3 against rounding: at its end a phase has done all of its work.
    return run.work + (elapsed if run.slowdown == 1.0 else int(elapsed / run.slowdown + 1e-3))


def slowest_factor(run: TrainingRun, slowdowns: dict[int, float]) -> float:
    """Factor on the step time of a run: synchronous steps last as long as on the slowest node.

    Examples
    --------
    >>> slowest_factor(TrainingRun(np.array([0, 2, 3])), {1: 9.0, 2: 1.5, 3: 1.2})
    1.5
    """
    return max([1.0, *(factor for node, factor in slowdowns.items() if node in run.nodes)])


def total_progress(trainings: Trainings, t: int) -> int:
    """Work of all runs at `t`, ms; a finished run counts as if it went on."""
    return sum(
        work_done(run, t) + (t - run.ended_at if run.phase == DONE else 0) for run in trainings.runs
    )


def goodput(run: TrainingRun, t: int) -> float:
    """Effective training time ratio: work done and not lost, as a share of the time so far."""
    elapsed = run.ended_at if run.phase == DONE else t
    return (work_done(run, t) - run.initial_work) / elapsed if elapsed > 0 else 1.0
