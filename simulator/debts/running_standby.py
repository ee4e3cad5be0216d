"""A standby runs, and costs what it takes."""

from simulator.debts import Debt, Snapshot, part


@part
class RunningStandby(Debt):
    """A serving pool has more replicas than at the start of the drill."""

    rank = 12

    def is_owed(self, snapshot: Snapshot) -> bool:
        pools = snapshot.world.pools.values()
        return any(pool.cluster.desired_replicas > pool.declared_replicas for pool in pools)
