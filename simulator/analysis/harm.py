"""Which of several faults breached an objective or left a debt, by comparison with the twins.

A breach that the no-fault twin does not have is attributed to the fault without which the
objective holds at that time; to several faults, if each of them was needed for it.

Where each of several faults alone would be enough, leaving out one of them ends no breach. The
breach is then attributed to the faults without which the objective comes nearer to its limit; if
there are none either (nothing is served as long as any of them lasts, say), to all that have
begun.

A debt is attributed to the fault without which it is not owed at that time, and to all that have
begun where it is owed whichever of them is left out. The latter holds for the debts of orders, such
as a silence: every twin has the same order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Self

import numpy as np

from simulator.analysis.debt_history import DebtHistory, debts_owed
from simulator.analysis.onsets import Onset
from simulator.analysis.run_record import RunRecord
from simulator.analysis.truth import Bools, Floats, Objective, Times, final_hold_start


def attribute_breaches(
    objective: Objective,
    times: Times,
    values: Floats,
    no_fault: Floats,
    without: Floats,
    onset: Times,
) -> Bools:
    """The faults to which each breach of an objective is attributed.

    Parameters
    ----------
    times : ndarray, shape (scrapes,), ms
    values, no_fault : ndarray, shape (scrapes,)
        In the run, and without any fault.
    without : ndarray, shape (faults, scrapes)
        Without each of the faults.
    onset : ndarray, shape (faults,), ms

    Returns
    -------
    ndarray of bool, shape (faults, scrapes)
        No breach before a fault's onset; at least one fault for each breach after any onset.

    Examples
    --------
    The first breach needs the second fault. The second breach needs neither alone, but is less
    severe without the first fault.

    >>> attribute_breaches(
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
    candidates = breach & (onset[:, None] <= times)
    ended = objective.holds(without)
    eased = objective.distance_outside(without) < objective.distance_outside(values)
    return _first_that_picks(candidates, ended, eased)


def attribute_debts(owed: Bools, times: Times, without: Bools, onset: Times) -> Bools:
    """The faults to which a debt is attributed at each time.

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
        No debt before a fault's onset; at least one fault wherever it is owed after any onset.

    Examples
    --------
    Without the first fault it is not owed at 15; from 30 on either is enough.

    >>> attribute_debts(
    ...     np.array([False, True, True]),
    ...     times=np.array([0, 15, 30]),
    ...     without=np.array([[False, False, True], [False, True, True]]),
    ...     onset=np.array([0, 0]),
    ... ).astype(int)
    array([[0, 1, 1],
           [0, 0, 1]])
    """
    return _first_that_picks(owed & (onset[:, None] <= times), ~without)


def _first_that_picks(begun: Bools, *criteria: Bools) -> Bools:
    """Per scrape: the faults picked by the first criterion that picks any; else all begun."""
    picked = begun
    for criterion in reversed(criteria):
        picked = np.where((begun & criterion).any(axis=0), begun & criterion, picked)
    return picked


@dataclass(frozen=True)
class HarmByFault:
    """The breaches and debts of a run, attributed to its faults.

    Attributes
    ----------
    times : ndarray, shape (scrapes,), ms
    breaches : mapping of str to mapping of str to ndarray of bool, shape (scrapes,)
        By the fault's id and the objective's name.
    owed : mapping of str to ndarray of bool, shape (scrapes,)
        Whether any debt is owed, by the fault's id.
    """

    times: Times
    breaches: Mapping[str, Mapping[str, Bools]]
    owed: Mapping[str, Bools]

    @classmethod
    def of(cls, record: RunRecord, no_fault: RunRecord, without: Mapping[Onset, RunRecord]) -> Self:
        """The harm of each of several faults, by the twin without any and those without each."""
        truths = [r.truth for r in (record, no_fault, *without.values())]
        times = reduce(np.intersect1d, [truth.times for truth in truths])
        rows = [np.searchsorted(truth.times, times) for truth in truths]
        onset = np.array([fault.t for fault in without])
        breaches: dict[str, dict[str, Bools]] = {fault.id: {} for fault in without}
        for objective in record.truth.objectives:
            values, values_no_fault, *values_without = (
                truth.values[objective.name][row] for truth, row in zip(truths, rows, strict=True)
            )
            by_fault = attribute_breaches(
                objective, times, values, values_no_fault, np.array(values_without), onset
            )
            for fault, breached in zip(without, by_fault, strict=True):
                breaches[fault.id][objective.name] = breached
        return cls(times, breaches, _owed_by_fault(record, without, times, onset))

    def breached_objectives(self, fault: str) -> list[str]:
        """The objectives that a fault breached."""
        return [name for name, breached in self.breaches[fault].items() if breached.any()]

    def impact_and_mitigation(
        self, fault: str, until: int, hold: int
    ) -> tuple[int | None, int | None]:
        """A fault's first breach, and the start of the final segment without one, ms.

        That segment has to last until `until` and at least for the hold. A fault without a breach
        has neither time.
        """
        none = np.zeros(len(self.times), dtype=bool)
        breached = reduce(np.logical_or, self.breaches[fault].values(), none)
        if not breached.any():
            return None, None
        impact = int(self.times[breached.argmax()])
        return impact, final_hold_start(self.times, ~breached, until, hold)

    def debts(self, fault: str) -> DebtHistory:
        """The debts of a fault, and those of the drill's orders."""
        return DebtHistory(self.times, self.owed[fault])


def _owed_by_fault(
    record: RunRecord, without: Mapping[Onset, RunRecord], times: Times, onset: Times
) -> dict[str, Bools]:
    """Whether any debt is owed at times, by the fault to which it is attributed."""
    never = np.zeros(len(times), dtype=bool)
    twin_debts = [debts_owed(twin.run, times) for twin in without.values()]
    owed = {fault.id: never for fault in without}
    for debt, owed_in_run in debts_owed(record.run, times).items():
        owed_without = np.array([debts.get(debt, never) for debts in twin_debts])
        by_fault = attribute_debts(owed_in_run, times, owed_without, onset)
        for fault, due in zip(without, by_fault, strict=True):
            owed[fault.id] = owed[fault.id] | due
    return owed
