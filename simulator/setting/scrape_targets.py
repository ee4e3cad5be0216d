"""Monitors and scraped systems of a pipeline."""

from collections.abc import Sequence
from typing import Any

from simulator.datasets.dataset import Dataset
from simulator.monitors import Monitor, MonitorRunner
from simulator.monitors.validation import Validation
from simulator.scenario import Features, Pipeline, Source, Validate
from simulator.setting.components import pod_prefix, pod_slots, serving_stage
from simulator.setting.job_laws import job_laws, pool_laws, volume_laws
from simulator.setting.serving_laws import cache_law, dependency_law, gpu_law, quota_law
from simulator.setting.training_laws import fleet_law, training_laws
from simulator.telemetry.exporter import Exporter
from simulator.telemetry.exporters import exporter_names, make_exporter, scrape_job

# Scraped in every pipeline.
ALWAYS = ("kubernetes", "cadvisor", "model", "prometheus", "alertmanager")


def validation_monitors(pipeline: Pipeline) -> list[Monitor]:
    """The monitors of validation stages; each has its stage's name if there are several."""
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
    """The runner of all monitors from a time on: the listed ones and those of stages."""
    return MonitorRunner([*monitors, *validation_monitors(pipeline)], dataset.columns, start)


def make_exporters(
    pipeline: Pipeline,
    runner: MonitorRunner,
    integrations: Sequence[str] = (),
    more: Sequence[str] = (),
) -> list[Exporter]:
    """The scraped systems: those that stages play, the cluster, the model, and monitoring.

    Parameters
    ----------
    runner : MonitorRunner
        Its series are scraped.
    integrations : sequence of str
        Kinds of Alertmanager integrations: webhook, slack, …
    more : sequence of str
        Names of further systems.
    """
    stages = pipeline.stages.items()
    _, server = serving_stage(pipeline)
    facts = {
        "model": pipeline.name,
        "classes": tuple(pipeline.traffic.classes),
        "pods": pod_prefix(pipeline),
        "slots": pod_slots(server),
        "autoscaled": server.autoscaler is not None,
        "nodes": max(pipeline.cluster.nodes, pipeline.cluster.nodes_max or 0)
        if pipeline.cluster.lifecycle
        else 0,
        "serving_pools": _serving_pools(pipeline),
        "quota": quota_law(pipeline),
        "cpu": server.cpu is not None,
        "jobs": job_laws(pipeline),
        "pools": pool_laws(pipeline),
        "volumes": volume_laws(pipeline),
        "views": [name for name, stage in stages if isinstance(stage, Features)],
        "sources": [name for name, stage in stages if isinstance(stage, Source)],
        "trainings": training_laws(pipeline),
        "fleet": fleet_law(pipeline),
        "gpu": gpu_law(server),
        "dependency": dependency_law(server),
        "cache": cache_law(server),
        "monitored": runner.series,
        "integrations": integrations,
    }
    names = dict.fromkeys([*_exporter_names(pipeline), *more])
    return [make_exporter(name, **facts) for name in names]


def _serving_pools(pipeline: Pipeline) -> list[dict[str, Any]]:
    """What the exporters expose of the pools of replicas beside the main one, in their order."""
    _, server = serving_stage(pipeline)
    facts, first_slot = [], pod_slots(server)
    for name, pool in server.pools.items():
        slots = pod_slots(server, name)
        facts.append({
            "name": name,
            "pods": pod_prefix(pipeline, name),
            "slots": slots,
            "first_slot": first_slot,
            "nodes": pool.nodes if pipeline.cluster.lifecycle else 0,
            "node": f"{name}-node",
            "cpu": server.cpu is not None,
        })  # fmt: skip
        first_slot += slots
    return facts


def scrape_jobs(pipeline: Pipeline) -> list[str]:
    """The scrape jobs of a pipeline."""
    return [scrape_job(name) for name in _exporter_names(pipeline)]


def _exporter_names(pipeline: Pipeline) -> list[str]:
    stages = pipeline.stages.values()
    played = [stage.plays for stage in stages if stage.plays in exporter_names()]
    _, server = serving_stage(pipeline)
    # Components bring the exporters of the systems that they run on.
    components = (
        ("training", training_laws(pipeline)),
        ("node", pipeline.volumes),
        ("triton", server.batching),
        ("dcgm", server.gpu_memory),
        ("envoy", server.retry_budget),
        ("resilience4j", server.breaker),
        ("istio", server.pools),
        ("opentelemetry", dependency_law(server)),
        ("micrometer", server.cache),
    )
    always = [*ALWAYS, *(name for name, law in components if law)]
    return [name for name in dict.fromkeys([*played, *always]) if name]
