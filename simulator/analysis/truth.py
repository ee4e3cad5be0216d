"""Objectives and their true values at every scrape.

An objective without traffic is undefined (NaN), and an undefined value does not hold: otherwise
serving nobody would be the surest way to a low latency.
"""

import math
from collections.abc import Mapping
from functools import cached_property
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


class Breach(NamedTuple):
    """An objective outside its limit: when, ms, and its value."""

    t: int
    objective: Objective
    value: float


class Truth:
    """The objectives of a run and their true values at every scrape.

    Attributes
    ----------
    times : ndarray, shape (scrapes,), ms
        Empty if the run was killed.
    objectives : tuple of Objective
        In the order in which the scenario lists them.
    """

    def __init__(self, run: Run) -> None:
        self.times = run.truth_times
        self.objectives = tuple(_objectives(run))
        self._arrays = run.truth
        self._warm_up = run.header.warm_up

    @cached_property
    def graded(self) -> Bools:
        """The scrapes after the warm-up, shape (scrapes,)."""
        return self.times >= self._warm_up

    @cached_property
    def values(self) -> Mapping[str, Floats]:
        """The values of each objective, shape (scrapes,); undefined if none were recorded."""
        undefined = np.full(len(self.times), np.nan)
        return {o.name: self._arrays.get(o.name, undefined) for o in self.objectives}

    @cached_property
    def inside(self) -> Mapping[str, Bools]:
        """Whether each objective held, shape (scrapes,)."""
        return {o.name: o.holds(self.values[o.name]) for o in self.objectives}

    @cached_property
    def all_inside(self) -> Bools:
        """Whether every objective held, shape (scrapes,)."""
        inside = np.ones(len(self.times), dtype=bool)
        for held in self.inside.values():
            inside &= held
        return inside

    def seconds_outside(self, name: str) -> float | None:
        """How long an objective was outside after the warm-up, seconds; None if not recorded."""
        burnt = self._arrays.get(f"burnt:{name}", np.zeros(0))
        if not len(burnt):
            return None
        before = burnt[~self.graded]
        return float(burnt[-1] - before[-1]) if len(before) else float(burnt[-1])

    def budget_spent_at(self, name: str, budget: int, start: int) -> int | None:
        """When an objective had been outside for its budget, since `start`, all ms; None if never.

        The warm-up does not count.
        """
        burnt = self._arrays.get(f"burnt:{name}", np.zeros(0))
        window = self.graded & (self.times >= start)
        if not len(burnt) or not window.any():
            return None
        first = int(np.flatnonzero(window)[0])
        before = float(burnt[first - 1]) if first else 0.0
        spent = np.flatnonzero(window & (1000 * (burnt - before) >= budget))
        return int(self.times[spent[0]]) if len(spent) else None

    def breached(self) -> list[str]:
        """The objectives that did not always hold after the warm-up."""
        return [name for name, held in self.inside.items() if not held[self.graded].all()]

    def first_breach(self, start: int, until: float = math.inf) -> Breach | None:
        """The first breach in [start, until)."""
        window = (self.times >= start) & (self.times < until)
        first: Breach | None = None
        for objective in self.objectives:
            breaches = np.flatnonzero(window & ~self.inside[objective.name])
            if len(breaches) and (first is None or self.times[breaches[0]] < first.t):
                value = float(self.values[objective.name][breaches[0]])
                first = Breach(int(self.times[breaches[0]]), objective, value)
        return first

    def first_caused_breach(self, twin: "Truth", start: int) -> int | None:
        """When an objective was first breached that held in a twin at that time, ms."""
        times, here, there = np.intersect1d(self.times, twin.times, return_indices=True)
        caused = np.zeros(len(times), dtype=bool)
        for name, held in self.inside.items():
            held_in_twin = twin.inside.get(name, np.zeros(len(twin.times), dtype=bool))
            caused |= held_in_twin[there] & ~held[here]
        breaches = times[caused & (times >= start)]
        return int(breaches[0]) if len(breaches) else None


def _objectives(run: Run) -> list[Objective]:
    return [
        Objective(
            name,
            -math.inf if spec.min is None else spec.min,
            math.inf if spec.max is None else spec.max,
            spec.unit,
        )
        for name, spec in run.header.objectives.items()
    ]


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
