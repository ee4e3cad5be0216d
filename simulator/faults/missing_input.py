"""A source delivers nothing to batch jobs, or too little."""

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
from simulator.units import Duration, IncidentType, Ratio


@part
class MissingInput(OwnerFault):
    """The partition that jobs read does not exist: they fail, or wait for it.

    A job with a sensor waits until the sensor's timeout. The owner of the source delivers it
    (`fix_upstream`).

    With `partial_after` the partition exists from then on, half-written: jobs check only that it
    exists, so any run reads what there is, and nulls overwrite the other features.
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

    partial_after: Duration | None = None
    """The time from which a part of the partition exists; it never does by default."""
    missing: Ratio = 0.6
    """The share of the rows that is not in that part."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.partial_after is not None and tick.active_ms >= self.partial_after:
            gap = MissingSource(tick.fault, self.target, self.missing, in_part=True)
            params.bends.missing_sources.append(gap)
            return
        params.bends.missing_sources.append(MissingSource(tick.fault, self.target))
        error = f"FileNotFoundError: no partition of '{self.target}' for this run"
        for job in params.jobs:
            if self.target in job.needs:
                params.bends.job_failures.setdefault(job.name, []).append(
                    JobFailure(tick.fault, error)
                )
