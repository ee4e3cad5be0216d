"""Fallback answers are in force."""

from simulator.debts import Debt, IncidentType, Snapshot, part


@part
class FallbackAnswers(Debt):
    """Requests get fallback answers in place of the deployed model's."""

    rank = 9
    against = (IncidentType.DATA, IncidentType.MODEL_PERFORMANCE)

    def is_owed(self, snapshot: Snapshot) -> bool:
        return snapshot.world.gateway.fallback is not None
