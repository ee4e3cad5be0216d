"""A pipeline as written becomes laws and a first world."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from simulator.faults import Refers
from simulator.monitors import Monitor, Watch
from simulator.monitors.validation import Validation
from simulator.pipeline import cluster, cpu, jobs, labels, learner, serving
from simulator.pipeline.jobs import SCHEDULER
from simulator.pipeline.nodes import CLUSTER
from simulator.pipeline.quota import QUOTA
from simulator.pipeline.releases import SERVING
from simulator.pipeline.world import Params, Releases, Store, World
from simulator.registry import Part
from simulator.scenario import Features, Job, Pipeline, Serving, Source, Validate
from simulator.scenario.pipeline import Lifecycle
from simulator.setting.cluster import quota_law
from simulator.setting.data import Frame, fit_versions, make_pool
from simulator.setting.datasets import windows
from simulator.setting.estimator import learner_of
from simulator.setting.jobs import EPOCH, job_laws, pool_laws, volume_laws
from simulator.setting.traffic import (
    breaker_of,
    budget_of,
    bursts_of,
    gpu_of,
    lanes_of,
    scaler_of,
    trace_of,
    work_of,
)
from simulator.setting.training import fleet_law, stores, training_laws, trainings
from simulator.telemetry.collector import System
from simulator.telemetry.systems import job_of, make, names

DAY_MS = 24 * 3_600_000
MINUTE_MS = 60_000
# Fewer labelled rows than this teach a model of a dozen columns nothing.
TRAIN_ROWS = 500
# Scraped whatever the stages play.
ALWAYS = ("kubernetes", "cadvisor", "model", "prometheus", "alertmanager")


def serving_of(pipeline: Pipeline) -> tuple[str, Serving]:
    """The stage that serves, and its name."""
    return next((n, s) for n, s in pipeline.stages.items() if isinstance(s, Serving))


def make_world(
    pipeline: Pipeline,
    frame: Frame,
    start: int,
    start_ms_of_day: int,
    releases: Sequence[int],
    starts_at: datetime = EPOCH,
) -> tuple[World, Params]:
    """The world before its history, and its laws.

    Parameters
    ----------
    pipeline : Pipeline
    frame : Frame
    start : int, ms
        Where history begins.
    start_ms_of_day : int
        The time of day at 0.
    releases : sequence of int
        Model versions that a change will release.
    starts_at : datetime
        Time 0, for cron lines.
    """
    data, model = pipeline.data, pipeline.model
    fit, serve = windows(frame, data)
    fits = learner_of(pipeline)
    versions = fit_versions(frame, fit, sorted({*model.former, model.version, *releases}), fits)
    law = versions[model.version]
    if not isinstance(law, learner.Model):
        law = learner.fit(frame.rows[fit], frame.label[fit], frame.columns, model.version)
    pool = make_pool(frame, serve, law)
    _, server = serving_of(pipeline)
    laws, pools_ = job_laws(pipeline, starts_at), pool_laws(pipeline)
    volumes = volume_laws(pipeline)
    views = {
        view: (
            tuple(pool.index(column) for column in stage.columns),
            stage.ttl,
            max(1, stage.changes_every),
        )
        for view, stage in pipeline.stages.items()
        if isinstance(stage, Features)
    }
    dependency = server.dependency
    lifecycle = pipeline.cluster.lifecycle or Lifecycle()
    slots = server.replicas_max
    params = Params(
        pool=pool,
        rate=pipeline.traffic.rate,
        profile=np.array(pipeline.traffic.profile, np.float64),
        start_ms_of_day=start_ms_of_day,
        slots=slots,
        concurrency=server.concurrency,
        queue_cap=server.queue,
        timeout_ms=float(server.timeout),
        retries=server.retries,
        retry_backoff_ms=float(server.retry_backoff),
        service_ms=server.service.mean_ms,
        work=work_of(server.service),
        dependency_ms=float(dependency.mean) if dependency else 0.0,
        start_up_ms=server.start_up,
        memory_base=float(server.memory.base),
        memory_per_request=float(server.memory.per_request),
        memory_limit=float(server.memory.limit),
        memory_request=float(server.memory.request),
        views=views,
        logged_per_minute=round(pipeline.logged * 60),
        jobs=laws,
        train_window=model.window,
        train_rows=TRAIN_ROWS,
        holdout_every=max(2, round(1 / model.holdout)) if model.holdout else 10**9,
        gate=float(model.gate.get("accuracy", -1.0)),
        canary_share=model.canary,
        learner=fits,
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
        pools=pools_,
        volumes=volumes,
    )
    replicas, placed = cluster.start(
        slots,
        server.replicas,
        [float(pipeline.cluster.memory)] * pipeline.cluster.nodes,
        base=params.memory_base,
        request=params.memory_request,
        build=server.build,
    )
    placed.cores = cpu.idle(slots) if server.cpu else None
    placed.gpu_used = np.zeros(slots if server.gpu_memory else 0)
    upstream = [n for n, stage in pipeline.stages.items() if isinstance(stage, Source)]
    upstream += [CLUSTER, SCHEDULER, *pipeline.pools, *pipeline.volumes, *stores(pipeline)]
    upstream += [QUOTA] if pipeline.cluster.quota else []
    upstream += [*credentials(pipeline)]
    upstream += [dependency.name] if dependency else []
    builds = {SERVING: server.build, **{law.name: law.build for law in laws}}
    world = World(
        now=start,
        revision=dict.fromkeys(upstream, 1),
        releases=Releases(
            model=model.version,
            former_models=sorted(model.former),
            build=builds,
            former_builds={part: [] for part in builds},
        ),
        replicas=replicas,
        cluster=placed,
        queue=serving.empty_queue(slots),
        store=Store(dict.fromkeys(views, start), dict.fromkeys(views, ()), dict.fromkeys(views, 0)),
        # A day of rows: as far back as a retrain may look.
        log=labels.empty_log(
            max(1000, params.logged_per_minute * DAY_MS // MINUTE_MS), len(pool.columns)
        ),
        labels=labels.empty_labels(start),
        jobs=jobs.idle(laws, start, start_ms_of_day, pools_),
        versions=dict(versions),
        trained={},
        quarantined={},
        birth=start,
        trainings=trainings(pipeline),
        volumes={law.name: law.used for law in volumes},
    )
    return world, params


def credentials(pipeline: Pipeline) -> list[str]:
    """Every key that something is read with, once."""
    stages = pipeline.stages.values()
    keys = [stage.credential for stage in stages if isinstance(stage, Source | Job)]
    return list(dict.fromkeys(key for key in keys if key))


def validation(pipeline: Pipeline) -> list[Monitor]:
    """The monitors that validation stages are; of several each has the stage's name."""
    stages = {
        name: stage
        for name, stage in pipeline.stages.items()
        if isinstance(stage, Validate) and stage.rules
    }
    return [
        Validation(rules=stage.rules, name=name if len(stages) > 1 else "")
        for name, stage in stages.items()
    ]


