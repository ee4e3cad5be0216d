"""What the team built to look at data and models, one file each.

A monitor gets rows as the offline store keeps them and gives numbers, which telemetry
exposes as series for the team's own rules. It sees what the team sees: logged rows,
labels that were joined, the rows that the champion was trained on. It runs every so
often, over a window, and between two runs its numbers stand still.

Detectors of drift keep one of two protocols::

    batch(reference, current) -> Found      # two samples: psi, ks, chi_squared, ...
    stream.update(x); stream.drift_detected # one value after another: cusum, adwin, ...

A new one is one file with one class: `BatchMonitor` in `_batch.py` and `StreamMonitor` in
`_stream.py` bring the columns, the series, the rows and the correction of p-values. Files
with an underscore are what monitors share; each other file is a monitor of its name.
"""

from __future__ import annotations

import copy
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator

from simulator.monitors._extras import missing
from simulator.monitors._seen import Reference, Seen
from simulator.pipeline.arrays import Floats
from simulator.pipeline.laws import Params
from simulator.pipeline.rows import Column
from simulator.pipeline.world import World
from simulator.registry import Part, Registry
from simulator.source import Wrong, refuse
from simulator.units import Duration

Labelled = tuple[str, dict[str, str]]  # a metric's name and its labels


class Monitor(Part):
    """Base of all monitors.

    Class attributes
    ----------------
    needs : modules that it works with and the package's extra that brings them, or empty.
    """

    needs: ClassVar[tuple[str, str]] = ("", "")

    every: Duration = 300_000
    """How often it runs."""
    window: Duration = 1_800_000
    """What it looks back on."""
    name: str = ""
    """Tells it from others of its kind: the label `monitor` of its series."""

    @model_validator(mode="after")
    def _takes_time(self) -> Monitor:
        refuse([
            Wrong((key,), "given '0s', expected more")
            for key in ("every", "window")
            if getattr(self, key) == 0
        ])  # fmt: skip
        return self

    def wrongs(self, columns: Sequence[Column]) -> list[Wrong]:
        """What is wrong with it beside these columns, each with the path of its argument."""
        why = missing(*self.needs)
        return [Wrong(("monitor",), why)] if why else []

    def series(self, columns: Sequence[Column]) -> list[Labelled]:
        """The series that it exports, in the order of `look`."""
        raise NotImplementedError

    def look(self, seen: Seen, before: Floats) -> Floats:
        """Its numbers now, shape (series,), given those it had before.

        What is more than numbers it keeps in `seen.memory`.
        """
        raise NotImplementedError


class FeatureMonitor(Monitor):
    """Base of monitors with a number a column."""

    numeric: ClassVar[bool] = False  # whether codes of categories mean nothing to it

    features: tuple[str, ...] | str = "all"
    """The columns, or `all`."""

    def watched(self, columns: Sequence[Column]) -> list[int]:
        """The numbers of its columns."""
        return [
            i
            for i, column in enumerate(columns)
            if (self.features == "all" or column.name in self.features) and self.suits(column)
        ]

    def suits(self, column: Column) -> bool:
        """Whether it can do anything with such a column."""
        return not (self.numeric and column.categorical)

    def wrongs(self, columns: Sequence[Column]) -> list[Wrong]:
        coded = [column.name for column in columns if not self.suits(column)]
        text = "{!r} is categorical and {} wants numbers; chi_squared, psi, jensen_shannon do not"
        return super().wrongs(columns) + [
            Wrong(("features", k), text.format(name, self.kind))
            for k, name in enumerate(self.features if self.features != "all" else ())
            if name in coded
        ]


MONITORS: Registry[Monitor] = Registry("simulator.monitors", Monitor, "monitor")


@dataclass
class Watch:
    """The monitors at work: what each said last, what it keeps in mind and when it is due.

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
        self.series = [exported(one, self.columns) for one in self.monitors]
        self.values = [np.full(len(names), np.nan) for names in self.series]
        self.due = [self.start + one.every for one in self.monitors]
        self.memories: list[dict[str, Any]] = [{} for _ in self.monitors]
        self._memo: dict[Hashable, Any] = {}

    def run(self, world: World, params: Params) -> None:
        """Let every monitor look that is due."""
        seen = None
        for i, one in enumerate(self.monitors):
            if world.now >= self.due[i]:
                seen = seen or Seen(world, params, self._memo)
                seen.memory = self.memories[i]
                self.values[i] = np.asarray(one.look(seen, self.values[i]), np.float64)
                self.due[i] = (world.now // one.every + 1) * one.every

    def copy(self) -> Watch:
        """An independent copy."""
        other = Watch(self.monitors, self.columns, self.start)
        other.values = [values.copy() for values in self.values]
        other.due = list(self.due)
        other.memories = copy.deepcopy(self.memories)
        return other


def exported(one: Monitor, columns: Sequence[Column]) -> list[Labelled]:
    """The series of a monitor, with its name where it has one."""
    own = {"monitor": one.name} if one.name else {}
    return [(metric, {**labels, **own}) for metric, labels in one.series(columns)]


def clashes(monitors: Sequence[Monitor], columns: Sequence[Column]) -> dict[int, str]:
    """The monitors whose series another one exports already, and what to do about it.

    Examples
    --------
    >>> psi = MONITORS.get("psi")
    >>> clashes([psi(), psi(window="3h")], [Column("x")])[1]
    "exports 'ml_feature_psi' as another monitor does; give one of them a name"
    >>> clashes([psi(), psi(window="3h", name="slow")], [Column("x")])
    {}
    """
    owner: dict[tuple[Any, ...], int] = {}
    found: dict[int, str] = {}
    for i, one in enumerate(monitors):
        for metric, labels in exported(one, columns):
            if owner.setdefault((metric, *sorted(labels.items())), i) != i:
                text = f"exports {metric!r} as another monitor does; give one of them a name"
                found.setdefault(i, text)
    return found


__all__ = [
    "MONITORS",
    "FeatureMonitor",
    "Labelled",
    "Monitor",
    "Reference",
    "Seen",
    "Watch",
    "clashes",
    "exported",
]
