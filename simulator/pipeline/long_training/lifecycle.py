"""Long training on many nodes: work, checkpoints, failures, restarts, hangs.

All nodes of a run go in step, so one that fails stops them all. What was done since the last
good checkpoint is done again, after a set-up, on nodes that are well; without a spare the run
waits for a repair. Everything that happens has its own millisecond inside the tick. Work is
counted in ms of training.
"""

from __future__ import annotations

from math import ceil

import numpy as np

from simulator.pipeline.laws import Params
from simulator.pipeline.long_training import checkpoints
from simulator.pipeline.long_training import fleet as machines
from simulator.pipeline.long_training.fleet import IDLE, NEVER
from simulator.pipeline.long_training.training_runs import (
    DONE,
    HUNG,
    STARTING,
    TRAINING,
    WAITING,
    WRITING,
    TrainingRun,
    Trainings,
    done,
    pace,
)
from simulator.pipeline.sample import Sample
from simulator.pipeline.world import World

# A last checkpoint that could not be written is tried again: nobody throws a model away.
WRITE_AGAIN = 60_000


def step(world: World, params: Params, until: int, seed: int, sample: Sample) -> None:
    """Everything that happens to training runs up to `until`, ms, in order of time.

    Parameters
    ----------
    world : World
    params : Params
        The laws of this tick.
    until : int, ms
        Where the tick ends; nothing happens before 0.
    seed : int
        Of the run's dice.
    sample : Sample
        Counted into.
    """
    trainings = world.trainings
    law = params.fleet
    if law is None or until <= 0 or not trainings.runs:
        return
    fleet, t = trainings.fleet, max(0, sample.t)
    if fleet.seed is None:
        machines.wake(fleet, law, seed)
        for number in range(len(trainings.runs)):
            _open(trainings, params, number)
    if fleet.bent != params.bends.node_failures:
        machines.bend(fleet, law, params.bends.node_failures, t)
        trainings.wake_at = t
    if trainings.slower != params.bends.node_slowdowns:
        _change_pace(trainings, params, t)
    if params.bends.node_hangs:
        _hang(trainings, params, t, sample)
    while trainings.wake_at <= until:
        _next(trainings, params, until, sample)
    for node, factor in params.bends.node_slowdowns.items():
        waits = [run for run in trainings.runs if run.phase == TRAINING and node in run.nodes]
        sample.units[f"slow_steps/{node}"] = sum(run.pace == factor for run in waits)


def restart(world: World, params: Params, number: int, t: int) -> None:
    """Stop a run at `t`, ms, and start it from its last good checkpoint."""
    _again(world.trainings, params, number, t)
    world.trainings.wake_at = t


def drain(world: World, params: Params, node: int, t: int) -> None:
    """Take a node out of use at `t`, ms: the run that holds it starts again without it."""
    trainings = world.trainings
    number = int(trainings.fleet.run[node])
    trainings.fleet.drained[node] = True
    if number != IDLE:
        restart(world, params, number, t)


def undrain(world: World, params: Params, node: int, t: int) -> None:
    """Put a node back into use at `t`, ms: a run that waits may have it."""
    world.trainings.fleet.drained[node] = False
    _serve_waiting(world.trainings, params, t)
    world.trainings.wake_at = t


def _next(trainings: Trainings, params: Params, until: int, sample: Sample) -> None:
    """What happens next, or if that lies beyond `until`, when."""
    fleet, runs = trainings.fleet, trainings.runs
    ends, number = min((run.until, number) for number, run in enumerate(runs))
    fails, node = machines.next_failure(fleet)
    returns, back = machines.next_return(fleet)
    trainings.wake_at = min(ends, fails, returns)
    if trainings.wake_at > until:
        return
    if ends <= min(fails, returns):
        _end_phase(trainings, params, number, ends, sample)
    elif fails <= returns:
        _fail(trainings, params, node, fails, sample)
    else:
        fleet.back_at[back] = 0
        _say(sample, f"node-{back}", "INFO", "Node is Ready again after its repair.")
        _serve_waiting(trainings, params, returns)
    if params.bends.node_hangs:
        _hang(trainings, params, min(ends, fails, returns), sample)


def _open(trainings: Trainings, params: Params, number: int) -> None:
    """The run as the drill finds it: training since long ago, or about to be set up."""
    run = trainings.runs[number]
    if not run.begun_with:
        _begin(trainings, params, number, 0)
    elif _gather(trainings, params, number, 0):
        _train(params, run, number, 0)
    else:
        _enter(run, WAITING, 0, NEVER)


def _begin(trainings: Trainings, params: Params, number: int, t: int) -> None:
    """Set a run up on nodes that are well, or wait for them."""
    run, law = trainings.runs[number], params.trainings[number]
    if _gather(trainings, params, number, t):
        _enter(run, STARTING, t, t + law.set_up)
    else:
        _enter(run, WAITING, t, NEVER)


def _gather(trainings: Trainings, params: Params, number: int, t: int) -> bool:
    """Give a run the nodes it lacks; it works when it has them all, and holds what it has."""
    run, fleet, law = trainings.runs[number], trainings.fleet, params.fleet
    assert law is not None
    well = (fleet.back_at[run.nodes] == 0) & ~fleet.drained[run.nodes]
    machines.hold(fleet, law, run.nodes[~well], IDLE, t)
    lacking = params.trainings[number].nodes - int(np.count_nonzero(well))
    run.nodes = np.sort(np.concatenate([run.nodes[well], machines.free(fleet)[:lacking]]))
    machines.hold(fleet, law, run.nodes, number, t)
    whole = len(run.nodes) == params.trainings[number].nodes
    machines.use(fleet, law, run.nodes, t, whole)
    return whole


