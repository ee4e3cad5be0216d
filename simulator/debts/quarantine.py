"""Rows are held back from the feature store."""

from simulator.debts import Debt, IncidentType, Snapshot, part


@part
class QuarantineDebt(Debt):
    """A feature is under quarantine: values outside its range are withheld."""

    rank = 4
    against = (IncidentType.DATA,)

    def is_owed(self, snapshot: Snapshot) -> bool:
        return bool(snapshot.world.quarantined)
