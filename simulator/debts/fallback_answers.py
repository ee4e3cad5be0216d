"""Fallback answers are in force."""

from simulator.debts import Debt, Snapshot, part


@part
class FallbackAnswers(Debt):
    """Requests get fallback answers in place of the deployed model's."""

    rank = 9

    def is_owed(self, snapshot: Snapshot) -> bool:
        return snapshot.world.gateway.fallback is not None
