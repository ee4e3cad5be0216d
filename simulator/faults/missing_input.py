"""A source delivers nothing to batch jobs."""

from simulator.faults import FaultTick, OwnerFault, Params, World, part
from simulator.pipeline.bends import JobFailure, MissingSource
from simulator.units import IncidentType


@part
class MissingInput(OwnerFault):
    """The partition that jobs read does not exist: they fail, or wait for it.

    A job with a sensor waits until the sensor's timeout. The owner of the source delivers it
    (`fix_upstream`); then the jobs have to run.
    """

    type = IncidentType.PIPELINE
    leaves = ("backlog",)

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        params.bends.missing_sources.append(MissingSource(tick.fault, self.target))
        error = f"FileNotFoundError: no partition of '{self.target}' for this run"
        for job in params.jobs:
            if self.target in job.needs:
                params.bends.job_failures.setdefault(job.name, []).append(
                    JobFailure(tick.fault, error)
                )
