"""What is watched and scraped: monitors, and the systems that the stages of a pipeline play."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.datasets.dataset import Dataset
from simulator.monitors import Monitor, MonitorRunner
from simulator.monitors.validation import Validation
from simulator.scenario import Features, Pipeline, Source, Validate
from simulator.setting.components import pods, serving_of, slots_of
from simulator.setting.job_laws import job_laws, pool_laws, volume_laws
from simulator.setting.quota_law import quota_law
from simulator.setting.traffic_laws import gpu_of
from simulator.setting.training_laws import fleet_law, training_laws
from simulator.telemetry.exporter import Exporter
from simulator.telemetry.exporters import exporter_names, make_exporter, scrape_job

# Scraped whatever the stages play.
ALWAYS = ("kubernetes", "cadvisor", "model", "prometheus", "alertmanager")


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


def monitor_runner(
    pipeline: Pipeline, monitors: Sequence[Monitor], dataset: Dataset, start: int
) -> MonitorRunner:
    """The monitors at work from a time on: those written and those that stages are."""
    return MonitorRunner([*monitors, *validation(pipeline)], dataset.columns, start)


def systems(
    pipeline: Pipeline,
    runner: MonitorRunner,
    integrations: Sequence[str] = (),
    more: Sequence[str] = (),
) -> list[Exporter]:
    """What is scraped: the systems that the stages play, the cluster's, the model's, and
    monitoring itself.

    Parameters
    ----------
    pipeline : Pipeline
    runner : MonitorRunner
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
        "slots": slots_of(serving_of(pipeline)[1]),
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
        "monitored": runner.series,
        "integrations": integrations,
    }
    return [make_exporter(name, **facts) for name in dict.fromkeys([*_played(pipeline), *more])]


def scraped(pipeline: Pipeline) -> list[str]:
    """The scrape jobs of a pipeline."""
    return [scrape_job(name) for name in _played(pipeline)]


def _played(pipeline: Pipeline) -> list[str]:
    stages = pipeline.stages.values()
    played = [stage.plays for stage in stages if stage.plays in exporter_names()]
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
