"""The model server has more nodes than at the start."""

from simulator.debts import Debt, Snapshot, part


@part
class ExtraNodes(Debt):
    """The model server has more nodes than at the start of the drill."""

    def is_owed(self, snapshot: Snapshot) -> bool:
        nodes = len(snapshot.world.cluster.node_memory)
        return nodes > snapshot.params.machines.declared
