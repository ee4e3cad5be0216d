"""A node of the model server is cordoned."""

from simulator.debts import Debt, Snapshot, part


@part
class CordonedNodes(Debt):
    """A node of the model server gets no new pods until it is uncordoned."""

    rank = 9

    def is_owed(self, snapshot: Snapshot) -> bool:
        return bool(snapshot.world.cluster.cordoned)
