"""The true values of objectives, measured at every scrape; they do not wait for labels.

An objective without traffic or rows does not hold: served useful work counts, not the state of
parts. Its *budget* is burnt while it does not hold, in seconds.
"""

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulator.director.breaches import Breaches
from simulator.pipeline.arrays import Floats
from simulator.pipeline.long_training import training_runs
from simulator.pipeline.model import feature_store
from simulator.pipeline.model.fallback import ANSWER_MS
from simulator.pipeline.sample import Sample
from simulator.pipeline.world import World
from simulator.telemetry.link_counts import LinkCount, LinkCounts, worst_link

# Edges of the latency histogram: 4 % apart, from 0.1 ms to over ten minutes.
_STEP = 1.04
_LOWEST_MS = 0.1
_BINS = 400
_COUNTS = 4
RATIOS = ("availability", "accuracy", "training_goodput", "monitoring")
NAMES = (*RATIOS, "freshness", "latency_p50", "latency_p95", "latency_p99")  # the rest: seconds
QUANTILE = re.compile(r"latency_p(\d{1,2}(?:\.\d+)?)")


@dataclass(frozen=True)
class Limit:
    """An objective as it is measured: a quantity with bounds, over a window.

    As it is graded it is `analysis.truth.Objective`.
    """

    name: str
    low: float = -np.inf
    high: float = np.inf
    window: int = 300_000  # ms
    budget: int | None = None  # ms; None for a tenth of the drill
    weight: float = 1.0

    def holds(self, value: float) -> bool:
        """Whether a value is within the bounds; NaN never is."""
        return bool(self.low <= value <= self.high)


def is_measured(name: str) -> bool:
    """Whether a quantity of this name is measured."""
    return name in NAMES or bool(QUANTILE.fullmatch(name))


class TrueObjectives:
    """The true values of objectives, scrape by scrape.

    Parameters
    ----------
    scrape : int, ms
    """

    def __init__(self, objectives: Mapping[str, Limit], scrape: int) -> None:
        self.objectives = dict(objectives)
        self._scrape = scrape
        # Windows in scrapes.
        self._windows = {name: max(1, limit.window // scrape) for name, limit in objectives.items()}
        self._rows = max(self._windows.values(), default=1)
        # A ring of one row a scrape: answered, attempts, correct, scored; then latencies by bin.
        # Running sums over each window: counts are whole, so nothing is rounded.
        self._counts = np.zeros((self._rows, _COUNTS + _BINS))
        self._sums = {window: np.zeros(_COUNTS + _BINS) for window in self._windows.values()}
        self._current = np.zeros(_COUNTS)
        self._latencies: list[Floats] = []
        self._number = 0
        self._progress: list[int] = []  # of all training runs, ms, scrape by scrape
        # Counts of the monitoring at the start of the window, then scrape by scrape.
        window = self._windows.get("monitoring", 0)
        self._links = deque[dict[str, LinkCount]]([{}], maxlen=window + 1)
        self.times: list[int] = []
        self.values: dict[str, list[float]] = {name: [] for name in objectives}
        self.burnt: dict[str, list[float]] = {name: [] for name in objectives}
        self.breaches = Breaches(objectives)

    def observe(self, sample: Sample) -> None:
        """Add the sample of one tick."""
        lost = sample.shed + sample.timed_out + sample.failed
        answered = sample.served + len(sample.answered)
        self._current += (answered, answered + lost, sample.correct, sample.scored)
        if len(sample.latency_ms):
            self._latencies.append(sample.latency_ms)
        if len(sample.answered):
            self._latencies.append(np.full(len(sample.answered), ANSWER_MS))

    def close_interval(
        self, t: int, world: World, links: LinkCounts
    ) -> list[tuple[str, bool, float]]:
        """Close a scrape interval.

        Returns
        -------
        list of (str, bool, float)
            The objectives that start or cease to hold: name, whether it holds, value.
        """
        row = np.concatenate((self._current, self._latency_counts()))
        for window, total in self._sums.items():
            total -= self._counts[(self._number - window) % self._rows]
            total += row
        self._counts[self._number % self._rows] = row
        self._number += 1
        self._current = np.zeros(_COUNTS)
        self._latencies = []
        self._progress.append(training_runs.total_progress(world.trainings, t))
        if "monitoring" in self.objectives:
            self._links.append(links.copy())
        changes, holding = [], {}
        for name, limit in self.objectives.items():
            value = self._value(name, world)
            holding[name] = holds = limit.holds(value)
            before = self.burnt[name][-1] if self.burnt[name] else 0.0
            self.values[name].append(value)
            self.burnt[name].append(before + (0.0 if holds else self._scrape / 1000.0))
            if holds != self.breaches.spans[name].holds:
                changes.append((name, holds, value))
        self.breaches.observe(t, holding)
        # Last: a signal may end the run anywhere above, and a row counts only with its time.
        self.times.append(t)
        return changes

    def arrays(self) -> dict[str, Floats]:
        """Values and burnt budgets by name, shape (scrapes,)."""
        series = self.values | {f"burnt:{name}": values for name, values in self.burnt.items()}
        return {name: np.array(values[: len(self.times)]) for name, values in series.items()}

    def _goodput(self, window: int, world: World) -> float:
        """Training progress in the window, without lost work, over the elapsed time."""
        runs, before = world.trainings.runs, self._number - 1 - window
        if not runs:
            return float("nan")
        initial = sum(run.initial_work for run in runs)
        since = self._progress[before] if before >= 0 else initial
        elapsed = min(window, self._number) * self._scrape * len(runs)
        return (self._progress[-1] - since) / elapsed

    def _latency_counts(self) -> Floats:
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
            return self._goodput(self._windows[name], world)
        if name == "monitoring":
            return worst_link(self._links[-1], self._links[0])
        counts = self._sums[self._windows[name]]
        if name in ("availability", "accuracy"):
            good, total = (0, 1) if name == "availability" else (2, 3)
            return float(counts[good] / counts[total]) if counts[total] else float("nan")
        return _quantile(counts[_COUNTS:], name)


def _quantile(counts: Floats, name: str) -> float:
    match = QUANTILE.fullmatch(name)
    cumulative = counts.cumsum()
    if match is None or not cumulative[-1]:
        return float("nan")
    bin = int(cumulative.searchsorted(float(match[1]) / 100.0 * cumulative[-1]))
    # The bin's middle, in seconds: 2 % off at most.
    return float(_LOWEST_MS * _STEP ** (bin + 0.5) / 1000.0)
