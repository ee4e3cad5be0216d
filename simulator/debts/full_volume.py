"""A volume is nearly full."""

from simulator.debts import Debt, Snapshot, part
from simulator.pipeline.cluster import volumes


@part
class FullVolume(Debt):
    """A volume has no room for the next write of its jobs; `clean_disk` pays it."""

    rank = 2

    def is_owed(self, snapshot: Snapshot) -> bool:
        return volumes.lacks_space(snapshot.world, snapshot.params)
