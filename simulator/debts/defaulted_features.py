"""Requests are answered without their features."""

from math import inf

from simulator.debts import Debt, Snapshot, part


@part
class DefaultedFeatures(Debt):
    """Feature reads have a time limit: requests beyond it are answered without their features."""

    def is_owed(self, snapshot: Snapshot) -> bool:
        return snapshot.world.dependency.limit_ms < inf
