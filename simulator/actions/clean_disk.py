"""Deletion of files on a volume."""

from typing import Annotated

from simulator.actions import Action, ActionFailed, ActionSteps, Refers, Site, part
from simulator.pipeline.cluster import volumes
from simulator.units import approximate_bytes


@part
class CleanDisk(Action):
    """Delete files from a volume that need not be kept: old logs, remains of runs.

    The cause of the filling remains, and failed runs have to be run again.
    """

    effect = "world"
    # Nobody has a copy of the files.
    reversible = False

    volume: Annotated[str, Refers("volume")]
    """The volume."""

    def act(self, site: Site) -> ActionSteps:
        laws = {law.name: law for law in site.params.volumes}
        if self.volume not in laws:
            raise ActionFailed(f"no volume {self.volume!r}; there are {', '.join(laws) or 'none'}")
        yield 120_000
        freed = volumes.clean(site.world, laws[self.volume])
        return f"{approximate_bytes(freed)} deleted from {self.volume}"
