"""A node of the model server is cordoned."""

from typing import ClassVar

from simulator.debts import Debt, Snapshot, part


@part
class CordonedNodes(Debt):
    """A node of the model server gets no new pods until it is uncordoned."""

    rank: ClassVar[int] = 9

    def is_owed(self, snapshot: Snapshot) -> bool:
        return bool(snapshot.world.cluster.cordoned)
