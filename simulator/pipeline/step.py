"""One tick: the systems of the pipeline, in the order in which data flow.

Overlapping faults compose in this order and undo themselves: the laws are folded afresh
from the base at every tick.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.pipeline import (
    cluster,
    features,
    jobs,
    labels,
    memory,
    scoring,
    serving,
    traffic,
    training,
)
from simulator.pipeline.jobs import JobLaw
from simulator.pipeline.traffic import Traffic
from simulator.pipeline.world import Params, Sample, World


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
    arrivals = traffic.arrive(params, draws, sample)
    cluster.step(world, params, sample)
    served = serving.serve(world, params, arrivals, sample)
    memory.step(world, params, served, sample)
    world.now += dt
    jobs.step(world, params, world.now, EFFECTS, sample)
    scoring.score(world, params, served.requests, draws.seed, sample)
    sample.units["requests"] = sample.arrived
    for unit, fault in params.touches:
        sample.hit(fault, sample.units.get(unit, 0))
    return sample


def _materialize(
    world: World, params: Params, job: JobLaw, args: Mapping[str, Any], data_time: int
) -> str:
    rows = features.materialize(world, params, job.view, data_time)
    return (
        f"Materializing 1 feature views up to {data_time} into the redis online store: {rows} rows."
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
