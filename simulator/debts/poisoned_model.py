"""The model that serves has learnt from bent rows."""

from simulator.debts import Debt, Snapshot, part

# Share of a version's training rows that a fault had bent, above which it is poisoned.
POISONED = 0.01


@part
class PoisonedModel(Debt):
    """The model that serves has learnt from bent rows; a rollback or a retraining pays it."""

    rank = 1

    def is_owed(self, snapshot: Snapshot) -> bool:
        world = snapshot.world
        champion = world.trained.get(world.releases.model)
        return bool(champion and champion["bent"] > POISONED * champion["rows"])