def watch_of(pipeline: Pipeline, monitors: Sequence[Monitor], frame: Frame, start: int) -> Watch:
    """The monitors at work from a time on: those written and those that stages are."""
    return Watch([*monitors, *validation(pipeline)], frame.columns, start)


def systems(
    pipeline: Pipeline,
    watch: Watch,
    integrations: Sequence[str] = (),
    more: Sequence[str] = (),
) -> list[System]:
    """What is scraped: the systems that the stages play, the cluster's, the model's, and
    monitoring itself.

    Parameters
    ----------
    pipeline : Pipeline
    watch : Watch
        For the series of the monitors.
    integrations : sequence of str
        The kinds of Alertmanager's integrations: webhook, slack, …
    more : sequence of str
        Systems that it shall have besides.
    """
    stages = pipeline.stages.items()
    facts = {
        "model": pipeline.name,
        "pods": pods(pipeline),
        "slots": serving_of(pipeline)[1].replicas_max,
        "autoscaled": serving_of(pipeline)[1].autoscaler is not None,
        "nodes": pipeline.cluster.nodes if pipeline.cluster.lifecycle else 0,
        "quota": quota_law(pipeline),
        "cpu": serving_of(pipeline)[1].cpu is not None,
        "jobs": job_laws(pipeline),
        "pools": pool_laws(pipeline),
        "volumes": volume_laws(pipeline),
        "views": [name for name, stage in stages if isinstance(stage, Features)],
        "sources": [name for name, stage in stages if isinstance(stage, Source)],
        "trainings": training_laws(pipeline),
        "fleet": fleet_law(pipeline),
        "gpu": gpu_of(serving_of(pipeline)[1]),
        "monitored": watch.series,
        "integrations": integrations,
    }
    return [make(name, **facts) for name in dict.fromkeys([*_played(pipeline), *more])]


def scraped(pipeline: Pipeline) -> list[str]:
    """The scrape jobs of a pipeline."""
    return [job_of(name) for name in _played(pipeline)]


def pods(pipeline: Pipeline) -> str:
    """What the pods of its model server are called, before their number."""
    return f"{pipeline.name}-predictor"


def _played(pipeline: Pipeline) -> list[str]:
    stages = pipeline.stages.values()
    played = [stage.plays for stage in stages if stage.plays in names()]
    _, server = serving_of(pipeline)
    # Whatever else is played, these are what is trained on, what collects batches, on
    # what, what clients hold back with and what has volumes.
    there = (
        ("training", training_laws(pipeline)),
        ("node", pipeline.volumes),
        ("triton", server.batching),
        ("dcgm", server.gpu_memory),
        ("envoy", server.retry_budget),
        ("resilience4j", server.breaker),
    )
    always = [*ALWAYS, *(name for name, law in there if law)]
    return [name for name in dict.fromkeys([*played, *always]) if name]


def refers(part: Part, to: str) -> list[tuple[str, str]]:
    """The fields of a part that name something of the pipeline, with what they name."""
    return [
        (name, str(getattr(part, name)))
        for name, info in type(part).model_fields.items()
        if any(isinstance(mark, Refers) and mark.to == to for mark in info.metadata)
    ]
