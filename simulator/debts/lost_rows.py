"""Rows of the offline store are lost."""

import numpy as np

from simulator.debts import Debt, Snapshot, part


@part
class LostRows(Debt):
    """Rows of the training window are lost; a replay pays it, or their age."""

    rank = 15

    def is_owed(self, snapshot: Snapshot) -> bool:
        log = snapshot.world.log
        if not log.lost.any():
            return False
        oldest = snapshot.world.now - snapshot.params.train_window
        return bool(np.any(log.lost & (log.at > oldest)))
