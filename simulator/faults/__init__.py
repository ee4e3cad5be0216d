"""What can go wrong, one file each: `ls` is the list, `drill catalogue faults` prints it.

A fault bends the laws of the pipeline while a fact of the world holds, and nothing else::

    @part
    class SlowDependency(Fault):
        '''The feature store takes longer over each read.'''
        type: ClassVar = "latency"
        on: ClassVar = "features"
        factor: Factor

        def fact(self, world):  # its owner's fix raises the revision
            return world.revision[self.target]

        def bend(self, params, world, bite):
            params.bends.dependency_factor *= self.factor

Metrics, logs, alerts and the model's quality follow. Nobody flags "broken", and nobody
flags "recovered": when the fact changes, the laws of the next tick are unbent.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.laws import Params
from simulator.pipeline.world import ABSENT, World
from simulator.registry import Args, Part, Refers, Registry
from simulator.units import IncidentType

Feature = Annotated[str, Refers("feature")]
Quantity = Annotated[str, Refers("quantity")]  # a numeric column: a category has no unit
Category = Annotated[str, Refers("category")]  # a column of levels
Job = Annotated[str, Refers("job")]


class Bite(NamedTuple):
    """One tick of one fault: which it is, and for how long (ms) it has been active."""

    fault: str
    since: int


class Fault(Part):
    """Base of all faults.

    Class attributes
    ----------------
    type : the incident type; `TYPE.KIND` is the cause that a responder names.
    on : what kind of stage its `target` is (`source`, `serving`, `job`, ...).
    leaves : what stays in the world when it has ended and must be paid: the debts by name.
    neutral : values of its strengths at which it bends nothing, a set for each; of a set only
        its own fields count.
    example_orders : orders on which it lands, kind and arguments, if it lands on nothing else.
    """

    # An inject has it beside its arguments.
    beside: ClassVar[tuple[str, ...]] = ("target",)
    type: ClassVar[IncidentType]
    on: ClassVar[str] = ""
    leaves: ClassVar[tuple[str, ...]] = ()
    neutral: ClassVar[tuple[Args, ...]] = (
        {"share": 0.0},
        {"rate": "0/s"},
        {"factor": 1.0, "offset": 0.0, "bias": 0.0, "per_second": "0B", "per_request": "0B"},
        {"build": 999},  # deployed nowhere
        {"version": 999},
    )
    example_orders: ClassVar[tuple[tuple[str, Args], ...]] = ()

    target: str = ""
    """The name of what it bites on; one that the pipeline has once need not be named."""

    @classmethod
    def cause(cls) -> str:
        """What a responder names who has found it."""
        return f"{cls.type}.{cls.kind}"

    @classmethod
    def facts(cls) -> dict[str, str]:
        on, left = cls.on.replace("_", " "), ", ".join(cls.leaves)
        return {"cause": cls.cause(), "target": on or "none", "leaves": left or "nothing"}

    @classmethod
    def neutral_args(cls) -> list[dict[str, Any]]:
        """The sets of `neutral` values of its own fields."""
        fields = cls.model_fields
        sets = [{key: values[key] for key in values if key in fields} for values in cls.neutral]
        return [args for args in sets if args]

    def fact(self, world: World) -> Any:
        """What it bites on: it ends when this is no longer what it was at the onset."""
        return None

    def bites(self, world: World) -> bool:
        """Whether there is anything for it to bite on now; it may come back later."""
        return True

    def missing(self, world: World) -> str:
        """What it needs to bite and is not there now, in words without a tense: 'no pod on node-1'.

        Empty where nothing is missing, and where only time can tell.
        """
        return ""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        """Bend the laws of one tick. World is only read."""
        raise NotImplementedError


class OwnerFault(Fault):
    """Base of faults of something that others run: its owner's fix (`fix_upstream`) ends them."""

    type: ClassVar[IncidentType] = IncidentType.DATA
    on: ClassVar[str] = "source"

    def fact(self, world: World) -> Any:
        return world.revision[self.target]


class BuildFault(Fault):
    """Base of faults that come with one build of the model server."""

    on: ClassVar[str] = "serving"
    example: ClassVar[Args] = {"build": 8}

    build: Annotated[int, Refers("build")]
    """The build that is bad; it bites where that build runs."""

    def bites(self, world: World) -> bool:
        return bool(self.pods(world).any())

    def missing(self, world: World) -> str:
        return "" if self.bites(world) else f"no pod of build {self.build}"

    def pods(self, world: World) -> NDArray[np.bool_]:
        """The pods that run that build, shape (slots,)."""
        pods = world.replicas
        found: NDArray[np.bool_] = (pods.build == self.build) & (pods.phase != ABSENT)
        return found


def causes() -> list[str]:
    """Every cause that there is, as a responder names it."""
    return [cls.cause() for cls in FAULTS.all().values()]


FAULTS: Registry[Fault] = Registry("simulator.faults", Fault, "fault")
