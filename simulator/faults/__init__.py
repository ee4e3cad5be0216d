"""What can go wrong, one file each: `ls` is the list, `drill catalogue faults` prints it.

A fault bends the laws of the pipeline while a fact of the world holds, and nothing else::

    @part
    class SlowBuild(Fault):
        '''A build of the model server answers slowly.'''
        type: ClassVar = "latency"
        build: int

        def fact(self, world):
            return self.build in world.replicas.build

        def bend(self, params, world, bite):
            params.speed[world.replicas.build == self.build] /= self.factor

Metrics, logs, alerts and the model's quality follow. Nobody flags "broken", and nobody
flags "recovered": when the fact changes, the laws of the next tick are unbent.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, NamedTuple

from simulator.pipeline.world import Params, World
from simulator.registry import Part, Registry


class Refers:
    """Marks a field that names something of the pipeline: binding checks that it exists."""

    def __init__(self, to: str) -> None:
        self.to = to


Feature = Annotated[str, Refers("feature")]
Job = Annotated[str, Refers("job")]

TYPES = ("model", "data", "pipeline", "latency", "resources", "drift")


class Bite(NamedTuple):
    """One tick of one fault: which it is, and for how long (ms) it has been active."""

    fault: str
    since: int


class Fault(Part):
    """Base of all faults.

    Class attributes
    ----------------
    type : one of `TYPES`, the incident type; `TYPE.KIND` is the cause that a responder names.
    on : what kind of stage its `target` is (`source`, `serving`, `job`, ...).
    leaves : what stays in the world when it has ended and must be paid: the debts by name.
    """

    type: ClassVar[str] = ""
    on: ClassVar[str] = ""
    leaves: ClassVar[tuple[str, ...]] = ()

    target: str = ""
    """The stage that it bites on."""

    def fact(self, world: World) -> Any:
        """What it bites on: it ends when this is no longer what it was at the onset."""
        return None

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        """Bend the laws of one tick. World is only read."""
        raise NotImplementedError


FAULTS: Registry[Fault] = Registry("simulator.faults", Fault, "fault")
