"""Batches are limited by hand."""

from simulator.debts import Debt, Snapshot, part


@part
class CappedBatches(Debt):
    """Batches of the model server are smaller than its build allows."""

    rank = 8

    def is_owed(self, snapshot: Snapshot) -> bool:
        law, cap = snapshot.params.per_replica, snapshot.world.cluster.batch_cap
        return law is not None and 0 < cap < law.batching.max_size
