"""Files that nobody needs are deleted."""

from __future__ import annotations

from typing import Annotated

from simulator.actions import Acting, Action, Failed, Site
from simulator.pipeline.cluster import volumes
from simulator.registry import Refers, part
from simulator.units import approximate_bytes


@part
class CleanDisk(Action):
    """Delete from a volume what is not to be kept: old logs, what runs left behind.

    Whoever fills it goes on; what failed meanwhile has to be run again.
    """

    volume: Annotated[str, Refers("volume")]
    """Its name."""

    def act(self, site: Site) -> Acting:
        laws = {law.name: law for law in site.params.volumes}
        if self.volume not in laws:
            raise Failed(f"no volume {self.volume!r}; there are {', '.join(laws) or 'none'}")
        yield 120_000
        freed = volumes.clean(site.world, laws[self.volume])
        return f"{approximate_bytes(freed)} deleted from {self.volume}"
