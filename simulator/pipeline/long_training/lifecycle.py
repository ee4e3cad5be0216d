"""The life of long training runs: set-up, work, checkpoints, failures, hangs, restarts.

All nodes of a run train in step: a failed node stops them all. The run then repeats its work
since the last good checkpoint, after a set-up, on healthy nodes; without a spare it waits for a
repair. Every event has its own millisecond within the tick. Work is counted in ms of training.
"""

from math import ceil

import numpy as np

from simulator.pipeline.laws import Params
from simulator.pipeline.long_training import fleet as fleets
from simulator.pipeline.long_training.fleet import IDLE, NEVER
from simulator.pipeline.long_training.training_runs import (
    DONE,
    HUNG,
    STARTING,
    TRAINING,
    WAITING,
    WRITING,
    TrainingLaw,
    TrainingRun,
    Trainings,
    slowest_factor,
    work_done,
)
from simulator.pipeline.long_training.xid_errors import kernel_line
from simulator.pipeline.sample import Sample
from simulator.pipeline.world import World
from simulator.streams import uniforms

# Delay before a failed last write is repeated, ms: a finished model is not thrown away.
LAST_WRITE_RETRY = 60_000


def step(world: World, params: Params, until: int, seed: int, sample: Sample) -> None:
    """Process every event of the training runs from 0 up to `until`, ms, in time order."""
    trainings = world.trainings
    law = params.fleet
    if law is None or until <= 0 or not trainings.runs:
        return
    fleet, t = trainings.fleet, max(0, sample.t)
    if fleet.seed is None:
        fleets.draw_lives(fleet, law, seed)
        for number in range(len(trainings.runs)):
            _start_drill(trainings, params, number)
    if fleet.failure_factors != params.bends.node_failures:
        fleets.set_failure_factors(fleet, law, params.bends.node_failures, t)
        trainings.wake_at = t
    if trainings.slowdowns != params.bends.node_slowdowns:
        _apply_slowdowns(trainings, params, t)
    if params.bends.node_hangs:
        _apply_hangs(trainings, params, t, sample)
    while trainings.wake_at <= until:
        _next_event(trainings, params, until, sample)
    for node, factor in params.bends.node_slowdowns.items():
        runs = [run for run in trainings.runs if run.phase == TRAINING and node in run.nodes]
        sample.units[f"slow_steps/{node}"] = sum(run.slowdown == factor for run in runs)


def restart(world: World, params: Params, number: int, t: int) -> None:
    """Stop a run at `t`, ms, and restart it from its last good checkpoint."""
    _restart(world.trainings, params, number, t)
    world.trainings.wake_at = t


def drain(world: World, params: Params, node: int, t: int) -> None:
    """Drain a node at `t`, ms: the run on it restarts without it."""
    trainings = world.trainings
    number = int(trainings.fleet.run[node])
    trainings.fleet.drained[node] = True
    if number != IDLE:
        restart(world, params, number, t)


def undrain(world: World, params: Params, node: int, t: int) -> None:
    """Return a drained node at `t`, ms: a waiting run can use it."""
    world.trainings.fleet.drained[node] = False
    _set_up_waiting(world.trainings, params, t)
    world.trainings.wake_at = t


def _next_event(trainings: Trainings, params: Params, until: int, sample: Sample) -> None:
    """Process the next event unless it lies beyond `until`; `wake_at` becomes its time."""
    fleet, runs = trainings.fleet, trainings.runs
    phase_end, number = min((run.until, number) for number, run in enumerate(runs))
    failure, failed_node = fleets.next_failure(fleet)
    repair, repaired_node = fleets.next_repair(fleet)
    t = trainings.wake_at = min(phase_end, failure, repair)
    if t > until:
        return
    if phase_end == t:
        _end_phase(trainings, params, number, t, sample)
    elif failure == t:
        _fail_node(trainings, params, failed_node, t, sample)
    else:
        fleet.repaired_at[repaired_node] = 0
        text = "Node is Ready again after its repair."
        sample.notes.append((f"node-{repaired_node}", "INFO", text))
        _set_up_waiting(trainings, params, t)
    if params.bends.node_hangs:
        _apply_hangs(trainings, params, t, sample)


