"""Rows of the offline store are lost."""

import numpy as np

from simulator.debts import Debt, Snapshot, part


@part
class LostRows(Debt):
    """Rows of the training window are lost; a replay pays it, or their age."""

    rank = 15

    def is_owed(self, snapshot: Snapshot) -> bool:
        log = snapshot.world.log
        oldest = snapshot.world.now - snapshot.params.train_window
        # A search of the whole store at every scrape would take a third of the time of all debts.
        if log.newest_lost is None or log.newest_lost <= oldest:
            return False
        return bool(np.any(log.lost & (log.at > oldest)))
