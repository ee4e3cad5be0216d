"""The model server has more replicas than at the start."""

from simulator.debts import Debt, Snapshot, part


@part
class ExtraReplicas(Debt):
    """The model server has more replicas than at the start of the drill."""

    rank = 6

    def is_owed(self, snapshot: Snapshot) -> bool:
        return snapshot.world.cluster.desired_replicas > snapshot.initial_replicas
