"""Objectives and their true values at every scrape.

An objective without traffic is undefined (NaN), and an undefined value does not hold: otherwise
serving nobody would be the surest way to a low latency.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.run import Run

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Times = NDArray[np.int64]


class Objective(NamedTuple):
    """A limit of the scenario for a true value.

    Examples
    --------
    >>> Objective("accuracy", low=0.84).holds(np.array([0.84, 0.8, np.nan])).tolist()
    [True, False, False]
    """

    name: str
    low: float = -math.inf
    high: float = math.inf
    unit: str = ""

    def holds(self, values: Floats) -> Bools:
        """Where the values are within the limit."""
        return (values >= self.low) & (values <= self.high)

    def distance_outside(self, values: Floats) -> Floats:
        """How far the values are outside the limit; undefined values are farthest.

        Examples
        --------
        >>> values = np.array([600.0, 1000.0, np.nan])
        >>> Objective("freshness", high=900.0).distance_outside(values).tolist()
        [0.0, 100.0, inf]
        """
        distance = np.maximum(self.low - values, values - self.high)
        distance = np.where(np.isnan(distance), np.inf, distance)
        return np.where(self.holds(values), 0.0, distance)

    @property
    def has_minimum(self) -> bool:
        """Whether the limit is a minimum; otherwise it is a maximum."""
        return math.isfinite(self.low)

    @property
    def limit(self) -> float:
        """The minimum or maximum."""
        return self.low if self.has_minimum else self.high

    def worst(self, values: Floats) -> float:
        """The lowest value for a minimum, the highest for a maximum; NaN if all are undefined.

        Examples
        --------
        >>> Objective("freshness", high=900.0).worst(np.array([600.0, np.nan, 700.0]))
        700.0
        """
        finite = values[np.isfinite(values)]
        if not len(finite):
            return math.nan
        return float(finite.min() if self.has_minimum else finite.max())


def objectives(run: Run) -> list[Objective]:
    """The objectives of a run's header, in the order in which the scenario lists them."""
    return [
        Objective(
            name,
            -math.inf if spec.min is None else spec.min,
            math.inf if spec.max is None else spec.max,
            spec.unit,
        )
        for name, spec in run.header.objectives.items()
    ]


def graded_scrapes(run: Run) -> Bools:
    """The scrapes after the warm-up, shape (scrapes,)."""
    return run.truth_times >= run.header.warm_up


def true_values(run: Run, name: str) -> Floats:
    """An objective's true values, shape (scrapes,); undefined if none were recorded."""
    values = run.truth.get(name)
    return np.full(len(run.truth_times), np.nan) if values is None else values


def all_objectives_held(run: Run) -> Bools:
    """Whether every objective held, shape (scrapes,)."""
    inside = np.ones(len(run.truth_times), dtype=bool)
    for objective in objectives(run):
        inside &= objective.holds(true_values(run, objective.name))
    return inside


def end_of(run: Run) -> int:
    """When the drill ended, ms; for an interrupted drill, the last recorded time."""
    if run.complete:
        return run.events[-1].t
    last = [event.t for event in run.events[-1:]] + [int(t) for t in run.truth_times[-1:]]
    return max(last, default=0)


def final_hold_start(times: Times, inside: Bools, until: int, hold: int) -> int | None:
    """When the final segment inside began, if it lasted until `until` and at least `hold`.

    Parameters
    ----------
    times : ndarray, shape (scrapes,), ms
    inside : ndarray of bool, shape (scrapes,)
    until, hold : int, ms

    Examples
    --------
    >>> times = np.arange(0, 60, 15)
    >>> final_hold_start(times, np.array([True, False, True, True]), until=60, hold=30)
    30
    >>> final_hold_start(times, np.array([True, False, False, True]), until=60, hold=30) is None
    True
    """
    inside, times = inside[times <= until], times[times <= until]
    if not len(times) or not inside[-1]:
        return None
    outside = np.flatnonzero(~inside)
    start = int(times[int(outside[-1]) + 1 if len(outside) else 0])
    return start if until - start >= hold else None


def first_breach(run: Run, start: int, until: int) -> tuple[int, Objective, float] | None:
    """The first breach in [start, until): its time, objective and value."""
    times = run.truth_times
    window = (times >= start) & (times < until)
    first: tuple[int, Objective, float] | None = None
    for objective in objectives(run):
        values = true_values(run, objective.name)
        breaches = np.flatnonzero(window & ~objective.holds(values))
        if len(breaches) and (first is None or times[breaches[0]] < first[0]):
            first = int(times[breaches[0]]), objective, float(values[breaches[0]])
    return first


def first_caused_breach(run: Run, twin: Run, start: int) -> int | None:
    """When a run first breached an objective that held in its twin at that time, ms."""
    times, in_run, in_twin = np.intersect1d(run.truth_times, twin.truth_times, return_indices=True)
    caused = np.zeros(len(times), dtype=bool)
    for objective in objectives(run):
        held = objective.holds(true_values(run, objective.name))[in_run]
        held_in_twin = objective.holds(true_values(twin, objective.name))[in_twin]
        caused |= held_in_twin & ~held
    breaches = times[caused & (times >= start)]
    return int(breaches[0]) if len(breaches) else None
