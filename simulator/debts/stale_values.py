"""Wrong or old values lie in the feature store."""

from simulator.debts import Debt, Snapshot, part


@part
class StaleValues(Debt):
    """Wrong or old values lie in the feature store; a new run of its job replaces them."""

    rank = 0

    def is_owed(self, snapshot: Snapshot) -> bool:
        store = snapshot.world.store
        return any(store.row_laws.values()) or any(store.incomplete.values())
