"""Alerts are silenced."""

from simulator.debts import Debt, Snapshot, part


@part
class SilenceDebt(Debt):
    """A silence of Alertmanager is in force."""

    rank = 5

    def is_owed(self, snapshot: Snapshot) -> bool:
        return snapshot.silences > 0
