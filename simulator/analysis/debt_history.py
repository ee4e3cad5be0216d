"""When a run owed debts: what has to be put right before an incident is over."""

from itertools import groupby
from typing import NamedTuple

import numpy as np

from simulator.analysis.truth import Bools, Times
from simulator.run import Run
from simulator.run.events import DebtEvent


class DebtHistory(NamedTuple):
    """When any debt was owed.

    Attributes
    ----------
    times : ndarray, shape (n,), ms
    owed : ndarray of bool, shape (n,)
        Whether any debt is owed from that time until the next.

    Examples
    --------
    >>> debts = DebtHistory(np.array([0, 15, 30, 45]), np.array([False, True, False, False]))
    >>> debts.first, debts.paid(since=10), debts.paid(since=20), debts.outstanding
    (15, 10, 30, False)
    """

    times: Times
    owed: Bools

    @property
    def first(self) -> int | None:
        """When a debt was owed first, ms."""
        times = self.times[self.owed]
        return int(times[0]) if len(times) else None

    @property
    def outstanding(self) -> bool:
        """Whether a debt is owed at the end."""
        return bool(self.owed[-1:].any())

    def paid(self, since: int) -> int | None:
        """The first moment from a time on when no debt was owed, ms.

        A debt that is owed again later does not count (a second incident paused the releases, say);
        but if any is owed at the end, there is no such moment.
        """
        if self.outstanding:
            return None
        now = max(int(np.searchsorted(self.times, since, "right")) - 1, 0)
        clear = self.times[now:][~self.owed[now:]]
        return max(since, int(clear[0])) if len(clear) else since


def debt_history(run: Run, onset: int) -> DebtHistory:
    """The debts that began after an onset, whichever fault or order left them."""
    changes = (event for event in run.of(DebtEvent) if event.t >= onset)
    owed: set[str] = set()
    steps = [(0, False)]
    for t, group in groupby(changes, key=lambda event: event.t):
        for event in group:
            change = owed.add if event.state == "owed" else owed.discard
            change(event.name)
        steps.append((t, bool(owed)))
    return DebtHistory(np.array([t for t, _ in steps]), np.array([owes for _, owes in steps]))


def debts_owed(run: Run, times: Times) -> dict[str, Bools]:
    """Whether each debt of a run was owed at times (ms), by its name."""
    debts: dict[str, Bools] = {}
    for event in run.of(DebtEvent):
        owed = debts.setdefault(event.name, np.zeros(len(times), dtype=bool))
        owed[np.searchsorted(times, event.t) :] = event.state == "owed"
    return debts
