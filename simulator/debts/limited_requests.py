"""The length of requests is limited."""

from simulator.debts import Debt, Snapshot, part


@part
class LimitedRequests(Debt):
    """Long requests are refused or cut at the gateway."""

    rank = 9

    def is_owed(self, snapshot: Snapshot) -> bool:
        return snapshot.world.gateway.length_limit is not None
