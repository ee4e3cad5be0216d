"""The first world of a pipeline: all at rest, and the versions of the model that there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simulator.monitors import Monitor
from simulator.pipeline.cluster import cpu, deployment
from simulator.pipeline.jobs import dag
from simulator.pipeline.laws import Params
from simulator.pipeline.model import labels
from simulator.pipeline.model.learner import Predictor
from simulator.pipeline.model.releases import SERVING
from simulator.pipeline.serving import server
from simulator.pipeline.world import Releases, Store, World
from simulator.scenario import Pipeline
from simulator.setting.components import owned, serving_of
from simulator.setting.training_laws import trainings


def make_world(
    pipeline: Pipeline,
    params: Params,
    versions: Mapping[int, Predictor],
    start: int,
    monitors: Sequence[Monitor] = (),
) -> World:
    """The world before its history.

    Parameters
    ----------
    pipeline : Pipeline
    params : Params
        Its laws.
    versions : mapping of int to Predictor
        Of the model.
    start : int, ms
        Where history begins.
    monitors : sequence of Monitor
        What looks back on rows.
    """
    model = pipeline.model
    # As far back as anybody looks: at rows whose labels have come, that long before. And a day,
    # for an order to retrain on more than usual.
    late = int(params.pool.lag_ms.max())
    back = max([labels.DAY, model.window, *(one.window + late for one in monitors)])
    _, stage = serving_of(pipeline)
    replicas, placed = deployment.start(
        params.slots,
        stage.replicas,
        [float(pipeline.cluster.memory)] * pipeline.cluster.nodes,
        base=params.memory_base,
        request=params.memory_request,
        build=stage.build,
    )
    placed.cores = cpu.idle(params.slots) if stage.cpu else None
    placed.gpu_used = np.zeros(params.slots if stage.gpu_memory else 0)
    builds = {SERVING: stage.build, **{law.name: law.build for law in params.jobs}}
    return World(
        now=start,
        revision=dict.fromkeys(owned(pipeline), 1),
        releases=Releases(
            model=model.version,
            former_models=sorted(model.former),
            build=builds,
            former_builds={part: [] for part in builds},
            builds={part: {build} for part, build in builds.items()},
        ),
        replicas=replicas,
        cluster=placed,
        queue=server.empty_queue(params.slots),
        store=Store(
            dict.fromkeys(params.views, start),
            dict.fromkeys(params.views, ()),
            dict.fromkeys(params.views, 0),
        ),
        log=labels.empty_log(
            max(1000, params.logged_per_minute * back // labels.MINUTE), len(params.pool.columns)
        ),
        labels=labels.empty_labels(start),
        jobs=dag.idle(params.jobs, start, params.pools),
        versions=dict(versions),
        trained={},
        quarantined={},
        birth=start,
        trainings=trainings(pipeline),
        volumes={law.name: law.used for law in params.volumes},
    )
