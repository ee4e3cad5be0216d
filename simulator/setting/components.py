"""The named components of a pipeline: its server, its jobs, and everything that has an owner."""

from collections.abc import Mapping

from simulator.pipeline.cluster.nodes import CLUSTER
from simulator.pipeline.cluster.quota import QUOTA
from simulator.pipeline.jobs.dag import SCHEDULER
from simulator.pipeline.monitoring import ALERTMANAGER, PROMETHEUS
from simulator.scenario import Job, Pipeline, Serving, Source, Training
from simulator.setting.training_laws import checkpoint_stores

STAGE_KINDS = ("source", "ingest", "validate", "features", "job", "training", "serving")
FIELDS = {
    "data": ("source", "ingest", "validate", "features", "credential", "volume"),
    "models": ("training", "job", "serving", "checkpoint_store"),
    "infrastructure": (CLUSTER, "pool", QUOTA, "scheduler", "dependency", "cpu", "gpu_memory"),
    "monitoring": (PROMETHEUS, ALERTMANAGER, "scrape", "receiver"),
}
# Kinds of components that other teams may run: a fix by their owner is a revision of theirs.
OWNABLE_KINDS = (
    "source",
    CLUSTER,
    "scheduler",
    "pool",
    "volume",
    "checkpoint_store",
    QUOTA,
    "credential",
    "dependency",
)


def serving_stage(pipeline: Pipeline) -> tuple[str, Serving]:
    """The name of the serving stage, and the stage."""
    return next((n, s) for n, s in pipeline.stages.items() if isinstance(s, Serving))


def pod_slots(server: Serving, pool: str = "") -> int:
    """The largest number of pods at a time: the most replicas and the surge of a rollout.

    Of the main pool, or of another.

    As in a Deployment, the surge comes on top of the autoscaler's or any other maximum.
    """
    most = server.pools[pool].replicas_max if pool else server.replicas_max
    return most + server.rollout.max_surge


def pod_prefix(pipeline: Pipeline, pool: str = "") -> str:
    """The name of the model server's pods before their number, in the main or another pool."""
    return f"{pipeline.name}-{pool}-predictor" if pool else f"{pipeline.name}-predictor"


def components(pipeline: Pipeline) -> dict[str, list[str]]:
    """The names of a pipeline's components by kind: targets of faults, property of teams."""
    stages = pipeline.stages.items()
    name, server = serving_stage(pipeline)
    return {
        **{kind: [n for n, stage in stages if stage.kind == kind] for kind in STAGE_KINDS},
        "cpu": [name] if server.cpu else [],
        "gpu_memory": [name] if server.gpu_memory else [],
        CLUSTER: [CLUSTER],
        "scheduler": [SCHEDULER],
        "pool": list(pipeline.pools),
        "volume": list(pipeline.volumes),
        "checkpoint_store": checkpoint_stores(pipeline),
        QUOTA: [QUOTA] if pipeline.cluster.quota else [],
        "credential": _credentials(pipeline),
        "dependency": [server.dependency.name] if server.dependency else [],
    }


def fields(by_kind: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The names of components by field of work, which skills may name beside kinds.

    Examples
    --------
    >>> fields({"source": ["feed"], "features": ["store"], "serving": ["server"]})["data"]
    ['feed', 'store']
    """
    return {
        field: [name for kind in kinds for name in by_kind.get(kind, ())]
        for field, kinds in FIELDS.items()
    }


def ownable(pipeline: Pipeline) -> list[str]:
    """The components beside stages that a team may own."""
    names = components(pipeline)
    stages = pipeline.stages.values()
    credentials = [stage.credential for stage in stages if isinstance(stage, Source)]
    return [name for kind in OWNABLE_KINDS for name in names[kind]] + [
        credential for credential in credentials if credential
    ]


def declared_owners(pipeline: Pipeline) -> dict[str, str]:
    """The owning team of each component whose owner the pipeline names."""
    _, server = serving_stage(pipeline)
    stages = pipeline.stages.items()
    sources = [(name, stage) for name, stage in stages if isinstance(stage, Source)]
    owners = [(name, source.owner) for name, source in sources]
    owners += [(source.credential, source.owner) for _, source in sources if source.credential]
    trainings = [stage for _, stage in stages if isinstance(stage, Training)]
    checkpoints = [stage.checkpoint for stage in trainings if stage.checkpoint]
    owners += [(checkpoint.store, checkpoint.owner) for checkpoint in checkpoints]
    owners += [(name, volume.owner) for name, volume in pipeline.volumes.items()]
    owners += [(name, pool.owner) for name, pool in pipeline.pools.items()]
    if pipeline.cluster.quota:
        owners.append((QUOTA, pipeline.cluster.quota.owner))
    if server.dependency:
        owners.append((server.dependency.name, server.dependency.owner))
    return {name: team for name, team in owners if team}


def job_credentials(pipeline: Pipeline, job: Job) -> tuple[str, ...]:
    """The credentials that a run of a job needs: its own, and those of its sources."""
    stages = [pipeline.stages[name] for name in job.needs]
    sources = [stage.credential for stage in stages if isinstance(stage, Source)]
    return tuple(dict.fromkeys(name for name in (job.credential, *sources) if name))


def _credentials(pipeline: Pipeline) -> list[str]:
    """The credentials that any job needs; one of a source that no job reads has no effect."""
    jobs = [stage for stage in pipeline.stages.values() if isinstance(stage, Job)]
    return list(dict.fromkeys(name for job in jobs for name in job_credentials(pipeline, job)))
