"""What of a pipeline has a name: its server, its jobs, and all that somebody owns."""

from __future__ import annotations

from simulator.pipeline.cluster.nodes import CLUSTER
from simulator.pipeline.cluster.quota import QUOTA
from simulator.pipeline.jobs.dag import SCHEDULER
from simulator.scenario import Job, Pipeline, Serving, Source, Training
from simulator.setting.training_laws import stores

# Of stages.
KINDS = ("source", "ingest", "validate", "features", "job", "training", "serving")
# Kinds of things that others may run: their owner's fix is a revision of theirs.
OWNED = (
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


def serving_of(pipeline: Pipeline) -> tuple[str, Serving]:
    """The stage that serves, and its name."""
    return next((n, s) for n, s in pipeline.stages.items() if isinstance(s, Serving))


def slots_of(server: Serving) -> int:
    """How many pods there may be at once: those of a rollout's surge come on top.

    As a Deployment's do, whatever the most is that its autoscaler or anybody asks for.
    """
    return server.replicas_max + server.rollout.max_surge


def pods(pipeline: Pipeline) -> str:
    """What the pods of its model server are called, before their number."""
    return f"{pipeline.name}-predictor"


def things(pipeline: Pipeline) -> dict[str, list[str]]:
    """The names of what a pipeline consists of, by kind: what faults bite on and people own."""
    stages = pipeline.stages.items()
    name, server = serving_of(pipeline)
    return {
        **{kind: [n for n, stage in stages if stage.kind == kind] for kind in KINDS},
        "cpu": [name] if server.cpu else [],
        "gpu_memory": [name] if server.gpu_memory else [],
        CLUSTER: [CLUSTER],
        "scheduler": [SCHEDULER],
        "pool": list(pipeline.pools),
        "volume": list(pipeline.volumes),
        "checkpoint_store": stores(pipeline),
        QUOTA: [QUOTA] if pipeline.cluster.quota else [],
        "credential": _credentials(pipeline),
        "dependency": [server.dependency.name] if server.dependency else [],
    }


def owned(pipeline: Pipeline) -> list[str]:
    """What of a pipeline somebody may own beside its stages."""
    found = things(pipeline)
    held = [stage.credential for stage in pipeline.stages.values() if isinstance(stage, Source)]
    return [name for kind in OWNED for name in found[kind]] + [key for key in held if key]


def owners(pipeline: Pipeline) -> dict[str, str]:
    """The team that the pipeline itself names as owner, of what somebody owns beside stages."""
    _, server = serving_of(pipeline)
    stages = pipeline.stages.items()
    sources = [(name, stage) for name, stage in stages if isinstance(stage, Source)]
    written = [(name, source.owner) for name, source in sources]
    written += [(one.credential, one.owner) for _, one in sources if one.credential]
    trainings = [stage for _, stage in stages if isinstance(stage, Training)]
    kept = [stage.checkpoint for stage in trainings if stage.checkpoint]
    written += [(checkpoint.store, checkpoint.owner) for checkpoint in kept]
    written += [(name, volume.owner) for name, volume in pipeline.volumes.items()]
    written += [(name, pool.owner) for name, pool in pipeline.pools.items()]
    if pipeline.cluster.quota:
        written.append((QUOTA, pipeline.cluster.quota.owner))
    if server.dependency:
        written.append((server.dependency.name, server.dependency.owner))
    return {name: team for name, team in written if team}


def keys(pipeline: Pipeline, job: Job) -> tuple[str, ...]:
    """The keys without which a run of a job is refused: its own, and those of what it reads."""
    sources = [pipeline.stages[name] for name in job.needs]
    found = [job.credential, *(one.credential for one in sources if isinstance(one, Source))]
    return tuple(dict.fromkeys(key for key in found if key))


def _credentials(pipeline: Pipeline) -> list[str]:
    """Every key that a job is refused without, once; that of a source that none reads is no use."""
    jobs = [stage for stage in pipeline.stages.values() if isinstance(stage, Job)]
    return list(dict.fromkeys(key for job in jobs for key in keys(pipeline, job)))
