"""What the team built to look at data and models, one file each.

A monitor gets rows as the offline store keeps them and gives numbers, which telemetry
exposes as series for the team's own rules. It sees what the team sees: logged rows,
labels that were joined, the rows that the champion was trained on. It runs every so
often, over a window, and between two runs its numbers stand still.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.pipeline import labels
from simulator.pipeline.data import Column
from simulator.pipeline.world import Floats, Ints, Params, World
from simulator.registry import Part, Registry
from simulator.units import Duration

Labelled = tuple[str, dict[str, str]]  # a metric's name and its labels
HOUR_MS = 3_600_000
ENOUGH = 500  # rows that a distribution is compared with at least


class Seen:
    """What a monitor may look at.

    Parameters
    ----------
    world, params : World, Params
    """

    def __init__(self, world: World, params: Params) -> None:
        self._world = world
        self._params = params
        self.now = world.now
        self.columns: tuple[Column, ...] = params.pool.columns

    def logged(self, window: int) -> Ints:
        """Numbers of the rows scored in the last `window` ms, for `rows`, `score`, `label`."""
        return labels.recent(self._world.log, self.now - window, self.now)

    def rows(self, window: int) -> Floats:
        """The rows scored in the last `window` ms, shape (rows, features), nulls NaN."""
        return self._world.log.rows[self.logged(window)]

    def scores(self, window: int) -> Floats:
        """Log odds that were answered in the last `window` ms."""
        return self._world.log.score[self.logged(window)]

    def labelled(self, window: int) -> tuple[Floats, Ints]:
        """Scores and labels of rows whose label was joined in the last `window` ms."""
        log, joined = self._world.log, self._world.labels.joined_through
        known = (log.label_at <= joined) & (log.label_at > joined - window) & (log.at <= joined)
        return log.score[known], log.label[known].astype(np.int64)

    def joined(self, window: int) -> tuple[float, float, float]:
        """Labels, right predictions and positive labels among those joined in `window` ms."""
        return labels.window(self._world.labels, window)

    def reference(self, window: int) -> tuple[Hashable, Floats]:
        """What rows used to look like: those that the champion was trained on.

        Versions from before the drill compare with the same hours of the weeks before;
        measured, a whole day as reference lets the main feature's PSI exceed .25 in 82 %
        of clean half-hours.

        Returns
        -------
        key : hashable
            The same for the same rows: what was computed from them may be kept.
        rows : ndarray, shape (rows, features)
        """
        champion = self._world.releases.model
        trained = self._world.trained.get(champion)
        start = self._params.start_ms_of_day + self.now
        hours = sorted({int(t // HOUR_MS % 24) for t in (start - window, start - 1)})
        if trained is not None:
            hour = (self._params.start_ms_of_day + trained["reference_at"]) // HOUR_MS % 24
            same = np.isin(hour, hours)
            # A version trained on less than a day may not know these hours.
            rows = trained["reference"][same] if same.sum() >= ENOUGH else trained["reference"]
            return ("version", champion, *hours), rows
        pool = self._params.pool
        key = ("hours", *hours)
        if key not in pool.memo:
            pool.memo[key] = pool.rows[np.concatenate([pool.by_hour[hour] for hour in hours])]
        found: Floats = pool.memo[key]
        return key, found

    def remember(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Something computed from reference rows, once for each key."""
        memo = self._params.pool.memo
        if key not in memo:
            memo[key] = make()
        return memo[key]


class Monitor(Part):
    """Base of all monitors."""

    every: Duration = 300_000
    """How often it runs."""
    window: Duration = 1_800_000
    """What it looks back on."""

    def series(self, columns: Sequence[Column]) -> list[Labelled]:
        """The series that it exports, in the order of `look`."""
        raise NotImplementedError

    def look(self, seen: Seen, before: Floats) -> Floats:
        """Its numbers now, shape (series,), given those it had before."""
        raise NotImplementedError


class FeatureMonitor(Monitor):
    """Base of monitors with a number a column."""

    features: tuple[str, ...] | str = "all"
    """The columns, or `all`."""

    def watched(self, columns: Sequence[Column]) -> list[int]:
        """The numbers of its columns."""
        return [
            i
            for i, column in enumerate(columns)
            if self.features == "all" or column.name in self.features
        ]


MONITORS: Registry[Monitor] = Registry("simulator.monitors", Monitor, "monitor")


@dataclass
class Watch:
    """The monitors at work: what each said last and when it is due.

    Parameters
    ----------
    monitors : sequence of Monitor
    columns : sequence of Column
    start : int, ms
    """

    monitors: Sequence[Monitor]
    columns: Sequence[Column]
    start: int = 0

    def __post_init__(self) -> None:
        self.series = [one.series(self.columns) for one in self.monitors]
        self.values = [np.full(len(names), np.nan) for names in self.series]
        self.due = [self.start + one.every for one in self.monitors]

    def run(self, world: World, params: Params) -> None:
        """Let every monitor look that is due."""
        seen = None
        for i, one in enumerate(self.monitors):
            if world.now >= self.due[i]:
                seen = seen or Seen(world, params)
                self.values[i] = np.asarray(one.look(seen, self.values[i]), np.float64)
                self.due[i] = (world.now // one.every + 1) * one.every

    def copy(self) -> Watch:
        """An independent copy."""
        other = Watch(self.monitors, self.columns, self.start)
        other.values = [values.copy() for values in self.values]
        other.due = list(self.due)
        return other
