"""One tick: the systems of the pipeline, in the order of the data flow.

Overlapping faults compose in this order. They need no undoing: every tick starts from unbent laws.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from simulator.pipeline import segments
from simulator.pipeline.arrays import Floats
from simulator.pipeline.cluster import autoscaler, cpu, deployment, nodes, volumes
from simulator.pipeline.jobs import scheduler
from simulator.pipeline.jobs.dag import format_time_of_day
from simulator.pipeline.jobs.scheduler import Work
from simulator.pipeline.laws import Params
from simulator.pipeline.long_training import lifecycle
from simulator.pipeline.model import feature_store, labels, log_replay, retraining, scoring
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving import (
    accelerators,
    dependency,
    feature_cache,
    replica_pools,
    server,
)
from simulator.pipeline.serving.replica_pools import Answered, PoolTick
from simulator.pipeline.traffic import admission
from simulator.pipeline.traffic.arrivals import arrive
from simulator.pipeline.traffic.customers import Customers
from simulator.pipeline.world import READY, World


class Slice(NamedTuple):
    """The simulated part of a tick: `dt / weight` ms from `at`, on the model server's clock."""

    at: int
    weight: int


def step(world: World, params: Params, dt: int, draws: Customers) -> Sample:
    """Advance the world, in place, by `dt` ms under the bent laws of the tick.

    A fault has landed if ``sample.hits[fault] > 0`` in the returned sample.
    """
    sample = Sample(t=world.now, dt=dt)
    if params.volumes:
        volumes.step(world, params, sample)
    served = _serve(world, params, draws, sample)
    world.now += dt
    scheduler.step(world, params, world.now, JOB_EFFECTS, draws.seed, sample)
    lifecycle.step(world, params, world.now, draws.seed, sample)
    scoring.score(world, params, served.requests, served.slot, draws.seed, sample)
    if world.log.replays:
        log_replay.step(world, params, draws.seed, sample)
    for landing in params.bends.lands_on:
        sample.hit(landing.fault, sample.units.get(landing.unit, 0))
    return sample


def step_sampled(world: World, params: Params, dt: int, draws: Customers, slice_: Slice) -> Sample:
    """Advance the world by `dt` ms, of which only a slice is simulated request by request.

    The model server simulates the slice at the full rate, and slices follow each other without a
    gap on its clock, so its load is the real one. Jobs, ages and labels advance by the whole
    tick. For history, where no fault is active. Requests of the returned sample have its weight.
    """
    part = Sample(slice_.at, dt // slice_.weight, slice_.weight)
    # The hour of the day is that of the tick.
    shifted = params.unbent()
    shifted.start_ms_of_day += world.now - slice_.at
    served = _serve(world, shifted, draws, part)
    sample = replace(part, t=world.now, dt=dt)
    world.now += dt
    scheduler.step(world, params, world.now, JOB_EFFECTS, draws.seed, sample)
    scoring.score(world, params, served.requests, served.slot, draws.seed, sample)
    return sample


def _serve(world: World, params: Params, draws: Customers, sample: Sample) -> Answered:
    arrivals = arrive(params, draws, sample)
    accelerators.lengthen(params, arrivals, draws.seed, sample)
    if world.gateway.active:
        admission.admit(world, params, arrivals, draws.seed, sample)
    dependency.begin(world.dependency, params, sample.dt)
    if world.pools:
        answered = serve_pools(world, params, arrivals, draws.seed, sample)
    else:
        served = serve_pool(world, params, arrivals, draws.seed, sample)
        answered = Answered(served.requests, served.slot)
    if params.dependency is not None:
        account_reads(world, params, sample)
    if world.gateway.active:
        admission.measure(world.gateway, sample)
    return answered


def serve_pools(
    world: World, params: Params, arrivals: Floats, seed: int, sample: Sample
) -> Answered:
    """Serve the requests of every pool of replicas by its own laws."""
    share = replica_pools.split(world.pools, arrivals, seed)
    served = serve_pool(world, params, share[replica_pools.MAIN], seed, sample)
    parts = []
    for name, laws in params.serving_pools.items():
        laws.bends.dependency_factor = params.bends.dependency_factor
        laws.read_stretch, laws.read_limit_ms = params.read_stretch, params.read_limit_ms
        laws.verdicts = params.verdicts  # one gateway before all pools
        seen, part = replica_pools.view(world, name), Sample(sample.t, sample.dt, sample.weight)
        parts.append(PoolTick(name, laws, part, serve_pool(seen, laws, share[name], seed, part)))
        replica_pools.put_back(world, name, seen)
    return replica_pools.join(params, served, parts, sample)


def serve_pool(
    world: World, params: Params, arrivals: Floats, seed: int, sample: Sample
) -> server.Served:
    """Serve one tick by one pool of replicas: its pods, their CPU and accelerators, its queue."""
    deployment.step(world, params, sample)
    cores = world.cluster.cpu
    if cores is not None:
        cpu.throttle(cores, params, world.replicas.limits.cpu)
    accelerators.begin(world, params)
    if params.feature_cache is not None:
        feature_cache.look_up(world.replicas, params, arrivals, seed, sample.weight)
    served = segments.serve(world, params, arrivals, sample)
    count_slowed(world, params, served, sample)
    if cores is not None:
        cpu.account(cores, params, sample, nodes.dead_pods(world))
    accelerators.account(world, params, sample)
    autoscaler.step(world, params, sample)
    return served


def account_reads(world: World, params: Params, sample: Sample) -> None:
    """Count the feature reads of all pools on the dependency that they share."""
    slots, waits = 0, False
    for seen, laws in ((world, params), *replica_pools.views(world, params)):
        batch = laws.per_replica.batching.max_size if laws.per_replica is not None else 1
        slots += int(np.count_nonzero(seen.replicas.phase == READY)) * laws.concurrency * batch
        waits |= len(seen.queue.waiting) > 0
    dependency.account(world.dependency, params, sample, slots, waits)


def count_slowed(world: World, params: Params, served: server.Served, sample: Sample) -> None:
    """Count the hits of slowdowns: the requests that the slowed pods had in service."""
    if params.bends.slowdowns:
        worked = served.departed + server.in_service(world.queue, params.slots)
        worked[nodes.dead_pods(world)] = 0  # a pod without a process serves nothing
        for slowdown in params.bends.slowdowns:
            sample.hit(slowdown.fault, worked[slowdown.pods].sum())


def _materialize(world: World, params: Params, work: Work) -> str:
    rows = feature_store.materialize(world, params, work.job.view, work.data_time, work.absent)
    return (
        f"Materializing 1 feature views up to {format_time_of_day(params, work.data_time)} "
        f"into the redis online store: {rows} rows."
    )


def _label_join(world: World, params: Params, work: Work) -> str:
    # Without input there is nothing to join, and the next run reads on from here.
    if all(gap.in_part for gap in work.absent):
        labels.join(world, work.data_time)
    return ""


JOB_EFFECTS = {
    "materialize": _materialize,
    "label_join": _label_join,
    "train": retraining.train,
    "evaluate": retraining.evaluate,
    "release": retraining.release,
}