def _start_drill(trainings: Trainings, params: Params, number: int) -> None:
    """At time 0 a run with earlier work trains already; one without is set up."""
    run = trainings.runs[number]
    if not run.initial_work:
        _set_up(trainings, params, number, 0)
    elif _allocate(trainings, params, number, 0):
        _train(params, run, number, 0)
    else:
        _enter(run, WAITING, 0, NEVER)


def _set_up(trainings: Trainings, params: Params, number: int, t: int) -> None:
    """Set a run up on healthy nodes, or wait for them."""
    run, law = trainings.runs[number], params.trainings[number]
    if _allocate(trainings, params, number, t):
        _enter(run, STARTING, t, t + law.set_up)
    else:
        _enter(run, WAITING, t, NEVER)


def _allocate(trainings: Trainings, params: Params, number: int, t: int) -> bool:
    """Replace a run's unhealthy nodes by free ones; whether it has all it needs.

    Without all of them it keeps its nodes, idle.
    """
    run, fleet, law = trainings.runs[number], trainings.fleet, params.fleet
    assert law is not None
    healthy = (fleet.repaired_at[run.nodes] == 0) & ~fleet.drained[run.nodes]
    fleets.allocate(fleet, law, run.nodes[~healthy], IDLE, t)
    missing = params.trainings[number].nodes - int(np.count_nonzero(healthy))
    run.nodes = np.sort(np.concatenate([run.nodes[healthy], fleets.free(fleet)[:missing]]))
    fleets.allocate(fleet, law, run.nodes, number, t)
    complete = len(run.nodes) == params.trainings[number].nodes
    fleets.set_used(fleet, law, run.nodes, t, complete)
    return complete


def _set_up_waiting(trainings: Trainings, params: Params, t: int) -> None:
    for number, run in enumerate(trainings.runs):
        if run.phase == WAITING:
            _set_up(trainings, params, number, t)


def _apply_slowdowns(trainings: Trainings, params: Params, t: int) -> None:
    """Change the step times of nodes; work until `t` stays done."""
    trainings.slowdowns, trainings.wake_at = dict(params.bends.node_slowdowns), t
    for number, run in enumerate(trainings.runs):
        if run.phase == TRAINING:
            _settle_work(run, t)
            _train(params, run, number, t)


def _train(params: Params, run: TrainingRun, number: int, t: int) -> None:
    """Train until a checkpoint is due or the work is done."""
    law, slowdowns = params.trainings[number], params.bends.node_slowdowns
    spans = [law.work - run.work] if law.work else []
    spans += [run.write_work + law.checkpoint_every - run.work] if law.checkpoint_every else []
    run.slowdown = slowest_factor(run, slowdowns) if slowdowns else 1.0
    until = t + ceil(max(0, min(spans)) * run.slowdown) if spans else NEVER
    _enter(run, TRAINING, t, until)


def _end_phase(trainings: Trainings, params: Params, number: int, t: int, sample: Sample) -> None:
    run, law = trainings.runs[number], params.trainings[number]
    if run.phase == STARTING:
        _train(params, run, number, t)
    elif run.phase == TRAINING:
        _settle_work(run, t)
        if law.checkpoint_every:
            _enter(run, WRITING, t, t + law.checkpoint_write)
        else:
            _finish(trainings, params, number, t, sample)
    elif run.phase == WRITING:
        _end_write(trainings, params, number, t, sample)
    elif run.phase == HUNG:
        text = f"Watchdog caught collective operation timeout: ran for {law.watchdog} milliseconds."
        sample.notes.append((law.name, "ERROR", text))
        _restart(trainings, params, number, t)


def _end_write(trainings: Trainings, params: Params, number: int, t: int, sample: Sample) -> None:
    """A write of a checkpoint ends, good or not."""
    run, law = trainings.runs[number], params.trainings[number]
    run.writes += 1
    run.write_work = run.work
    assert trainings.fleet.seed is not None
    if _write_succeeds(law, run.writes, params, trainings.fleet.seed, sample):
        run.saved_work, run.saved_at = run.work, t
    else:
        run.failed_writes += 1
    if not law.work or run.work < law.work:
        _train(params, run, number, t)
    elif run.saved_work == run.work:
        _finish(trainings, params, number, t, sample)
    else:
        _enter(run, WRITING, t, t + LAST_WRITE_RETRY + law.checkpoint_write)


