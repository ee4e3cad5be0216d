"""Releases are paused."""

from simulator.debts import Debt, IncidentType, Snapshot, part


@part
class PausedReleases(Debt):
    """Releases are paused: no new version is promoted."""

    rank = 7
    against = (IncidentType.DATA, IncidentType.MODEL_PERFORMANCE)

    def is_owed(self, snapshot: Snapshot) -> bool:
        return snapshot.world.releases.paused
