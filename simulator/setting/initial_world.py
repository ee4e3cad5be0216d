"""The world at the beginning of the history: everything idle, the first model version serving."""

from collections.abc import Mapping, Sequence

from simulator.monitors import Monitor
from simulator.pipeline.jobs import dag
from simulator.pipeline.laws import Params
from simulator.pipeline.model import labels
from simulator.pipeline.model.learner import Predictor
from simulator.pipeline.model.releases import SERVING
from simulator.pipeline.model.tuning import Tuning
from simulator.pipeline.serving import server
from simulator.pipeline.world import Releases, Store, World
from simulator.scenario import Pipeline
from simulator.setting.components import ownable, serving_stage
from simulator.setting.replica_pool_laws import initial_pods, initial_pools
from simulator.setting.training_laws import initial_trainings


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
    versions : mapping of int to Predictor
        Versions of the model.
    start : int, ms
        The beginning of the history.
    monitors : sequence of Monitor
        Their windows decide how many rows are kept.
    """
    model = pipeline.model
    # The longest window over labelled rows, whose labels may be late; and at least a day, for an
    # order to retrain on more rows than usual.
    max_lag = int(params.pool.lag_ms.max())
    span = max([labels.DAY, model.window, *(monitor.window + max_lag for monitor in monitors)])
    _, stage = serving_stage(pipeline)
    replicas, placed = initial_pods(
        params,
        stage.replicas,
        [float(pipeline.cluster.memory)] * pipeline.cluster.nodes,
        stage.build,
    )
    builds = {SERVING: stage.build, **{law.name: law.build for law in params.jobs}}
    return World(
        now=start,
        revision=dict.fromkeys(ownable(pipeline), 1),
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
            max(1000, params.logged_per_minute * span // labels.MINUTE), len(params.pool.columns)
        ),
        labels=labels.empty_labels(start),
        jobs=dag.initial_columns(params.jobs, start, params.pools),
        versions=dict(versions),
        trained={},
        quarantined={},
        initial_training_at=start,
        tuning=Tuning(model.threshold),
        trainings=initial_trainings(pipeline),
        volumes={law.name: law.used for law in params.volumes},
        pools=initial_pools(pipeline, params),
    )
