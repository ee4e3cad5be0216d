"""A credential has expired."""

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
from simulator.pipeline.bends import JobFailure
from simulator.units import IncidentType


@part
class ExpiredCredential(OwnerFault):
    """Every job that uses a credential fails with 403, all at once.

    So does a job that reads a source with it; retries fail too. The owner of the credential rotates
    it (`fix_upstream`); then the jobs have to run.
    """

    type = IncidentType.PIPELINE
    target_kind = "credential"
    leaves = ("backlog",)
    right_moves = tuple(
        Move(
            "Its owner rotates it; then a run makes up for the missed ones.",
            (mend, then("rerun_job", job="{job}")),
        )
        for mend in (FIX, PAGE_OWNER)
    )
    wrong_moves = (
        WrongMove(
            "Another run is refused as well.",
            (order("rerun_job", job="{job}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "The scheduler starts every run; it is the run that is refused.",
            (order("restart_scheduler"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "Retries of all missed runs are refused, and then stand before the run that would not.",
            (order("backfill", job="{job}", at_once=0),),
            cost=Cost.RELAPSE,
        ),
    )

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        for job in params.jobs:
            if self.target in job.keys:
                error = f"PermissionError: 403 Forbidden: credential '{self.target}' has expired"
                params.bends.job_failures.setdefault(job.name, []).append(
                    JobFailure(tick.fault, error)
                )
