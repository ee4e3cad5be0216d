"""What a run owed and when: what has to be put right before an incident is over."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.run import Run
from simulator.score.truth import Bools

Times = NDArray[np.int64]


class Debts(NamedTuple):
    """When anything was owed.

    Attributes
    ----------
    times : ndarray, shape (n,), ms
    owed : ndarray of bool, shape (n,)
        Whether anything is owed from that time until the next.

    Examples
    --------
    >>> debts = Debts(np.array([0, 15, 30, 45]), np.array([False, True, False, False]))
    >>> debts.first, debts.paid(since=10), debts.paid(since=20), debts.left
    (15, 10, 30, False)
    """

    times: Times
    owed: Bools

    @property
    def first(self) -> int | None:
        """When something was owed first, ms."""
        found = self.times[self.owed]
        return int(found[0]) if len(found) else None

    @property
    def left(self) -> bool:
        """Whether anything is owed at the end."""
        return bool(self.owed[-1:].any())

    def paid(self, since: int) -> int | None:
        """The first moment from a time on when nothing was owed, ms.

        What is owed again later, releases that a second incident paused say, is another story;
        but where anything is owed at the end, nothing is paid.
        """
        if self.left:
            return None
        now = max(int(np.searchsorted(self.times, since, "right")) - 1, 0)
        clear = self.times[now:][~self.owed[now:]]
        return max(since, int(clear[0])) if len(clear) else since


def debts_since(run: Run, onset: int) -> Debts:
    """The debts that were made since an onset, whoever made them."""
    changes = (event for event in run.of("debt") if event.t >= onset)
    owed: set[str] = set()
    steps = [(0, False)]
    for t, group in groupby(changes, key=lambda event: event.t):
        for event in group:
            change = owed.add if event.data.get("state") == "owed" else owed.discard
            change(str(event.data.get("name")))
        steps.append((t, bool(owed)))
    return Debts(np.array([t for t, _ in steps]), np.array([any_owed for _, any_owed in steps]))


def owed_at(run: Run, times: Times) -> dict[str, Bools]:
    """Whether each debt that a run had was owed at times, shape of `times`, ms."""
    found: dict[str, Bools] = {}
    for event in run.of("debt"):
        owed = found.setdefault(str(event.data.get("name")), np.zeros(len(times), dtype=bool))
        owed[np.searchsorted(times, event.t) :] = event.data.get("state") == "owed"
    return found
