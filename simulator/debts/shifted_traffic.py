"""Requests go to another pool of replicas than at the start."""

from simulator.debts import Debt, Snapshot, part


@part
class ShiftedTraffic(Debt):
    """A serving pool gets another share of the requests than at the start of the drill."""

    rank = 11

    def is_owed(self, snapshot: Snapshot) -> bool:
        return any(pool.share != pool.declared_share for pool in snapshot.world.pools.values())
