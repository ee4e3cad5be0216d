"""Binds the moves of a fault to a scenario: names in their arguments become values.

Names that every pipeline has: `model` (the version), `replicas`, `more_replicas` (twice as many, at
most `replicas_max`), `since_onset` (how long the fault has lasted when the orders begin). Others
exist where the pipeline has them: `target`, the fault's own fields and `names`, `owner` of the
target if it is another team, else `owned_target`, `component` that the fault's build is of, `job`
and `view` that the target feeds, `train` (the training job), `former_model`, `pool` that the target
is or takes slots of, its `slots` and `more_slots` (twice as many), `run` (the long training that
writes to the target, or the first), `other_node` of it, `standby` (the first serving pool),
`cold_pool` (the first without replicas at the start), twice the limits of a pod (`more_memory`,
`more_cpu`, `more_accelerator`), `batch` (the most requests in a batch of the usual build) and
`half_batch`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.director.fault_needs import fault_owner
from simulator.director.injects import BoundInject
from simulator.faults import Fault, Move, MoveStep, WrongMove
from simulator.oncall.organisation import Organisation
from simulator.pipeline.jobs import dag
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import Args
from simulator.units import format_bytes, format_ms

# How old a fault is when somebody answers it, if nobody says.
HOUR = 3_600_000
_NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class BoundMove:
    """A move whose arguments are values.

    Attributes
    ----------
    move : Move
    steps : tuple of MoveStep
        Without names.
    """

    move: Move
    steps: tuple[MoveStep, ...]

    @property
    def is_right(self) -> bool:
        """Whether it helps."""
        return not isinstance(self.move, WrongMove)


def bind_moves(
    inject: BoundInject,
    organisation: Organisation,
    plays: str,
    params: Params,
    world: World,
    begins: int | None = None,
) -> Iterator[BoundMove]:
    """The moves of a fault that the played team can make in a pipeline, right ones first.

    Parameters
    ----------
    inject : BoundInject
    organisation : Organisation
    plays : str
        The played team.
    params : Params
    world : World
        At the start of the drill.
    begins : int, ms, optional
        When the first order is given; by default an hour after the onset.

    Examples
    --------
    >>> from simulator.setting import load
    >>> setting = load("slow-leak")
    >>> fault = next(inject for inject in setting.injects if inject.fault)
    >>> plays = setting.scenario.plays
    >>> moves = bind_moves(fault, setting.organisation, plays, setting.params, setting.world)
    >>> [(step.action, step.args) for step in next(moves).steps]
    [('rollback', {'target': 'serving'})]
    """
    fault = inject.fault
    if fault is None:
        return
    names = move_names(inject, organisation, plays, params, world, begins)
    for move in (*fault.right_moves, *fault.wrong_moves):
        steps = _bind(move, names)
        if steps is not None:
            yield BoundMove(move, steps)


def move_names(
    inject: BoundInject,
    organisation: Organisation,
    plays: str,
    params: Params,
    world: World,
    begins: int | None = None,
) -> dict[str, Any]:
    """The values that the arguments of a fault's moves can name."""
    fault = inject.fault
    assert fault is not None
    owner = fault_owner(inject, organisation)
    replicas, former = world.cluster.desired_replicas, world.releases.former_models
    names = {
        **fault.model_dump(),
        **fault.names(params),
        "owner": owner if owner != plays else None,
        "owned_target": inject.target if owner == plays else None,
        "component": inject.target if inject.target in world.releases.build else "serving",
        "replicas": replicas,
        "more_replicas": min(2 * replicas, params.replicas_max),
        "replicas_max": params.replicas_max,
        "model": world.releases.model,
        "since_onset": format_ms(HOUR if begins is None else max(begins - inject.at, 0)),
        "former_model": former[-1] if former else None,
        **_job_names(inject.target, params),
        **_pool_names(inject.target, params),
        **_training_names(inject.target, fault, params),
        **_standby_names(world),
        **_limit_names(params),
    }
    return {name: value for name, value in names.items() if value not in (None, "")}


def _job_names(target: str, params: Params) -> dict[str, str]:
    """The job that a target is, or that depends on it, its view, and the training job."""
    train = dag.find_job(params, "train")
    names = {"train": train.name} if train else {}
    writers = {name for law in params.volumes if law.name == target for name, _ in law.needs}
    jobs = [
        job
        for job in params.jobs
        if (target in (job.name, job.pool, *job.needs, *job.keys) if target else job.view)
        or job.name in writers
    ]
    if jobs:
        names["job"] = jobs[0].name
    views = [job.view for job in (jobs or params.jobs) if job.view]
    return names | ({"view": views[0]} if views else {})


def _pool_names(target: str, params: Params) -> dict[str, Any]:
    """The pool that a target is, or that a job takes its slots from, and twice its slots."""
    pools = {target, *(job.pool for job in params.jobs if job.name == target)}
    laws = [law for law in params.pools if law.name in pools]
    if not laws:
        return {}
    return {"pool": laws[0].name, "slots": laws[0].slots, "more_slots": 2 * laws[0].slots}


def _training_names(target: str, fault: Fault, params: Params) -> dict[str, Any]:
    """The training run that a checkpoint store or a node belongs to, and another node of it."""
    runs = sorted(params.trainings, key=lambda law: law.store != target)
    if not runs:
        return {}
    node = getattr(fault, "node", None)
    # Nodes are allocated in ascending order.
    other = {} if node is None else {"other_node": (node + 1) % runs[0].nodes}
    return {"run": runs[0].name, **other}


def _standby_names(world: World) -> dict[str, str]:
    """The serving pools beside the main one that traffic could go to."""
    cold = (name for name, pool in world.pools.items() if not pool.declared_replicas)
    return {"standby": next(iter(world.pools), ""), "cold_pool": next(cold, "")}


def _limit_names(params: Params) -> dict[str, Any]:
    """Twice the limits of a pod, and limits of its batches."""
    names: dict[str, Any] = {
        "more_memory": format_bytes(round(2 * params.memory_limit)),
        "more_cpu": 2 * params.cpu_limit or None,
    }
    if params.gpu is not None:
        names["more_accelerator"] = format_bytes(round(2 * params.gpu.size))
    if params.per_replica is not None and params.per_replica.batching.max_size > 1:
        batch = params.per_replica.batching.max_size
        names |= {"batch": batch, "half_batch": batch // 2}
    return names


def _bind(move: Move, names: Mapping[str, Any]) -> tuple[MoveStep, ...] | None:
    """The steps with values for names; None if a name has no value."""
    try:
        for name in move.needs:
            names[name]
        return tuple(
            MoveStep(step.action, _values(step.args, names), step.when, step.after)
            for step in move.steps
        )
    except KeyError:
        return None


def _values(args: Args, names: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _value(value, names) for key, value in args.items()}


def _value(value: Any, names: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        if whole := _NAME.fullmatch(value):
            return names[whole[1]]
        return _NAME.sub(lambda match: str(names[match[1]]), value)
    if isinstance(value, Mapping):
        return _values(value, names)
    if isinstance(value, list | tuple):
        return [_value(item, names) for item in value]
    return value
