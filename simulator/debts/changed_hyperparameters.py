"""Trainings use other hyperparameters than the pipeline declares."""

from simulator.debts import Debt, Snapshot, part


@part
class ChangedHyperparameters(Debt):
    """Trainings use other hyperparameters than the pipeline declares."""

    def is_owed(self, snapshot: Snapshot) -> bool:
        return bool(snapshot.world.tuning.hyperparameters)
