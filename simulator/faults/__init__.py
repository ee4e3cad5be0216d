"""Faults, one file each: `ls` is the list, `drill catalogue faults` prints it.

A fault bends the laws of the pipeline while a fact of the world holds; it changes nothing
else::

    @part
    class SlowDependency(Fault):
        '''The feature store takes longer over each read.'''
        type = IncidentType.LATENCY
        target_kind = "dependency"
        factor: Factor

        def fact(self, world):  # its owner's fix raises the revision
            return world.revision[self.target]

        def bend(self, params, world, tick):
            params.bends.dependency_factor *= self.factor

Metrics, logs, alerts and the model's quality follow. There is no flag "broken" and none
"recovered": when the fact changes, the laws of the next tick are unbent.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.faults._moves import (
    FIX,
    PAGE_OWNER,
    PAUSE_TRAINING,
    RESTART,
    ROLL_BACK_BUILD,
    ROLL_BACK_MODEL,
    Cost,
    Move,
    MoveStep,
    WrongMove,
    order,
    then,
    with_owner,
)
from simulator.pipeline.laws import Params
from simulator.pipeline.world import ABSENT, ServingPool, World
from simulator.registry import Args, Part, Refers, Registry, part
from simulator.units import IncidentType

# All that the file of a fault imports from the catalogue, the laws and the world.
__all__ = [
    "FAULTS", "FIX", "PAGE_OWNER", "PAUSE_TRAINING", "RESTART", "ROLL_BACK_BUILD",
    "ROLL_BACK_MODEL", "Args", "BuildFault", "Category", "Cost", "Fault", "FaultTick", "Feature",
    "Job", "Move", "MoveStep", "OwnerFault", "Params", "Quantity", "Refers", "World", "WrongMove",
    "causes", "order", "part", "then", "with_owner",
]  # fmt: skip
Feature = Annotated[str, Refers("feature")]
Quantity = Annotated[str, Refers("quantity")]  # a numeric column: a category has no unit
Category = Annotated[str, Refers("category")]  # a column of levels
Job = Annotated[str, Refers("job")]


class FaultTick(NamedTuple):
    """One tick of a fault: the id of its inject, and how long it has been active."""

    fault: str
    active_ms: int


class Fault(Part):
    """Base of all faults.

    Class attributes
    ----------------
    type : the incident type; `TYPE.KIND` is the cause in a diagnosis.
    target_kind : the kind of its `target` (`source`, `serving`, `job`, ...); empty for none.
    component : the component that it is in, if it has no target.
    leaves : the debts, by name, that remain in the world after its end.
    ended_by : the actions that end it, or take its target from it; empty if none does.
    neutral : sets of values at which it bends nothing; only its own fields of a set count.
    in_every_pool : whether it bends the laws of every pool of replicas by the facts of that pool;
        else only those of the main one.
    example_orders : orders on which it lands, kind and arguments, if it lands on nothing else.
    right_moves : what helps, best first; see `_moves.py`.
    wrong_moves : what tempts and costs more than it saves.
    """

    # An inject has it next to its arguments.
    outside_args: ClassVar[tuple[str, ...]] = ("target",)
    type: ClassVar[IncidentType]
    target_kind: ClassVar[str] = ""
    component: ClassVar[str] = ""
    leaves: ClassVar[tuple[str, ...]] = ()
    ended_by: ClassVar[tuple[str, ...]] = ()
    in_every_pool: ClassVar[bool] = False
    neutral: ClassVar[tuple[Args, ...]] = (
        {"share": 0.0},
        {"rate": "0/s"},
        {"factor": 1.0, "offset": 0.0, "bias": 0.0, "per_second": "0B", "per_request": "0B"},
        {"build": 999},  # deployed nowhere
        {"version": 999},
    )
    example_orders: ClassVar[tuple[tuple[str, Args], ...]] = ()
    right_moves: ClassVar[tuple[Move, ...]] = ()
    wrong_moves: ClassVar[tuple[WrongMove, ...]] = ()

    target: str = ""
    """The name of its target; it may be omitted if the pipeline has only one of that kind."""

    @classmethod
    def cause(cls) -> str:
        """The cause in a correct diagnosis."""
        return f"{cls.type}.{cls.kind}"

    @classmethod
    def facts(cls) -> dict[str, str]:
        target, debts = cls.target_kind.replace("_", " "), ", ".join(cls.leaves)
        ends = ", ".join(cls.ended_by) or "time only"
        facts = {"cause": cls.cause(), "target": target or "none", "ended by": ends}
        return {**facts, "leaves": debts or "nothing"}

    @classmethod
    def neutral_args(cls) -> list[dict[str, Any]]:
        """The sets of `neutral` values of its own fields."""
        fields = cls.model_fields
        sets = [{key: values[key] for key in values if key in fields} for values in cls.neutral]
        return [args for args in sets if args]

    def fact(self, world: World) -> Any:
        """A fact of the world: the fault ends when it differs from its value at the onset."""
        return None

    def applies(self, world: World) -> bool:
        """Whether the world has its target now; a rolled-back build may be deployed again."""
        return True

    def missing_target(self, world: World) -> str:
        """The missing target, without a verb: 'no pod on node-1'.

        Empty if nothing is missing, or if it is only known later.
        """
        return ""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        """Bend the laws of one tick; read-only access to the world."""
        raise NotImplementedError

    def names(self, params: Params) -> Mapping[str, Any]:
        """Names for the arguments of its moves, beside its fields.

        They are what a team would compute from what it sees.
        """
        return {}


class OwnerFault(Fault):
    """Base of faults of a target with an owner, whose fix (`fix_upstream`) ends them."""

    type = IncidentType.DATA
    target_kind = "source"
    ended_by: ClassVar[tuple[str, ...]] = ("fix_upstream",)
    right_moves: ClassVar[tuple[Move, ...]] = (
        Move("Its owner mends it.", (FIX,)),
        Move("Its owner, another team, mends it.", (PAGE_OWNER,)),
    )

    def fact(self, world: World) -> Any:
        return world.revision[self.target]


class BuildFault(Fault):
    """Base of faults of one build of the model server."""

    target_kind = "serving"
    ended_by = ("rollback", "release")
    right_moves: ClassVar[tuple[Move, ...]] = (
        Move("The former build has no such fault.", (ROLL_BACK_BUILD,)),
        Move(
            "The standby has another build.",
            (order("fail_over", to="{standby}"),),
            cures=False,
        ),
    )
    wrong_moves: ClassVar[tuple[WrongMove, ...]] = (
        WrongMove(
            "New pods have the same build.",
            (order("scale", replicas="{more_replicas}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove("Restarted pods have the same build.", (RESTART,), cost=Cost.NO_RECOVERY),
        WrongMove(
            "The same build serves the former version of the model.",
            (ROLL_BACK_MODEL,),
            cost=Cost.NO_RECOVERY,
        ),
    )
    in_every_pool = True
    example: ClassVar[Args] = {"build": 8}

    build: Annotated[int, Refers("build")]
    """The bad build; only its pods are affected."""

    def applies(self, world: World) -> bool:
        pools: tuple[World | ServingPool, ...] = (world, *world.pools.values())
        return any(self.affected_pods(pool).any() for pool in pools)

    def missing_target(self, world: World) -> str:
        return "" if self.applies(world) else f"no pod of build {self.build}"

    def affected_pods(self, pool: World | ServingPool) -> NDArray[np.bool_]:
        """The pods of that build in a pool, shape (slots,); of a world, in the main one."""
        pods = pool.replicas
        affected: NDArray[np.bool_] = (pods.build == self.build) & (pods.phase != ABSENT)
        return affected


def causes() -> list[str]:
    """Every cause, as in a diagnosis."""
    return [cls.cause() for cls in FAULTS.all().values()]


def is_cause(text: str) -> bool:
    """Whether a text is a cause; it imports that fault alone.

    Examples
    --------
    >>> is_cause("latency.slow_build"), is_cause("data.slow_build"), is_cause("latency.slow")
    (True, False, False)
    """
    name = text.rpartition(".")[2]
    return name in FAULTS.names() and FAULTS.get(name).cause() == text


FAULTS: Registry[Fault] = Registry("simulator.faults", Fault, "fault")