def _write_succeeds(
    law: TrainingLaw, number: int, params: Params, seed: int, sample: Sample
) -> bool:
    """Whether the write with this number leaves a checkpoint; if not, notes the error."""
    if law.store in params.bends.no_space:
        sample.notes.append((law.name, "ERROR", params.bends.no_space[law.store]))
        return False
    for failure in params.bends.checkpoint_failures.get(law.name, ()):
        draw = uniforms(np.array([float(number)]), f"checkpoint/{law.name}", seed)
        if draw[0] < failure.share:
            sample.hit(failure.fault, 1)
            text = f"RuntimeError: checkpoint {number} could not be written to {law.store}"
            sample.notes.append((law.name, "ERROR", text))
            return False
    return True


def _finish(trainings: Trainings, params: Params, number: int, t: int, sample: Sample) -> None:
    run, law = trainings.runs[number], params.fleet
    assert law is not None
    run.saved_work, run.ended_at = run.work, t
    _enter(run, DONE, t, NEVER)
    fleets.allocate(trainings.fleet, law, run.nodes, IDLE, t)
    run.nodes = run.nodes[:0]
    sample.notes.append((params.trainings[number].name, "INFO", "Training finished."))
    _set_up_waiting(trainings, params, t)


def _fail_node(trainings: Trainings, params: Params, node: int, t: int, sample: Sample) -> None:
    """A node fails: its run restarts, or hangs. The driver logs the error of an accelerator."""
    fleet, law = trainings.fleet, params.fleet
    assert law is not None
    number = int(fleet.run[node])
    run, name = trainings.runs[number], params.trainings[number].name
    cause = fleets.fail(fleet, law, node, t)
    run.failures[cause.name] = run.failures.get(cause.name, 0) + 1
    sample.count(f"node_failures/{node}")
    device = ""
    if cause.xid:
        gpu = int(fleet.last_gpu[node])
        sample.notes.append((f"node-{node}", "ERROR", kernel_line(gpu, cause.xid)))
        device = f" on GPU {gpu} (Xid {cause.xid})"
    if cause.hangs:
        _hang(params, run, number, node, t)
        return
    text = f"node-{node} failed: {cause.name}{device}; restarting all ranks."
    sample.notes.append((name, "ERROR", text))
    if cause.repair:
        fleet.repaired_at[node] = t + cause.repair
    _restart(trainings, params, number, t)


def _restart(trainings: Trainings, params: Params, number: int, t: int) -> None:
    """Restart from the last good checkpoint: work since then is lost."""
    run = trainings.runs[number]
    if run.phase == DONE:
        return
    _settle_work(run, t)
    run.lost_work += run.work - run.saved_work
    run.work = run.write_work = run.saved_work
    run.restarts += 1
    run.hung_node = IDLE
    _set_up(trainings, params, number, t)


def _apply_hangs(trainings: Trainings, params: Params, t: int, sample: Sample) -> None:
    """Nodes that hang by a fault hang the runs that train on them."""
    for hang in params.bends.node_hangs:
        number = int(trainings.fleet.run[hang.node])
        if number == IDLE or trainings.runs[number].phase not in (TRAINING, WRITING):
            continue
        _hang(params, trainings.runs[number], number, hang.node, t)
        trainings.wake_at = t
        sample.hit(hang.fault, 1)


def _hang(params: Params, run: TrainingRun, number: int, node: int, t: int) -> None:
    if run.phase in (HUNG, WAITING, DONE):
        return
    _settle_work(run, t)
    run.hung_node = node
    watchdog = params.trainings[number].watchdog
    _enter(run, HUNG, t, t + watchdog if watchdog else NEVER)


def _settle_work(run: TrainingRun, t: int) -> None:
    run.work = work_done(run, t)
    run.since = t


def _enter(run: TrainingRun, phase: int, t: int, until: int) -> None:
    run.phase, run.since, run.until = phase, t, until
