"""What the objectives were worth, judged from the truth at every scrape.

An objective over no traffic is undefined (NaN), and what is undefined does not hold: else
the surest way to keep latency low would be to serve nobody.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.run import Run

Bools = NDArray[np.bool_]


class Objective(NamedTuple):
    """A limit that the scenario holds against the truth.

    Examples
    --------
    >>> Objective("accuracy", low=0.84).holds(np.array([0.84, 0.8, np.nan])).tolist()
    [True, False, False]
    """

    name: str
    low: float = -math.inf
    high: float = math.inf
    unit: str = ""

    def holds(self, values: NDArray[np.float64]) -> Bools:
        """Where the values are inside the limit."""
        return (values >= self.low) & (values <= self.high)

    def outside(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far outside the limit the values are; what is undefined is farthest.

        Examples
        --------
        >>> Objective("freshness", high=900.0).outside(np.array([600.0, 1000.0, np.nan])).tolist()
        [0.0, 100.0, inf]
        """
        far = np.maximum(self.low - values, values - self.high)
        return np.where(self.holds(values), 0.0, np.where(np.isnan(far), np.inf, far))

    @property
    def limit(self) -> float:
        """The side that is limited."""
        return self.low if math.isfinite(self.low) else self.high


def objectives(run: Run) -> list[Objective]:
    """The objectives of a run's header, in the order in which its author wrote them."""
    found = []
    for name, stated in run.header.get("objectives", {}).items():
        low, high = _number(stated.get("min"), -math.inf), _number(stated.get("max"), math.inf)
        found.append(Objective(name, low, high, str(stated.get("unit") or "")))
    return found


def values_of(run: Run, name: str) -> NDArray[np.float64]:
    """An objective's true values, shape (scrapes,); undefined where none were kept."""
    found = run.truth.get(name)
    return np.full(len(run.truth_times), np.nan) if found is None else found


def held(run: Run) -> Bools:
    """Whether every objective held, shape (scrapes,)."""
    inside = np.ones(len(run.truth_times), dtype=bool)
    for objective in objectives(run):
        inside &= objective.holds(values_of(run, objective.name))
    return inside


def end_of(run: Run) -> int:
    """When the drill was over, ms; of an interrupted one, the last thing that is known."""
    if run.complete:
        return run.events[-1].t
    last = [event.t for event in run.events[-1:]] + [int(t) for t in run.truth_times[-1:]]
    return max(last, default=0)


def final_stretch(times: NDArray[np.int64], inside: Bools, until: int, hold: int) -> int | None:
    """When the last stretch inside began, if it lasted until `until` and at least `hold`.

    Parameters
    ----------
    times : ndarray, shape (scrapes,), ms
    inside : ndarray of bool, shape (scrapes,)
    until, hold : int, ms

    Examples
    --------
    >>> times = np.arange(0, 60, 15)
    >>> final_stretch(times, np.array([True, False, True, True]), until=60, hold=30)
    30
    >>> final_stretch(times, np.array([True, False, False, True]), until=60, hold=30) is None
    True
    """
    seen = times <= until
    times, inside = times[seen], inside[seen]
    if not len(times) or not inside[-1]:
        return None
    outside = np.flatnonzero(~inside)
    first = int(outside[-1]) + 1 if len(outside) else 0
    began = int(times[first])
    return began if until - began >= hold else None


def first_breach(run: Run, start: int, until: int) -> tuple[int, Objective, float] | None:
    """The first objective that did not hold in [start, until): when, which and its value."""
    times = run.truth_times
    window = (times >= start) & (times < until)
    best: tuple[int, Objective, float] | None = None
    for objective in objectives(run):
        values = values_of(run, objective.name)
        bad = np.flatnonzero(window & ~objective.holds(values))
        if len(bad) and (best is None or times[bad[0]] < best[0]):
            best = int(times[bad[0]]), objective, float(values[bad[0]])
    return best


def first_difference(run: Run, twin: Run, start: int) -> int | None:
    """When an objective was first breached here that held in the twin at that time, ms."""
    times, same, other = np.intersect1d(run.truth_times, twin.truth_times, return_indices=True)
    bad = np.zeros(len(times), dtype=bool)
    for objective in objectives(run):
        here = objective.holds(values_of(run, objective.name))[same]
        there = objective.holds(values_of(twin, objective.name))[other]
        bad |= there & ~here
    found = times[bad & (times >= start)]
    return int(found[0]) if len(found) else None


def _number(value: Any, otherwise: float) -> float:
    return otherwise if value is None else float(value)
