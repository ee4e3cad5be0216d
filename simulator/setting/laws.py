"""The laws of a pipeline as its author wrote it."""

from dataclasses import replace
from datetime import datetime

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.laws import Params
from simulator.pipeline.model.view_states import ViewLaw
from simulator.pipeline.rows import RowPool
from simulator.pipeline.traffic.laws import Burst
from simulator.scenario import Features, Pipeline
from simulator.scenario.cluster import Lifecycle
from simulator.scenario.traffic import Traffic
from simulator.setting import serving_laws
from simulator.setting.components import pod_prefix, pod_slots, serving_stage
from simulator.setting.estimator import learner_of
from simulator.setting.job_laws import job_laws, pool_laws, volume_laws
from simulator.setting.replica_pool_laws import pool_params
from simulator.setting.training_laws import fleet_law, training_laws
from simulator.streams import Streams

# The least number of labelled rows to fit a model of a dozen columns.
TRAIN_ROWS = 500
# A trace is the same in every run: this seed draws the times within its intervals of counts.
TRACE_SEED = 2013


def make_params(
    pipeline: Pipeline, pool: RowPool, start_ms_of_day: int, starts_at: datetime
) -> Params:
    """The laws of a pipeline without faults.

    Parameters
    ----------
    pool : RowPool
        The rows that requests are about.
    start_ms_of_day : int
        The time of day at time 0.
    starts_at : datetime
        Time 0, for cron lines.
    """
    model, (_, server) = pipeline.model, serving_stage(pipeline)
    params = Params(
        pool=pool,
        rate=pipeline.traffic.rate,
        profile=np.array(pipeline.traffic.profile, np.float64),
        start_ms_of_day=start_ms_of_day,
        slots=pod_slots(server),
        concurrency=server.concurrency,
        queue_cap=server.queue,
        timeout_ms=float(server.timeout),
        retries=server.retries,
        retry_backoff_ms=float(server.retry_backoff),
        service_ms=server.service.mean_ms,
        work=serving_laws.service_distribution(server.service),
        start_up_ms=server.start_up,
        memory_base=float(server.memory.base),
        memory_per_request=float(server.memory.per_request),
        memory_limit=float(server.memory.limit),
        memory_request=float(server.memory.request),
        views=_views(pipeline, pool),
        view_laws=_view_laws(pipeline),
        logged_per_minute=round(pipeline.logged * 60),
        jobs=job_laws(pipeline, starts_at),
        train_window=model.window,
        train_rows=TRAIN_ROWS,
        holdout=model.holdout,
        gate=float(model.gate.get("accuracy", -1.0)),
        precision_gate=model.gate.get("precision"),
        canary_share=model.canary,
        threshold=model.threshold,
        learner=learner_of(pipeline),
        pods=pod_prefix(pipeline),
        max_surge=server.rollout.max_surge,
        max_unavailable=server.rollout.max_unavailable,
        warm_up_ms=server.warm_up.lasts if server.warm_up else 0,
        warm_up_factor=server.warm_up.factor if server.warm_up else 1.0,
        autoscaler=serving_laws.autoscaler_law(server),
        quota=serving_laws.quota_law(pipeline),
        machines=serving_laws.machine_law(pipeline),
        retry_budget=serving_laws.retry_budget_law(server),
        circuit_breaker=serving_laws.circuit_breaker_law(server),
        per_replica=serving_laws.per_replica_queueing(server),
        gpu=serving_laws.gpu_law(server),
        bursts=tuple(Burst(b.at, b.at + b.lasts, b.factor) for b in pipeline.traffic.bursts),
        trace=trace_times(pipeline.traffic),
        classes=tuple(pipeline.traffic.classes.items()),
        fleet=fleet_law(pipeline),
        trainings=training_laws(pipeline),
        pools=pool_laws(pipeline),
        volumes=volume_laws(pipeline),
    )
    _set_lifecycle_laws(params, pipeline)
    serving_laws.set_cpu_laws(params, server)
    serving_laws.set_read_laws(params, server)
    return replace(params, serving_pools=pool_params(pipeline, params))


def _set_lifecycle_laws(params: Params, pipeline: Pipeline) -> None:
    lifecycle = pipeline.cluster.lifecycle or Lifecycle()
    params.node_grace_ms, params.eviction_ms = lifecycle.grace, lifecycle.eviction


def _view_laws(pipeline: Pipeline) -> dict[str, ViewLaw]:
    """How the online store writes each view."""
    return {
        view: ViewLaw(stage.snapshots, stage.keeps_newer)
        for view, stage in pipeline.stages.items()
        if isinstance(stage, Features)
    }


def _views(pipeline: Pipeline, pool: RowPool) -> dict[str, tuple[tuple[int, ...], int, int]]:
    """Feature views by name: columns, time to live in ms, time between changes of a value in ms."""
    return {
        view: (
            tuple(pool.index(column) for column in stage.columns),
            stage.ttl,
            max(1, stage.changes_every),
        )
        for view, stage in pipeline.stages.items()
        if isinstance(stage, Features)
    }


def trace_times(traffic: Traffic) -> tuple[int, int, Floats] | None:
    """Start and end of the trace, and the times of its requests since the start; all in ms.

    Examples
    --------
    >>> trace_times(Traffic(rate="1/s", trace={"at": "5s", "times": ["0s", "2s"]}))
    (5000, 7001, array([   0., 2000.]))
    """
    trace = traffic.trace
    if trace is None:
        return None
    if trace.times is not None:
        times = np.array(trace.times, np.float64)
    else:
        counts = np.array(trace.counts, np.int64)
        begins = np.arange(len(counts)).repeat(counts) + 0.0
        offset = Streams(TRACE_SEED).keyed("trace", *map(int, counts[:64])).random(len(begins))
        times = np.sort((begins + offset) * (trace.every or 0))
    return trace.at, trace.at + trace.lasts, times
