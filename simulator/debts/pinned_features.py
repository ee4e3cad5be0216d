"""A feature view is served from a snapshot."""

from simulator.debts import Debt, IncidentType, Snapshot, part


@part
class PinnedFeatures(Debt):
    """A feature view is served from a snapshot, which grows old."""

    rank = 14
    against = (IncidentType.DATA, IncidentType.PIPELINE)

    def is_owed(self, snapshot: Snapshot) -> bool:
        return bool(snapshot.world.store.pinned)
