"""A column is renamed upstream."""

from typing import ClassVar

from simulator.faults import (
    RESTART,
    ROLL_BACK_MODEL,
    Args,
    Cost,
    FaultTick,
    Feature,
    OwnerFault,
    Params,
    World,
    WrongMove,
    order,
    part,
    then,
    with_owner,
)
from simulator.pipeline.bends import JobFailure
from simulator.pipeline.rows import RowLaw


@part
class SchemaChange(OwnerFault):
    """A column is renamed upstream: under its old name every row is null, and batch jobs that read
    the source fail.

    The owner of the source fixes it (`fix_upstream`).
    """

    leaves = ("backlog", "poisoned_model")
    right_moves = (
        *with_owner(
            "Its owner restores the column; the failed run is done again.",
            (),
            (then("materialize", view="{view}"),),
        ),
        *OwnerFault.right_moves,
    )
    wrong_moves = (
        WrongMove(
            "The run fails again.", (order("rerun_job", job="{job}"),), cost=Cost.NO_RECOVERY
        ),
        WrongMove(
            "The former version needs the column, too.", (ROLL_BACK_MODEL,), cost=Cost.NO_RECOVERY
        ),
        WrongMove(
            "A version learns to do without the column, and does so once it is back.",
            (order("retrain", window="{since_onset}"),),
            cost=Cost.RELAPSE,
        ),
        WrongMove("New pods find no column either.", (RESTART,), cost=Cost.NO_RECOVERY),
    )
    # A view keeps its old rows while its job fails; other columns change at once.
    example: ClassVar[Args] = {"feature": "x2"}

    feature: Feature
    """The column."""
    renamed_to: str = ""
    """Its new name, for the error text (the old name with _v2 by default)."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        column = params.pool.index(self.feature)
        params.bends.row_laws.append(RowLaw(tick.fault, column, 1.0, null=True))
        new = self.renamed_to or f"{self.feature}_v2"
        error = f"KeyError: column '{self.feature}' not found (the source has '{new}')"
        for job in params.jobs:
            if self.target in job.needs:
                params.bends.job_failures.setdefault(job.name, []).append(
                    JobFailure(tick.fault, error)
                )
