"""Releases are paused."""

from simulator.debts import Debt, Snapshot, part


@part
class PausedReleases(Debt):
    """Releases are paused: no new version is promoted."""

    rank = 7

    def is_owed(self, snapshot: Snapshot) -> bool:
        return snapshot.world.releases.paused
