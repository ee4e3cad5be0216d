"""A credential has expired."""

from simulator.faults import FaultTick, OwnerFault, Params, World, part
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

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        for job in params.jobs:
            if self.target in job.keys:
                error = f"PermissionError: 403 Forbidden: credential '{self.target}' has expired"
                params.bends.job_failures.setdefault(job.name, []).append(
                    JobFailure(tick.fault, error)
                )
