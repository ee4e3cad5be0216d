"""Validation rules of users and of validation stages."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from simulator.monitors import Args, Column, Floats, MonitorView, part
from simulator.monitors._checks import Check, CheckError
from simulator.monitors._failures import FailureCounter
from simulator.scenario import Rule
from simulator.source import Issue
from simulator.units import did_you_mean


@part
class Validation(FailureCounter):
    """Counts the rows, scored since it last ran, that violate each rule.

    Rules are about values (`min`, `max`, `levels`, `type`), shares (`nulls`, `duplicates`:
    rows beyond the allowed share count), several columns (`check`), age (`freshness`: all
    rows count while it is exceeded) and number (`volume_min`: the missing rows count). A
    validation stage is this monitor.
    """

    rows_series = "ml_validation_rows_total"
    example: ClassVar[Args] = {"rules": ({"rule": "low", "feature": "x1", "max": 1.0},)}

    rules: tuple[Rule, ...] = ()
    """The conditions on rows."""

    def issues(self, columns: Sequence[Column]) -> list[Issue]:
        issues = super().issues(columns)
        names = {rule.rule: i for i, rule in reversed(list(enumerate(self.rules)))}
        for i, rule in enumerate(self.rules):
            issues += [
                Issue(("rules", i, *issue.path), issue.text)
                for issue in _rule_issues(rule, columns)
            ]
            if names[rule.rule] != i:
                text = f"rule {rule.rule!r} is also that of rules[{names[rule.rule]}]"
                issues.append(Issue(("rules", i, "rule"), text))
        return issues

    def rule_names(self, columns: Sequence[Column]) -> list[str]:
        return [rule.rule for rule in self.rules]

    def failures(self, view: MonitorView, rows: Floats, span: int) -> list[float]:
        return [_failures(rule, view, rows, span) for rule in self.rules]


def _rule_issues(rule: Rule, columns: Sequence[Column]) -> list[Issue]:
    """Why a rule cannot hold for these columns."""
    if rule.check is not None:
        try:
            Check(rule.check, columns)
        except CheckError as error:
            return [Issue(("check",), str(error))]
    by_name = {column.name: column for column in columns}
    if rule.feature is None:
        return []
    if rule.feature not in by_name:
        text = f"unknown column {rule.feature!r}{did_you_mean(rule.feature, by_name)}"
        return [Issue(("feature",), text)]
    column = by_name[rule.feature]
    kind = "a category" if column.categorical else "a number"
    if rule.type is not None and column.categorical != (rule.type == "category"):
        return [Issue(("type",), f"given {rule.type!r}, but {column.name!r} is {kind}")]
    if column.categorical:
        return [
            Issue((key,), f"compares numbers, but {column.name!r} is a category; expected levels")
            for key in ("min", "max")
            if getattr(rule, key) is not None
        ]
    return []


def _failures(rule: Rule, view: MonitorView, rows: Floats, span: int) -> float:
    """The number of rows that violate a rule."""
    column = next((i for i, c in enumerate(view.columns) if c.name == rule.feature), None)
    invalid = np.zeros(len(rows), bool)
    excess = 0.0
    if rule.check is not None:
        invalid |= Check(rule.check, view.columns).violations(rows)
    if column is not None:
        invalid |= _invalid_values(rule, view.columns[column], rows[:, column])
        if rule.nulls is not None:
            excess += _excess(int(np.isnan(rows[:, column]).sum()), rule.nulls, len(rows))
    if rule.duplicates is not None:
        excess += _excess(_duplicates(rows, column), rule.duplicates, len(rows))
    if rule.freshness is not None:
        age = view.row_age() if column is None else view.column_age(column)
        # Without rows the data are stale too: one failure, so that the counter moves.
        excess = max(1.0, float(len(rows))) if age > rule.freshness else excess
    expected = span / 1000.0
    if rule.volume_min is not None:
        excess += max(0.0, np.ceil(rule.volume_min * expected - 1e-9) - len(rows))
    if rule.volume_max is not None:
        excess += max(0.0, len(rows) - np.floor(rule.volume_max * expected + 1e-9))
    return float(np.count_nonzero(invalid) + excess)


def _invalid_values(rule: Rule, column: Column, values: Floats) -> np.ndarray:
    """Which rows have a value that the rule forbids; nulls are allowed."""
    invalid = np.zeros(len(values), bool)
    if rule.min is not None:
        invalid |= values < rule.min
    if rule.max is not None:
        invalid |= values > rule.max
    present = ~np.isnan(values)
    if rule.type == "integer":
        invalid |= present & (values != np.round(values))
    if rule.type == "category":
        invalid |= present & ~np.isin(values, np.arange(len(column.levels)))
    if rule.levels is not None:
        # A level may be a number, written as text.
        codes = [
            float(column.levels.index(level)) for level in rule.levels if level in column.levels
        ]
        codes = codes if column.categorical else [_to_number(level) for level in rule.levels]
        invalid |= present & ~np.isin(values, codes)
    return invalid


def _to_number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def _duplicates(rows: Floats, column: int | None) -> int:
    """The number of duplicate rows; as in SQL, nulls of a column are no duplicates."""
    if column is not None:
        present = rows[~np.isnan(rows[:, column]), column]
        return len(present) - len(np.unique(present))
    # NaN differs from itself, but a row delivered twice is a duplicate with its nulls.
    return len(rows) - len(np.unique(np.nan_to_num(rows, nan=np.inf), axis=0))


def _excess(count: int, share: float, rows: int) -> float:
    return max(0.0, float(np.floor(count - share * rows)))
