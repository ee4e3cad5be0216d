"""A source delivers nothing to batch jobs."""

from simulator.faults import (
    FIX,
    PAGE_OWNER,
    Cost,
    FaultTick,
    Move,
    OwnerFault,
    Params,
    World,
    WrongMove,
    order,
    part,
    then,
)
from simulator.pipeline.bends import JobFailure, MissingSource
from simulator.units import IncidentType


@part
class MissingInput(OwnerFault):
    """The partition that jobs read does not exist: they fail, or wait for it.

    A job with a sensor waits until the sensor's timeout. The owner of the source delivers it
    (`fix_upstream`).
    """

    type = IncidentType.PIPELINE
    leaves = ("backlog",)
    right_moves = tuple(
        Move(
            "Its owner delivers it; then a run makes up for the missed ones.",
            (mend, then("rerun_job", job="{job}")),
        )
        for mend in (FIX, PAGE_OWNER)
    )
    wrong_moves = (
        WrongMove(
            "Another run misses its input as well.",
            (order("rerun_job", job="{job}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "A forced run reads nothing, and nulls overwrite good features.",
            (order("rerun_job", job="{job}", force=True),),
            cost=Cost.HARM,
        ),
        WrongMove(
            "Retries of all missed runs fail too, and then stand before the run that would not.",
            (order("backfill", job="{job}", at_once=0),),
            cost=Cost.RELAPSE,
        ),
    )

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        params.bends.missing_sources.append(MissingSource(tick.fault, self.target))
        error = f"FileNotFoundError: no partition of '{self.target}' for this run"
        for job in params.jobs:
            if self.target in job.needs:
                params.bends.job_failures.setdefault(job.name, []).append(
                    JobFailure(tick.fault, error)
                )