def _serve_waiting(trainings: Trainings, params: Params, t: int) -> None:
    for number, run in enumerate(trainings.runs):
        if run.phase == WAITING:
            _begin(trainings, params, number, t)


def _change_pace(trainings: Trainings, params: Params, t: int) -> None:
    """Nodes have become slower, or as fast as before; what is done is done."""
    trainings.slower, trainings.wake_at = dict(params.bends.node_slowdowns), t
    for number, run in enumerate(trainings.runs):
        if run.phase == TRAINING:
            _stop_training(run, t)
            _train(params, run, number, t)


def _train(params: Params, run: TrainingRun, number: int, t: int) -> None:
    """Train until a checkpoint is due or the work is done."""
    law = params.trainings[number]
    spans = [law.work - run.work] if law.work else []
    spans += [run.written + law.every - run.work] if law.every else []
    run.pace = pace(run, params.bends.node_slowdowns) if params.bends.node_slowdowns else 1.0
    _enter(run, TRAINING, t, t + ceil(max(0, min(spans)) * run.pace) if spans else NEVER)


def _end_phase(trainings: Trainings, params: Params, number: int, t: int, sample: Sample) -> None:
    run, law = trainings.runs[number], params.trainings[number]
    if run.phase == STARTING:
        _train(params, run, number, t)
    elif run.phase == TRAINING:
        _stop_training(run, t)
        if law.every:
            _enter(run, WRITING, t, t + law.write)
        else:
            _finish(trainings, params, number, t, sample)
    elif run.phase == WRITING:
        _written(trainings, params, number, t, sample)
    elif run.phase == HUNG:
        text = f"Watchdog caught collective operation timeout: ran for {law.watchdog} milliseconds."
        _say(sample, law.name, "ERROR", text)
        _again(trainings, params, number, t)


def _written(trainings: Trainings, params: Params, number: int, t: int, sample: Sample) -> None:
    """A checkpoint has been written, or was not."""
    run, law = trainings.runs[number], params.trainings[number]
    run.writes += 1
    run.written = run.work
    assert trainings.fleet.seed is not None
    if checkpoints.written(law, run.writes, params, trainings.fleet.seed, sample):
        run.saved, run.saved_at = run.work, t
    else:
        run.failed_writes += 1
    finished = law.work and run.work >= law.work
    if not finished:
        _train(params, run, number, t)
    elif run.saved == run.work:
        _finish(trainings, params, number, t, sample)
    else:
        _enter(run, WRITING, t, t + WRITE_AGAIN + law.write)


def _finish(trainings: Trainings, params: Params, number: int, t: int, sample: Sample) -> None:
    run, law = trainings.runs[number], params.fleet
    assert law is not None
    run.saved, run.ended = run.work, t
    _enter(run, DONE, t, NEVER)
    machines.hold(trainings.fleet, law, run.nodes, IDLE, t)
    run.nodes = run.nodes[:0]
    _say(sample, params.trainings[number].name, "INFO", "Training finished.")
    _serve_waiting(trainings, params, t)


def _fail(trainings: Trainings, params: Params, node: int, t: int, sample: Sample) -> None:
    """A node fails: its run starts again, or hangs and does not say so."""
    fleet, law = trainings.fleet, params.fleet
    assert law is not None
    number = int(fleet.run[node])
    run, name = trainings.runs[number], params.trainings[number].name
    cause = machines.fail(fleet, law, node, t)
    run.failures[cause.name] = run.failures.get(cause.name, 0) + 1
    unit = f"node_failures/{node}"
    sample.units[unit] = sample.units.get(unit, 0) + 1
    if cause.hangs:
        _fall_silent(params, run, number, node, t)
        return
    _say(sample, name, "ERROR", f"node-{node} failed: {cause.name}; restarting all ranks.")
    if cause.repair:
        fleet.back_at[node] = t + cause.repair
    _again(trainings, params, number, t)


def _again(trainings: Trainings, params: Params, number: int, t: int) -> None:
    """From the last good checkpoint: what came after it was for nothing."""
    run = trainings.runs[number]
    if run.phase == DONE:
        return
    _stop_training(run, t)
    run.lost += run.work - run.saved
    run.work = run.written = run.saved
    run.restarts += 1
    run.silent = IDLE
    _begin(trainings, params, number, t)


def _hang(trainings: Trainings, params: Params, t: int, sample: Sample) -> None:
    """Nodes that no longer answer hang whatever trains on them."""
    for hang in params.bends.node_hangs:
        number = int(trainings.fleet.run[hang.node])
        if number == IDLE or trainings.runs[number].phase not in (TRAINING, WRITING):
            continue
        _fall_silent(params, trainings.runs[number], number, hang.node, t)
        trainings.wake_at = t
        sample.hit(hang.fault, 1)


def _fall_silent(params: Params, run: TrainingRun, number: int, node: int, t: int) -> None:
    if run.phase in (HUNG, WAITING, DONE):
        return
    _stop_training(run, t)
    run.silent = node
    watchdog = params.trainings[number].watchdog
    _enter(run, HUNG, t, t + watchdog if watchdog else NEVER)


def _stop_training(run: TrainingRun, t: int) -> None:
    run.work = done(run, t)
    run.since = t


def _enter(run: TrainingRun, phase: int, t: int, until: int) -> None:
    run.phase, run.since, run.until = phase, t, until


def _say(sample: Sample, who: str, level: str, text: str) -> None:
    sample.notes.append((who, level, text))
