"""Rules that rows must keep, as users and validation stages state them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.monitors import Labelled, Monitor, Seen
from simulator.monitors._checks import Check, CheckError
from simulator.pipeline.arrays import Floats
from simulator.pipeline.rows import Column
from simulator.registry import did_you_mean, part
from simulator.scenario import Rule
from simulator.source import Wrong
from simulator.units import Duration


@part
class Validation(Monitor):
    """Counts the rows, scored since it last ran, that break each rule.

    Rules are about values (`min`, `max`, `levels`, `type`), shares (`nulls`, `duplicates`:
    what is beyond the share that is allowed counts), several columns (`check`), age
    (`freshness`: all rows count while it is exceeded) and number (`volume_min`: the rows
    that lack). A validation stage is this monitor.
    """

    every: Duration = 60_000
    """How often it counts."""
    window: Duration = 60_000
    """What it looks back on the first time; later it counts every row once."""
    rules: tuple[Rule, ...] = ()
    """What must hold."""

    def wrongs(self, columns: Sequence[Column]) -> list[Wrong]:
        found = super().wrongs(columns)
        names = {rule.rule: i for i, rule in reversed(list(enumerate(self.rules)))}
        for i, rule in enumerate(self.rules):
            found += [Wrong(("rules", i, *one.path), one.text) for one in _wrongs(rule, columns)]
            if names[rule.rule] != i:
                text = f"rule {rule.rule!r} is also that of rules[{names[rule.rule]}]"
                found.append(Wrong(("rules", i, "rule"), text))
        return found

    def series(self, columns: Sequence[Column]) -> list[Labelled]:
        return [("ml_validation_failures_total", {"rule": rule.rule}) for rule in self.rules] + [
            ("ml_validation_rows_total", {})
        ]

    def look(self, seen: Seen, before: Floats) -> Floats:
        span = seen.now - seen.memory.get("through", seen.now - self.window)
        seen.memory["through"] = seen.now
        rows = seen.rows(span)
        broken = [_broken(rule, seen, rows, span) for rule in self.rules]
        counted: Floats = np.nan_to_num(before) + np.array([*broken, float(len(rows))])
        return counted


def _wrongs(rule: Rule, columns: Sequence[Column]) -> list[Wrong]:
    """What is wrong with a rule beside these columns."""
    if rule.check is not None:
        try:
            Check(rule.check, columns)
        except CheckError as error:
            return [Wrong(("check",), str(error))]
    named = {column.name: column for column in columns}
    if rule.feature is None:
        return []
    if rule.feature not in named:
        text = f"unknown column {rule.feature!r}{did_you_mean(rule.feature, named)}"
        return [Wrong(("feature",), text)]
    column = named[rule.feature]
    kind = "a category" if column.categorical else "a number"
    if rule.type is not None and column.categorical != (rule.type == "category"):
        return [Wrong(("type",), f"given {rule.type!r}, but {column.name!r} is {kind}")]
    if column.categorical:
        return [
            Wrong((key,), f"compares numbers, but {column.name!r} is a category; expected levels")
            for key in ("min", "max")
            if getattr(rule, key) is not None
        ]
    return []


def _broken(rule: Rule, seen: Seen, rows: Floats, span: int) -> float:
    """How many rows break a rule."""
    column = next((i for i, c in enumerate(seen.columns) if c.name == rule.feature), None)
    bad = np.zeros(len(rows), bool)
    beyond = 0.0
    if rule.check is not None:
        bad |= Check(rule.check, seen.columns).broken(rows)
    if column is not None:
        bad |= _outside(rule, seen.columns[column], rows[:, column])
        if rule.nulls is not None:
            beyond += _beyond(int(np.isnan(rows[:, column]).sum()), rule.nulls, len(rows))
    if rule.duplicates is not None:
        beyond += _beyond(_repeated(rows, column), rule.duplicates, len(rows))
    if rule.freshness is not None and _age(seen, column) > rule.freshness:
        # No row at all is stale too: one failure, so that the counter moves.
        beyond = max(1.0, float(len(rows)))
    expected = span / 1000.0
    if rule.volume_min is not None:
        beyond += max(0.0, np.ceil(rule.volume_min * expected - 1e-9) - len(rows))
    if rule.volume_max is not None:
        beyond += max(0.0, len(rows) - np.floor(rule.volume_max * expected + 1e-9))
    return float(np.count_nonzero(bad) + beyond)


def _outside(rule: Rule, column: Column, values: Floats) -> np.ndarray:
    """The rows whose value is known and is none that the rule allows."""
    bad = np.zeros(len(values), bool)
    if rule.min is not None:
        bad |= values < rule.min
    if rule.max is not None:
        bad |= values > rule.max
    known = ~np.isnan(values)
    if rule.type == "integer":
        bad |= known & (values != np.round(values))
    if rule.type == "category":
        bad |= known & ~np.isin(values, np.arange(len(column.levels)))
    if rule.levels is not None:
        # A level may be a number: as text both mean the same.
        codes = [float(column.levels.index(one)) for one in rule.levels if one in column.levels]
        codes = codes if column.categorical else [_number(one) for one in rule.levels]
        bad |= known & ~np.isin(values, codes)
    return bad


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def _repeated(rows: Floats, column: int | None) -> int:
    """Rows that repeat another one; as in SQL, nulls of a column repeat nothing."""
    if column is not None:
        known = rows[~np.isnan(rows[:, column]), column]
        return len(known) - len(np.unique(known))
    # A null is unlike itself, but a row delivered twice is the same row.
    return len(rows) - len(np.unique(np.nan_to_num(rows, nan=np.inf), axis=0))


def _beyond(count: int, share: float, rows: int) -> float:
    return max(0.0, float(np.floor(count - share * rows)))


def _age(seen: Seen, column: int | None) -> int:
    if column is not None:
        return seen.age(column)
    return seen.row_age()
