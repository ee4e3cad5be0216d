"""One tick: the systems of the pipeline, in the order in which data flow.

Overlapping faults compose in this order and undo themselves: the laws are folded afresh
from the base at every tick.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from simulator.pipeline import (
    autoscaler,
    batch,
    cluster,
    cpu,
    disk,
    features,
    gpu,
    labels,
    nodes,
    scoring,
    serving,
    stretches,
    traffic,
    training,
    training_run,
)
from simulator.pipeline.jobs import JobLaw, of_day
from simulator.pipeline.traffic import Traffic
from simulator.pipeline.world import Params, Sample, World


class Slice(NamedTuple):
    """What of a tick is lived: `dt / weight` ms from `at` on, on the model server's own clock."""

    at: int
    weight: int


def step(world: World, params: Params, dt: int, draws: Traffic) -> Sample:
    """Move the world on by `dt` ms.

    Parameters
    ----------
    world : World
        Changed in place.
    params : Params
        The laws of this tick, bent by the faults that bite.
    dt : int, ms
    draws : Traffic
        The draws of arrivals.

    Returns
    -------
    Sample
        What happened. ``sample.hits[fault] > 0`` says that a fault has landed.
    """
    sample = Sample(t=world.now, dt=dt)
    if params.volumes:
        disk.step(world, params, sample)
    served = _serve(world, params, draws, sample)
    world.now += dt
    batch.step(world, params, world.now, EFFECTS, sample)
    training_run.step(world, params, world.now, draws.seed, sample)
    scoring.score(world, params, served.requests, draws.seed, sample)
    sample.units["requests"] = sample.arrived
    for unit, fault in params.touches:
        sample.hit(fault, sample.units.get(unit, 0))
    return sample


def skim(world: World, params: Params, dt: int, draws: Traffic, slice_: Slice) -> Sample:
    """Move the world on by `dt` ms of which a slice stands for the whole.

    The model server lives the slice in full and at the full rate, and the slices join
    without a gap, so that it is as busy as it would have been. All else, jobs and ages and
    labels, moves by the whole tick. For history, where no fault bites.

    Parameters
    ----------
    world : World
        Changed in place.
    params : Params
        The unbent laws.
    dt : int, ms
    draws : Traffic
    slice_ : Slice

    Returns
    -------
    Sample
        What happened in the slice; every request has its weight.
    """
    lived = Sample(slice_.at, dt // slice_.weight, slice_.weight)
    # The hour of the day is that of the tick.
    then = params.fresh()
    then.start_ms_of_day += world.now - slice_.at
    served = _serve(world, then, draws, lived)
    sample = replace(lived, t=world.now, dt=dt)
    world.now += dt
    batch.step(world, params, world.now, EFFECTS, sample)
    scoring.score(world, params, served.requests, draws.seed, sample)
    return sample


def _serve(world: World, params: Params, draws: Traffic, sample: Sample) -> serving.Served:
    arrivals = traffic.arrive(params, draws, sample)
    gpu.lengthen(params, arrivals, draws.seed, sample)
    cluster.step(world, params, sample)
    cores = world.cluster.cores
    if cores is not None:
        cpu.throttle(cores, params)
    gpu.begin(world.cluster, params)
    served = stretches.serve(world, params, arrivals, sample)
    if cores is not None:
        cpu.account(cores, params, sample, nodes.gone(world))
    gpu.account(world, params, sample)
    autoscaler.step(world, params, sample)
    return served


def _materialize(
    world: World, params: Params, job: JobLaw, args: Mapping[str, Any], data_time: int
) -> str:
    rows = features.materialize(world, params, job.view, data_time)
    return (
        f"Materializing 1 feature views up to {of_day(params, data_time)} "
        f"into the redis online store: {rows} rows."
    )


def _label_join(
    world: World, params: Params, job: JobLaw, args: Mapping[str, Any], data_time: int
) -> str:
    labels.join(world, data_time)
    return ""


EFFECTS = {
    "materialize": _materialize,
    "label_join": _label_join,
    "train": training.train,
    "evaluate": training.evaluate,
    "release": training.release,
}
