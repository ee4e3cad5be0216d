"""A credential has run out."""

from __future__ import annotations

from typing import ClassVar

from simulator.faults import Bite, OwnerFault
from simulator.pipeline.bends import JobFailure
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import IncidentType


@part
class ExpiredCredential(OwnerFault):
    """Every job that uses a credential is refused with 403, at once and all together.

    So is one that reads a source with it, and retries are refused too. The owner of the
    credential rotates it (`fix_upstream`); then the jobs have to run.
    """

    type: ClassVar[IncidentType] = IncidentType.PIPELINE
    on: ClassVar[str] = "credential"
    leaves: ClassVar[tuple[str, ...]] = ("backlog",)

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        for job in params.jobs:
            if self.target in job.keys:
                error = f"PermissionError: 403 Forbidden: credential '{self.target}' has expired"
                params.bends.job_failures.setdefault(job.name, []).append(
                    JobFailure(bite.fault, error)
                )
