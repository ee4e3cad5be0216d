"""Which of several faults breached an objective, or left a debt, told by twins without one of them.

A breach that the no-fault twin has not is due to the fault without which the objective holds at
that time; to several, if each of them was needed for it.

Where each of several would have been enough, leaving out one of them mends nothing. It is due
to those then without which the objective comes nearer to its limit; and where that tells
nothing either (nothing is served as long as any of them lasts, say), to all that have set in.

So it is with a debt: it is owed to the fault without which it is not owed at that time, and
to all that have set in where it is owed whichever of them is left out. That is also what an
order left, a silence say: the same order is in every twin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from simulator.run import NO_FAULT, Run
from simulator.score.debts import Debts, owed_at
from simulator.score.onsets import leave_one_out, onsets
from simulator.score.truth import Bools, Objective, final_stretch, objectives, values_of

Times = NDArray[np.int64]
Floats = NDArray[np.float64]


def blamed(
    objective: Objective,
    times: Times,
    values: Floats,
    no_fault: Floats,
    without: Floats,
    onset: Times,
) -> Bools:
    """On which faults each breach of an objective is to be blamed.

    Parameters
    ----------
    objective : Objective
    times : ndarray, shape (scrapes,), ms
    values, no_fault : ndarray, shape (scrapes,)
        In the run, and without any fault.
    without : ndarray, shape (faults, scrapes)
        Without each of the faults.
    onset : ndarray, shape (faults,), ms

    Returns
    -------
    ndarray of bool, shape (faults, scrapes)
        Nothing before a fault's onset; where it breached and a fault has set in, at least one.

    Examples
    --------
    Without the second fault there is no first breach. Leaving out either mends nothing of the
    other one, but without the first it is not as bad.

    >>> blamed(
    ...     Objective("accuracy", low=0.8),
    ...     times=np.array([0, 15, 30]),
    ...     values=np.array([0.9, 0.7, 0.5]),
    ...     no_fault=np.array([0.9, 0.9, 0.9]),
    ...     without=np.array([[0.9, 0.7, 0.6], [0.9, 0.9, 0.5]]),
    ...     onset=np.array([0, 0]),
    ... ).astype(int)
    array([[0, 0, 1],
           [0, 1, 0]])
    """
    breach = ~objective.holds(values) & objective.holds(no_fault)
    begun = breach & (onset[:, None] <= times)
    mended = objective.holds(without)
    eased = objective.outside(without) < objective.outside(values)
    return _told(begun, mended, eased)


def indebted(owed: Bools, times: Times, without: Bools, onset: Times) -> Bools:
    """To which faults each moment of a debt is due.

    Parameters
    ----------
    owed : ndarray of bool, shape (scrapes,)
        In the run.
    times : ndarray, shape (scrapes,), ms
    without : ndarray of bool, shape (faults, scrapes)
        Whether it is owed without each of the faults.
    onset : ndarray, shape (faults,), ms

    Returns
    -------
    ndarray of bool, shape (faults, scrapes)
        Nothing before a fault's onset; where it is owed and a fault has set in, at least one.

    Examples
    --------
    Without the first fault it is never owed; from 30 on either would be enough.

    >>> indebted(
    ...     np.array([False, True, True]),
    ...     times=np.array([0, 15, 30]),
    ...     without=np.array([[False, False, True], [False, True, True]]),
    ...     onset=np.array([0, 0]),
    ... ).astype(int)
    array([[0, 1, 1],
           [0, 0, 1]])
    """
    return _told(owed & (onset[:, None] <= times), ~without)


def _told(begun: Bools, *signs: Bools) -> Bools:
    """Those of the faults that have begun of which the first sign tells that tells of any."""
    found = begun
    for sign in reversed(signs):
        found = np.where((begun & sign).any(axis=0), begun & sign, found)
    return found


@dataclass(frozen=True)
class Blame:
    """The breaches and debts of a run by the faults that are to be blamed for them.

    Attributes
    ----------
    times : ndarray, shape (scrapes,), ms
    breaches : mapping of str to mapping of str to ndarray of bool, shape (scrapes,)
        By the fault's id and the objective's name.
    owed : mapping of str to ndarray of bool, shape (scrapes,)
        Whether anything is owed, by the fault's id.
    """

    times: Times
    breaches: Mapping[str, Mapping[str, Bools]]
    owed: Mapping[str, Bools]

    @classmethod
    def of(cls, run: Run, twins: Mapping[str, Run]) -> Blame | None:
        """The blame of each fault; None where there is one fault, or no twins to tell them by."""
        left_out = leave_one_out(run, twins)
        if not left_out:
            return None
        runs = [run, twins[NO_FAULT], *left_out.values()]
        times = reduce(np.intersect1d, [one.truth_times for one in runs])
        rows = [np.searchsorted(one.truth_times, times) for one in runs]
        onset = np.array([one.t for one in onsets(run)])
        found: dict[str, dict[str, Bools]] = {fault: {} for fault in left_out}
        for goal in objectives(run):
            here, quiet, *others = (
                values_of(one, goal.name)[row] for one, row in zip(runs, rows, strict=True)
            )
            each = blamed(goal, times, here, quiet, np.array(others), onset)
            for fault, breaches in zip(left_out, each, strict=True):
                found[fault][goal.name] = breaches
        return cls(times, found, _owed(run, left_out, times, onset))

    def harmed(self, fault: str) -> list[str]:
        """The objectives that a fault breached."""
        return [name for name, breaches in self.breaches[fault].items() if breaches.any()]

    def harm(self, fault: str, until: int, hold: int) -> tuple[int | None, int | None]:
        """Its first breach, and when the last stretch without one began, ms.

        That stretch has to last until `until` and at least for the hold; there is none where
        there was no breach.
        """
        breaches = self._any(fault)
        found = np.flatnonzero(breaches)
        if not len(found):
            return None, None
        return int(self.times[found[0]]), final_stretch(self.times, ~breaches, until, hold)

    def debts(self, fault: str) -> Debts:
        """What a fault left, and what the orders of the drill did."""
        return Debts(self.times, self.owed[fault])

    def _any(self, fault: str) -> Bools:
        none = np.zeros(len(self.times), dtype=bool)
        return reduce(np.logical_or, self.breaches[fault].values(), none)


def _owed(run: Run, left_out: Mapping[str, Run], times: Times, onset: Times) -> dict[str, Bools]:
    """Whether anything is owed at times, by the fault to which it is due."""
    never = np.zeros(len(times), dtype=bool)
    twins = [owed_at(twin, times) for twin in left_out.values()]
    found = dict.fromkeys(left_out, never)
    for debt, here in owed_at(run, times).items():
        without = np.array([twin.get(debt, never) for twin in twins])
        for fault, due in zip(left_out, indebted(here, times, without, onset), strict=True):
            found[fault] = found[fault] | due
    return found
