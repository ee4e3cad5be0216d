"""Requests are refused at the gateway."""

from simulator.debts import Debt, Snapshot, part


@part
class ShedTraffic(Debt):
    """The gateway refuses requests that could be served."""

    rank = 9

    def is_owed(self, snapshot: Snapshot) -> bool:
        return bool(snapshot.world.gateway.shedding)
