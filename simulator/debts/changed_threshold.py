"""The decision threshold is not the pipeline's."""

from simulator.debts import Debt, Snapshot, part


@part
class ChangedThreshold(Debt):
    """Predictions are positive above another probability than the pipeline declares."""

    def is_owed(self, snapshot: Snapshot) -> bool:
        return snapshot.world.tuning.threshold != snapshot.params.threshold
