"""Objectives, compared with the ground truth at every scrape, without label delay.

An objective without traffic or rows does not hold: useful work counts, not the state of
components. Its *budget*, in seconds, burns while it does not hold.
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
    """Bounds of a quantity over a window.

    The objective as measured in a run; `score.truth.Objective` is the one graded afterwards.
    """

    name: str
    low: float = -np.inf
    high: float = np.inf
    window: int = 300_000  # ms

    def holds(self, value: float) -> bool:
        """Whether a value is within the bounds; NaN never is."""
        return bool(self.low <= value <= self.high)


def known(name: str) -> bool:
    """Whether a quantity of this name is measured."""
    return name in NAMES or bool(QUANTILE.fullmatch(name))


class Truth:
    """The true values of the objectives' quantities, scrape by scrape.

    Parameters
    ----------
    objectives : mapping of str to Limit
    scrape : int, ms
    """

    def __init__(self, objectives: Mapping[str, Limit], scrape: int) -> None:
        self.objectives = dict(objectives)
        self._scrape = scrape
        self._scrapes = {name: max(1, limit.window // scrape) for name, limit in objectives.items()}
        self._rows = max(self._scrapes.values(), default=1)
        # A ring of rows, one a scrape: served, attempts, correct, scored; then latencies by bin.
        # Running sums of each window are exact: counts are whole numbers.
        self._counts = np.zeros((self._rows, _COUNTS + _BINS))
        self._sums = {scrapes: np.zeros(_COUNTS + _BINS) for scrapes in self._scrapes.values()}
        self._now = np.zeros(_COUNTS)
        self._latencies: list[Floats] = []
        self._number = 0
        self._advanced: list[int] = []  # progress of all training, ms, scrape by scrape
        self.times: list[int] = []
        self.values: dict[str, list[float]] = {name: [] for name in objectives}
        self.burnt: dict[str, list[float]] = {name: [] for name in objectives}
        self.holding: dict[str, bool] = dict.fromkeys(objectives, True)

    def observe(self, sample: Sample) -> None:
        """Add one tick."""
        lost = sample.shed + sample.timed_out + sample.failed
        self._now += (sample.served, sample.served + lost, sample.correct, sample.scored)
        if len(sample.latency_ms):
            self._latencies.append(sample.latency_ms)

    def look(self, t: int, world: World) -> list[tuple[str, bool, float]]:
        """Close a scrape interval; return the objectives that began or ceased to hold."""
        row = np.concatenate((self._now, self._latency_bins()))
        for scrapes, total in self._sums.items():
            total -= self._counts[(self._number - scrapes) % self._rows]
            total += row
        self._counts[self._number % self._rows] = row
        self._number += 1
        self._now = np.zeros(_COUNTS)
        self._latencies = []
        self._advanced.append(training_runs.advanced(world.trainings, t))
        changed = []
        for name, limit in self.objectives.items():
            value = self._value(name, world)
            holds = limit.holds(value)
            before = self.burnt[name][-1] if self.burnt[name] else 0.0
            self.values[name].append(value)
            self.burnt[name].append(before + (0.0 if holds else self._scrape / 1000.0))
            if holds != self.holding[name]:
                self.holding[name] = holds
                changed.append((name, holds, value))
        # Last: a signal may end the run anywhere above; a row without a time does not count.
        self.times.append(t)
        return changed

    def arrays(self) -> dict[str, Floats]:
        """Values and burnt budgets by name, shape (scrapes,)."""
        columns = self.values | {f"burnt:{name}": values for name, values in self.burnt.items()}
        return {name: np.array(values[: len(self.times)]) for name, values in columns.items()}

    def _goodput(self, scrapes: int, world: World) -> float:
        """Work done in the window and not lost since, as a share of the time."""
        runs, before = world.trainings.runs, self._number - 1 - scrapes
        if not runs:
            return float("nan")
        initial = sum(run.begun_with for run in runs)
        start = self._advanced[before] if before >= 0 else initial
        elapsed = min(scrapes, self._number) * self._scrape * len(runs)
        return (self._advanced[-1] - start) / elapsed

    def _latency_bins(self) -> Floats:
        if not self._latencies:
            return np.zeros(_BINS)
        values = np.concatenate(self._latencies)
        bins = (np.log(np.maximum(values, _LOWEST_MS) / _LOWEST_MS) / np.log(_STEP)).astype(int)
        return np.bincount(np.minimum(bins, _BINS - 1), minlength=_BINS).astype(np.float64)

    def _value(self, name: str, world: World) -> float:
        if name == "freshness":
            ages = [feature_store.age_ms(world, view) for view in world.store.through]
            return max(ages) / 1000.0 if ages else float("nan")
        if name == "training_goodput":
            return self._goodput(self._scrapes[name], world)
        counts = self._sums[self._scrapes[name]]
        if name in ("availability", "accuracy"):
            good, total = (0, 1) if name == "availability" else (2, 3)
            return float(counts[good] / counts[total]) if counts[total] else float("nan")
        return _quantile(counts[_COUNTS:], name)


def _quantile(bins: Floats, name: str) -> float:
    match = QUANTILE.fullmatch(name)
    cumulative = bins.cumsum()
    if match is None or not cumulative[-1]:
        return float("nan")
    rank = float(match[1]) / 100.0 * cumulative[-1]
    # The bin's middle, in seconds: at most 2 % off.
    return float(_LOWEST_MS * _STEP ** (int(cumulative.searchsorted(rank)) + 0.5) / 1000.0)
