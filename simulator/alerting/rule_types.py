"""Recording and alerting rules at work: their state and the series that they write."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from simulator.alerting.alerts import AlertChange, AlertStates, Annotate
from simulator.alerting.rule_texts import RuleTexts, cached
from simulator.alerting.rulefile import RuleGroup, RuleSpec
from simulator.promql import Plan, PromQLError, Result
from simulator.promql.plan_nodes import NAME
from simulator.telemetry.store import STALE, Floats, Ints, Labels, SeriesTable, labels_of

NONE = np.zeros(0)
Target = tuple[SeriesTable, slice | Ints, Ints | None]  # a table, its columns, the series for them


class SeriesWriter:
    """Writes one rule's series: values of existing series, stale markers of removed ones.

    A series is in the table of the first group that wrote it; `owners` holds that table. If
    rules of several groups write the same series (two alerts of one name), the first write at a
    moment is kept, as with Prometheus' duplicate samples.
    """

    def __init__(self, table: SeriesTable, owners: dict[Labels, SeriesTable]) -> None:
        self.table, self.owners = table, owners
        self.written: tuple[Labels, ...] = ()
        self.last_series: Sequence[Labels] | None = None  # the same object: nothing has changed
        self.targets: list[Target] = []

    def write(self, t: int, series: Sequence[Labels], values: Floats) -> None:
        """Write the rule's samples at t."""
        if series is not self.last_series:
            self._set_series(t, tuple(series))
            self.last_series = series
        for table, columns, rows in self.targets:
            table.put_missing(t, columns, values if rows is None else values[rows])

    def _set_series(self, t: int, series: tuple[Labels, ...]) -> None:
        """Write stale markers for removed series and find the columns of new ones."""
        if series != self.written:
            kept = frozenset(series)
            removed = [labels for labels in self.written if labels not in kept]
            for table, columns, _ in self._targets(removed):
                table.put_missing(t, columns, STALE)
            self.targets = self._targets(series)
            self.written = series

    def _targets(self, series: Sequence[Labels]) -> list[Target]:
        """The tables of the series with their columns and rows (None: all rows)."""
        rows: dict[str, list[int]] = {}
        for row, labels in enumerate(series):
            owner = self.owners.setdefault(labels, self.table)
            rows.setdefault(owner.name, []).append(row)
        if rows.keys() <= {self.table.name}:
            return [(self.table, _columns(self.table, series), None)] if series else []
        targets: list[Target] = []
        for owned_rows in rows.values():
            owned = [series[row] for row in owned_rows]
            table = self.owners[owned[0]]
            targets.append((table, _columns(table, owned), np.array(owned_rows, dtype=np.int64)))
        return targets


def _columns(table: SeriesTable, series: Sequence[Labels]) -> slice | Ints:
    """The columns of series: a slice if they are adjacent, as one rule's usually are."""
    columns = table.ensure_columns(series)
    if (np.diff(columns) == 1).all():
        return slice(int(columns[0]), int(columns[-1]) + 1)
    return columns


class RecordingRule:
    """A rule that records its expression under another name."""

    def __init__(self, rule: RuleSpec, group: RuleGroup, plan: Plan, writer: SeriesWriter) -> None:
        self.rule, self.group, self.plan, self.writer = rule, group, plan, writer
        self.set = {**dict(group.labels), **dict(rule.labels), NAME: rule.record}
        self.renamed: dict[Labels, Labels] = {}
        self.last_labels: list[Labels] | None = None  # of the last result, and their series
        self.series: list[Labels] = []

    def evaluate(self, t: int, now: int) -> list[AlertChange]:
        """Write the rule's series at t."""
        result = _as_vector(self.plan.at_inside_errstate(t))
        if result.labels != self.last_labels:
            series = [self._recorded(labels) for labels in result.labels]
            if len(set(series)) < len(series):
                raise PromQLError(
                    "vector contains metrics with the same labelset after applying rule labels"
                )
            _check_limit(len(series), self.group.limit, "series")
            self.series, self.last_labels = series, result.labels
        self.writer.write(t, self.series, result.values)
        return []

    def _recorded(self, labels: Labels) -> Labels:
        recorded = self.renamed.get(labels)
        if recorded is None:
            recorded = self.renamed[labels] = labels_of({**dict(labels), **self.set})
        return recorded


class AlertingRule:
    """A rule whose samples are alerts."""

    def __init__(
        self,
        rule: RuleSpec,
        group: RuleGroup,
        plan: Plan,
        writer: SeriesWriter,
        external: Labels,
        functions: Mapping[str, Callable[..., Any]],
    ) -> None:
        self.rule, self.group, self.plan, self.writer = rule, group, plan, writer
        self.states = AlertStates(rule.alert, rule.hold, rule.keep_firing_for)
        self.epoch = plan.dialect.epoch
        self.texts = RuleTexts(rule, group, dict(external), functions)
        self.series_cache: dict[tuple[Labels, str], list[Labels]] = {}
        self.samples: tuple[list[Labels], Floats] | None = None  # written while no state changes
        self.last_labels: list[Labels] | None = None  # of the last step, if labels suffice

    def evaluate(self, t: int, now: int) -> list[AlertChange]:
        """Step the rule's alerts to t and write ALERTS and ALERTS_FOR_STATE."""
        result = _as_vector(self.plan.at_inside_errstate(t))
        values = result.values.tolist()
        unchanged = self.states.steady(now) and result.labels == self.last_labels
        if self.samples is not None and unchanged:
            self.states.update_values(values)
            self.writer.write(t, *self.samples)
            return []
        self.last_labels = None
        matching: dict[Labels, tuple[float, Annotate]] = {}
        for labels, value in zip(result.labels, values, strict=True):
            alert_labels = self.texts.alert_labels(labels, value)
            if alert_labels in matching:
                raise PromQLError(
                    "vector contains metrics with the same labelset after applying alert labels"
                )
            matching[alert_labels] = (value, self.texts.annotate(labels, value))
        if not matching and not self.states.active:
            self.writer.write(t, (), NONE)
            return []
        changes = self.states.step(matching, now)
        if changes or self.samples is None:
            self.samples = self._samples()
        if not (self.texts.labels_use_value or self.texts.uses_query):
            self.last_labels = result.labels
        self.writer.write(t, *self.samples)
        return changes

    def _samples(self) -> tuple[list[Labels], Floats]:
        """The series of all alerts, with their values."""
        alerts = self.states.pending_or_firing()
        if self.group.limit and len(alerts) > self.group.limit:
            self.states.active.clear()
            self.samples = None
            _check_limit(len(alerts), self.group.limit, "alerts")
        series: list[Labels] = []
        values: list[float] = []
        for alert in alerts:
            key = (alert.labels, alert.state)
            alert_series = cached(self.series_cache, key, _alert_series)
            series += alert_series
            values += [1.0, float((alert.active_at + self.epoch) // 1000)]
        return series, np.array(values)


def _alert_series(labels: Labels, state: str) -> list[Labels]:
    by_name = dict(labels)
    return [
        labels_of({**by_name, NAME: "ALERTS", "alertstate": state}),
        labels_of({**by_name, NAME: "ALERTS_FOR_STATE"}),
    ]


def _as_vector(result: Result) -> Result:
    if result.kind == "scalar":
        return Result("vector", [()], np.array([result.scalar]))
    if result.kind != "vector":
        raise PromQLError("rule result is not a vector or scalar")
    return result


def _check_limit(count: int, limit: int, noun: str) -> None:
    if limit and count > limit:
        raise PromQLError(f"exceeded limit of {limit} with {count} {noun}")
