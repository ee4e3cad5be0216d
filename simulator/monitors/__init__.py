"""The team's monitors of data and models, one file each.

A monitor reads the rows of the offline store and computes numbers, which telemetry exports
as series for the team's own rules. It has the team's knowledge only: logged rows, joined
labels, the rows that the champion was trained on. It runs every so often, over a window;
between two runs its numbers stay the same.

Drift detectors keep one of two protocols::

    compare(reference, current) -> DriftResult     # two samples: psi, ks, chi_squared, ...
    detector.update(x); detector.drift_detected    # sequential: cusum, adwin, ...

A new detector is one file with one class: `BatchMonitor` in `_batch.py` and `StreamMonitor`
in `_stream.py` have the columns, the series, the rows and the correction of p-values. Files
with an underscore are shared code; each other file is a monitor of its name.
"""

from __future__ import annotations

import copy
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator

from simulator.monitors._extras import install_hint
from simulator.monitors._view import MonitorView, Reference
from simulator.pipeline.arrays import Floats
from simulator.pipeline.laws import Params
from simulator.pipeline.rows import Column
from simulator.pipeline.world import World
from simulator.registry import Args, Part, Registry, part
from simulator.source import Issue, raise_issues
from simulator.units import Duration

SeriesName = tuple[str, dict[str, str]]  # a metric's name and its labels


class Monitor(Part):
    """Base of all monitors.

    Class attributes
    ----------------
    requires : an optional module and the package's extra that installs it, or empty.
    """

    requires: ClassVar[tuple[str, str]] = ("", "")

    every: Duration = 300_000
    """How often it runs."""
    window: Duration = 1_800_000
    """How far it looks back."""
    name: str = ""
    """The label `monitor` of its series, to distinguish monitors of one kind."""

    @model_validator(mode="after")
    def _positive_durations(self) -> Monitor:
        raise_issues([
            Issue((key,), "given '0s', expected more")
            for key in ("every", "window")
            if getattr(self, key) == 0
        ])  # fmt: skip
        return self

    def issues(self, columns: Sequence[Column]) -> list[Issue]:
        """Why it cannot run on these columns, each reason with the path of its argument."""
        hint = install_hint(*self.requires)
        return [Issue(("monitor",), hint)] if hint else []

    def series(self, columns: Sequence[Column]) -> list[SeriesName]:
        """The series that it exports, in the order of `evaluate`."""
        raise NotImplementedError

    def evaluate(self, view: MonitorView, previous: Floats) -> Floats:
        """Its numbers now, shape (series,), from those of its last run.

        Any other state between runs is in `view.state`.
        """
        raise NotImplementedError


class FeatureMonitor(Monitor):
    """Base of monitors with one number per column."""

    numeric_only: ClassVar[bool] = False  # whether codes of categories have no meaning for it

    features: tuple[str, ...] | str = "all"
    """The columns, or `all`."""

    def column_indices(self, columns: Sequence[Column]) -> list[int]:
        """The indices of its columns."""
        return [
            i
            for i, column in enumerate(columns)
            if (self.features == "all" or column.name in self.features) and self.supports(column)
        ]

    def supports(self, column: Column) -> bool:
        """Whether the detector has a meaning for such a column."""
        return not (self.numeric_only and column.categorical)

    def issues(self, columns: Sequence[Column]) -> list[Issue]:
        unsupported = [column.name for column in columns if not self.supports(column)]
        text = "{!r} is categorical and {} wants numbers; chi_squared, psi, jensen_shannon do not"
        return super().issues(columns) + [
            Issue(("features", k), text.format(name, self.kind))
            for k, name in enumerate(self.features if self.features != "all" else ())
            if name in unsupported
        ]


MONITORS: Registry[Monitor] = Registry("simulator.monitors", Monitor, "monitor")


@dataclass
class MonitorRunner:
    """Runs monitors when they are due; keeps the latest values and the state of each.

    Parameters
    ----------
    start : int, ms
    """

    monitors: Sequence[Monitor]
    columns: Sequence[Column]
    start: int = 0

    def __post_init__(self) -> None:
        self.series = [exported_series(monitor, self.columns) for monitor in self.monitors]
        self.values = [np.full(len(names), np.nan) for names in self.series]
        self.due = [self.start + monitor.every for monitor in self.monitors]
        self.states: list[dict[str, Any]] = [{} for _ in self.monitors]
        self._memo: dict[Hashable, Any] = {}

    def run(self, world: World, params: Params) -> None:
        """Evaluate every monitor that is due."""
        view = None
        for i, monitor in enumerate(self.monitors):
            if world.now >= self.due[i]:
                view = view or MonitorView(world, params, self._memo)
                view.state = self.states[i]
                self.values[i] = np.asarray(monitor.evaluate(view, self.values[i]), np.float64)
                self.due[i] = (world.now // monitor.every + 1) * monitor.every

    def copy(self) -> MonitorRunner:
        """An independent copy."""
        other = MonitorRunner(self.monitors, self.columns, self.start)
        other.values = [values.copy() for values in self.values]
        other.due = list(self.due)
        other.states = copy.deepcopy(self.states)
        return other


def exported_series(monitor: Monitor, columns: Sequence[Column]) -> list[SeriesName]:
    """The series of a monitor, with the label `monitor` if it has a name."""
    own = {"monitor": monitor.name} if monitor.name else {}
    return [(metric, {**labels, **own}) for metric, labels in monitor.series(columns)]


def series_conflicts(monitors: Sequence[Monitor], columns: Sequence[Column]) -> dict[int, str]:
    """Monitors with a series of an earlier monitor, by index, and the remedy.

    Examples
    --------
    >>> psi = MONITORS.get("psi")
    >>> series_conflicts([psi(), psi(window="3h")], [Column("x")])[1]
    "exports 'ml_feature_psi' as another monitor does; give one of them a name"
    >>> series_conflicts([psi(), psi(window="3h", name="slow")], [Column("x")])
    {}
    """
    owner: dict[tuple[Any, ...], int] = {}
    conflicts: dict[int, str] = {}
    for i, monitor in enumerate(monitors):
        for metric, labels in exported_series(monitor, columns):
            if owner.setdefault((metric, *sorted(labels.items())), i) != i:
                text = f"exports {metric!r} as another monitor does; give one of them a name"
                conflicts.setdefault(i, text)
    return conflicts


__all__ = [
    "MONITORS", "Args", "Column", "FeatureMonitor", "Floats", "Monitor", "MonitorRunner",
    "MonitorView", "Reference", "SeriesName", "exported_series", "part", "series_conflicts",
]  # fmt: skip
