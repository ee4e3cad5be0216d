"""A pipeline as written becomes laws."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from simulator.pipeline.laws import Params
from simulator.pipeline.rows import Pool
from simulator.scenario import Features, Pipeline
from simulator.scenario.pipeline import Lifecycle
from simulator.setting.components import pods, serving_of, slots_of
from simulator.setting.estimator import learner_of
from simulator.setting.job_laws import job_laws, pool_laws, volume_laws
from simulator.setting.quota_law import quota_law
from simulator.setting.traffic_laws import (
    breaker_of,
    budget_of,
    bursts_of,
    gpu_of,
    lanes_of,
    scaler_of,
    trace_of,
    work_of,
)
from simulator.setting.training_laws import fleet_law, training_laws

# Fewer labelled rows than this teach a model of a dozen columns nothing.
TRAIN_ROWS = 500


def make_laws(pipeline: Pipeline, pool: Pool, start_ms_of_day: int, starts_at: datetime) -> Params:
    """The laws of a pipeline while no fault bites.

    Parameters
    ----------
    pipeline : Pipeline
    pool : Pool
        The rows that requests ask about.
    start_ms_of_day : int
        The time of day at 0.
    starts_at : datetime
        Time 0, for cron lines.
    """
    model = pipeline.model
    _, server = serving_of(pipeline)
    dependency = server.dependency
    lifecycle = pipeline.cluster.lifecycle or Lifecycle()
    return Params(
        pool=pool,
        rate=pipeline.traffic.rate,
        profile=np.array(pipeline.traffic.profile, np.float64),
        start_ms_of_day=start_ms_of_day,
        slots=slots_of(server),
        concurrency=server.concurrency,
        queue_cap=server.queue,
        timeout_ms=float(server.timeout),
        retries=server.retries,
        retry_backoff_ms=float(server.retry_backoff),
        service_ms=server.service.mean_ms,
        work=work_of(server.service),
        feature_read_ms=float(dependency.mean) if dependency else 0.0,
        start_up_ms=server.start_up,
        memory_base=float(server.memory.base),
        memory_per_request=float(server.memory.per_request),
        memory_limit=float(server.memory.limit),
        memory_request=float(server.memory.request),
        views=_views(pipeline, pool),
        logged_per_minute=round(pipeline.logged * 60),
        jobs=job_laws(pipeline, starts_at),
        train_window=model.window,
        train_rows=TRAIN_ROWS,
        holdout=model.holdout,
        gate=float(model.gate.get("accuracy", -1.0)),
        canary_share=model.canary,
        learner=learner_of(pipeline),
        pods=pods(pipeline),
        max_surge=server.rollout.max_surge,
        max_unavailable=server.rollout.max_unavailable,
        warm_up_ms=server.warm_up.lasts if server.warm_up else 0,
        warm_up_factor=server.warm_up.factor if server.warm_up else 1.0,
        autoscaler=scaler_of(server),
        node_grace_ms=lifecycle.grace,
        eviction_ms=lifecycle.eviction,
        quota=quota_law(pipeline),
        cpu_limit=server.cpu.limit if server.cpu else 0.0,
        cpu_per_request=server.cpu.per_request if server.cpu else 1.0,
        budget=budget_of(server),
        breaker=breaker_of(server),
        lanes=lanes_of(server),
        gpu=gpu_of(server),
        bursts=bursts_of(pipeline.traffic),
        trace=trace_of(pipeline.traffic),
        fleet=fleet_law(pipeline),
        trainings=training_laws(pipeline),
        pools=pool_laws(pipeline),
        volumes=volume_laws(pipeline),
    )


def _views(pipeline: Pipeline, pool: Pool) -> dict[str, tuple[tuple[int, ...], int, int]]:
    """What the feature views are: columns, time to live and how often a value changes, ms."""
    return {
        view: (
            tuple(pool.index(column) for column in stage.columns),
            stage.ttl,
            max(1, stage.changes_every),
        )
        for view, stage in pipeline.stages.items()
        if isinstance(stage, Features)
    }
