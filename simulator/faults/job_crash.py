"""A build of a job's code crashes."""

from typing import Annotated, ClassVar

from simulator.faults import (
    Args,
    Cost,
    Fault,
    FaultTick,
    Move,
    Params,
    Refers,
    World,
    WrongMove,
    order,
    part,
    then,
)
from simulator.pipeline.bends import JobFailure
from simulator.units import IncidentType


@part
class JobCrash(Fault):
    """Every attempt of a job fails while one build of its code is deployed.

    Retries cost time and change nothing. A rollback of the job's build ends it.
    """

    type = IncidentType.PIPELINE
    target_kind = "job"
    leaves = ("backlog",)
    ended_by = ("rollback", "release")
    right_moves = (
        Move(
            "The former build does not crash; a run makes up for the missed ones.",
            (order("rollback", target="{target}"), then("rerun_job", job="{target}")),
        ),
    )
    wrong_moves = (
        WrongMove(
            "Another run executes the same code.",
            (order("rerun_job", job="{target}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "More slots let more attempts crash.",
            (order("resize_pool", pool="{pool}", slots="{more_slots}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "Retries of all missed runs crash too, and then stand before the run that would not.",
            (order("backfill", job="{target}", at_once=0),),
            cost=Cost.RELAPSE,
        ),
    )
    example: ClassVar[Args] = {"build": 1}

    build: Annotated[int, Refers("build")]
    """The build that crashes, while it is deployed."""
    error: str = "TypeError: unsupported operand type(s) for -: 'str' and 'float'"
    """The last line of the trace."""

    def applies(self, world: World) -> bool:
        return world.releases.build[self.target] == self.build

    def missing_target(self, world: World) -> str:
        return "" if self.applies(world) else f"build {self.build} of {self.target} not deployed"

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.applies(world):
            params.bends.job_failures.setdefault(self.target, []).append(
                JobFailure(tick.fault, self.error)
            )
