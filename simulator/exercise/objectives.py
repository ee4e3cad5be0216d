"""Objectives, held against the truth at every scrape; truth does not wait for labels.

An objective over no traffic or no rows does not hold: useful work served counts, not the
state of parts. Its *budget* is burnt while it does not hold, in seconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.long_training import training_runs
from simulator.pipeline.model import feature_store
from simulator.pipeline.sample import Sample
from simulator.pipeline.world import World

# Edges of the truth's latency histogram: 4 % apart, from 0.1 ms to over ten minutes.
_STEP = 1.04
_LOWEST_MS = 0.1
_BINS = 400
_COUNTS = 4
RATIOS = ("availability", "accuracy", "training_goodput")
NAMES = (*RATIOS, "freshness", "latency_p50", "latency_p95", "latency_p99")  # the rest: seconds
QUANTILE = re.compile(r"latency_p(\d{1,2}(?:\.\d+)?)")


@dataclass(frozen=True)
class Limit:
    """What has to hold: a quantity with a bound, over a window.

    The objective as it is measured; as it is judged afterwards it is `score.truth.Objective`.
    """

    name: str
    low: float = -np.inf
    high: float = np.inf
    window: int = 300_000  # ms

    def holds(self, value: float) -> bool:
        """Whether a value is inside; NaN never is."""
        return bool(self.low <= value <= self.high)


def known(name: str) -> bool:
    """Whether truth knows a quantity of this name."""
    return name in NAMES or bool(QUANTILE.fullmatch(name))


class Truth:
    """What was really so, scrape by scrape.

    Parameters
    ----------
    objectives : mapping of str to Limit
    scrape : int, ms
    """

    def __init__(self, objectives: Mapping[str, Limit], scrape: int) -> None:
        self.objectives = dict(objectives)
        self._scrape = scrape
        self._scrapes = {name: max(1, one.window // scrape) for name, one in objectives.items()}
        self._rows = max(self._scrapes.values(), default=1)
        # One row a scrape: answered, attempts, right, scored; then latencies by bin. Sums of
        # the last so many rows go along with them: counts are whole, so nothing is rounded.
        self._counts = np.zeros((self._rows, _COUNTS + _BINS))
        self._sums = {scrapes: np.zeros(_COUNTS + _BINS) for scrapes in self._scrapes.values()}
        self._now = np.zeros(_COUNTS)
        self._latencies: list[Floats] = []
        self._number = 0
        self._advanced: list[int] = []  # of all training, ms, scrape by scrape
        self.times: list[int] = []
        self.values: dict[str, list[float]] = {name: [] for name in objectives}
        self.burnt: dict[str, list[float]] = {name: [] for name in objectives}
        self.holding: dict[str, bool] = dict.fromkeys(objectives, True)

    def observe(self, sample: Sample) -> None:
        """Take in one tick."""
        lost = sample.shed + sample.timed_out + sample.failed
        self._now += (sample.served, sample.served + lost, sample.correct, sample.scored)
        if len(sample.latency_ms):
            self._latencies.append(sample.latency_ms)

    def look(self, t: int, world: World) -> list[tuple[str, bool, float]]:
        """Close a scrape interval; returns the objectives that began or ceased to hold."""
        row = np.concatenate((self._now, self._binned()))
        for scrapes, total in self._sums.items():
            total -= self._counts[(self._number - scrapes) % self._rows]
            total += row
        self._counts[self._number % self._rows] = row
        self._number += 1
        self._now = np.zeros(_COUNTS)
        self._latencies = []
        self._advanced.append(training_runs.advanced(world.trainings, t))
        turned = []
        for name, one in self.objectives.items():
            value = self._value(name, world)
            inside = one.holds(value)
            before = self.burnt[name][-1] if self.burnt[name] else 0.0
            self.values[name].append(value)
            self.burnt[name].append(before + (0.0 if inside else self._scrape / 1000.0))
            if inside != self.holding[name]:
                self.holding[name] = inside
                turned.append((name, inside, value))
        # Last: a signal may end the run anywhere here, and what has no time yet is no row.
        self.times.append(t)
        return turned

    def arrays(self) -> dict[str, Floats]:
        """Values and burnt budgets by name, shape (scrapes,)."""
        found = self.values | {f"burnt:{name}": values for name, values in self.burnt.items()}
        return {name: np.array(values[: len(self.times)]) for name, values in found.items()}

    def _goodput(self, scrapes: int, world: World) -> float:
        """Work that was done in the window and is not lost since, of what the time allows."""
        runs, before = world.trainings.runs, self._number - 1 - scrapes
        if not runs:
            return float("nan")
        begun = sum(run.begun_with for run in runs)
        since = self._advanced[before] if before >= 0 else begun
        lasted = min(scrapes, self._number) * self._scrape * len(runs)
        return (self._advanced[-1] - since) / lasted

    def _binned(self) -> Floats:
        if not self._latencies:
            return np.zeros(_BINS)
        values = np.concatenate(self._latencies)
        places = (np.log(np.maximum(values, _LOWEST_MS) / _LOWEST_MS) / np.log(_STEP)).astype(int)
        return np.bincount(np.minimum(places, _BINS - 1), minlength=_BINS).astype(np.float64)

    def _value(self, name: str, world: World) -> float:
        if name == "freshness":
            ages = [feature_store.age_ms(world, view) for view in world.store.through]
            return max(ages) / 1000.0 if ages else float("nan")
        if name == "training_goodput":
            return self._goodput(self._scrapes[name], world)
        counts = self._sums[self._scrapes[name]]
        if name in ("availability", "accuracy"):
            good, out_of = (0, 1) if name == "availability" else (2, 3)
            return float(counts[good] / counts[out_of]) if counts[out_of] else float("nan")
        return _quantile(counts[_COUNTS:], name)


def _quantile(bins: Floats, name: str) -> float:
    found = QUANTILE.fullmatch(name)
    upto = bins.cumsum()
    if found is None or not upto[-1]:
        return float("nan")
    place = int(upto.searchsorted(float(found[1]) / 100.0 * upto[-1]))
    # The bin's middle, in seconds: 2 % off at most.
    return float(_LOWEST_MS * _STEP ** (place + 0.5) / 1000.0)
