"""A column is renamed upstream."""

from typing import ClassVar

from simulator.faults import Args, FaultTick, Feature, OwnerFault, Params, World, part
from simulator.pipeline.bends import JobFailure
from simulator.pipeline.rows import RowLaw


@part
class SchemaChange(OwnerFault):
    """A column is renamed upstream: under its old name every row is null, and batch jobs that read
    the source fail.

    The owner of the source fixes it (`fix_upstream`).
    """

    leaves = ("backlog", "poisoned_model")
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
