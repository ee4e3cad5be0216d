"""Releases are paused."""

from typing import ClassVar

from simulator.debts import Debt, Snapshot, part


@part
class PausedReleases(Debt):
    """Releases are paused: no new version is promoted."""

    rank: ClassVar[int] = 7

    def is_owed(self, snapshot: Snapshot) -> bool:
        return snapshot.world.releases.paused
