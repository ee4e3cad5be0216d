"""One rule at work: what it remembers and the series it writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from simulator.alerting import templates
from simulator.alerting.alerts import AlertChange, AlertStates, Describe
from simulator.alerting.rulefile import RuleGroup, RuleSpec
from simulator.promql import Plan, PromQLError, Result
from simulator.promql.plan_nodes import NAME, without_name
from simulator.telemetry.store import STALE, Floats, Ints, Labels, SeriesTable, labels_of

T = TypeVar("T")
VALUE = re.compile(r"[vV]alue|\.\s*[}|)]")  # what a label's template says if it depends on it
DESCRIPTIONS = 10_000  # kept for each rule
NONE = np.zeros(0)


class Writer:
    """Writes one rule's series: a value for those there, a stale marker for those gone.

    A series lies in the table of the group that wrote it first; `owners` remembers which. Where
    rules of several groups write the same one (two alerts of one name), the first at a moment
    is kept, as with Prometheus' duplicate samples.
    """

    def __init__(self, table: SeriesTable, owners: dict[Labels, SeriesTable]) -> None:
        self.table, self.owners = table, owners
        self.before: tuple[Labels, ...] = ()
        self.given: Sequence[Labels] | None = None  # the very object that is in `before`
        self.places: list[tuple[SeriesTable, slice | Ints, Ints | None]] = []

    def write(self, t: int, series: Sequence[Labels], values: Floats) -> None:
        """The rule's samples at t."""
        if series is not self.given:
            self._change(t, tuple(series))
            self.given = series
        for table, columns, which in self.places:
            table.put_missing(t, columns, values if which is None else values[which])

    def _change(self, t: int, now: tuple[Labels, ...]) -> None:
        """Series that are written no more get their stale markers; the new ones get places."""
        if now != self.before:
            kept = frozenset(now)
            gone = [labels for labels in self.before if labels not in kept]
            for table, columns, _ in self._placed(gone):
                table.put_missing(t, columns, STALE)
            self.places = self._placed(now)
            self.before = now

    def _placed(
        self, series: Sequence[Labels]
    ) -> list[tuple[SeriesTable, slice | Ints, Ints | None]]:
        """Tables with their columns, and which of the series those are (None: all)."""
        rows: dict[str, list[int]] = {}
        for row, labels in enumerate(series):
            owner = self.owners.setdefault(labels, self.table)
            rows.setdefault(owner.name, []).append(row)
        if rows.keys() <= {self.table.name}:
            return [(self.table, _columns(self.table, series), None)] if series else []
        found: list[tuple[SeriesTable, slice | Ints, Ints | None]] = []
        for which in rows.values():
            mine = [series[row] for row in which]
            table = self.owners[mine[0]]
            found.append((table, _columns(table, mine), np.array(which, dtype=np.int64)))
        return found


def _columns(table: SeriesTable, series: Sequence[Labels]) -> slice | Ints:
    """Where a table keeps series: a slice if they lie side by side, as those of a rule do."""
    where = table.ensure_columns(series)
    if (np.diff(where) == 1).all():
        return slice(int(where[0]), int(where[-1]) + 1)
    return where


class RecordingRule:
    """A rule that records its expression under another name."""

    def __init__(self, rule: RuleSpec, group: RuleGroup, plan: Plan, writer: Writer) -> None:
        self.rule, self.group, self.plan, self.writer = rule, group, plan, writer
        self.set = {**dict(group.labels), **dict(rule.labels), NAME: rule.record}
        self.renamed: dict[Labels, Labels] = {}
        self.before: list[Labels] | None = None  # found last, and what was written for it
        self.series: list[Labels] = []

    def evaluate(self, t: int, now: int) -> list[AlertChange]:
        """Write the rule's series at t."""
        result = _as_vector(self.plan.at_inside_errstate(t))
        if result.labels != self.before:
            series = [self._named(labels) for labels in result.labels]
            if len(set(series)) < len(series):
                raise PromQLError(
                    "vector contains metrics with the same labelset after applying rule labels"
                )
            _check_limit(len(series), self.group.limit, "series")
            self.series, self.before = series, result.labels
        self.writer.write(t, self.series, result.values)
        return []

    def _named(self, labels: Labels) -> Labels:
        named = self.renamed.get(labels)
        if named is None:
            named = self.renamed[labels] = labels_of({**dict(labels), **self.set})
        return named


class AlertingRule:
    """A rule whose samples are alerts."""

    def __init__(
        self,
        rule: RuleSpec,
        group: RuleGroup,
        plan: Plan,
        writer: Writer,
        external: Labels,
        functions: Mapping[str, Callable[..., Any]],
    ) -> None:
        self.rule, self.group, self.plan, self.writer = rule, group, plan, writer
        self.states = AlertStates(rule.alert, rule.hold, rule.keep_firing_for)
        self.external = dict(external)
        self.epoch = plan.dialect.epoch
        self.functions = functions
        texts = {**dict(group.labels), **dict(rule.labels)}
        self.label_templates = [(name, templates.parse(text)) for name, text in texts.items()]
        self.annotation_templates = [
            (name, templates.parse(text)) for name, text in rule.annotations
        ]
        # Most labels follow from those found, and what follows from the value is asked for late.
        self.by_value = any(VALUE.search(text) for text in texts.values())
        self.asks = any(
            "query" in text for text in [*texts.values(), *dict(rule.annotations).values()]
        )
        self.full: dict[tuple[Labels, float], Labels] = {}
        self.told: dict[tuple[Labels, float], Labels] = {}
        self.wrong: list[str] = []  # templates that failed since it was last emptied
        self.named: dict[tuple[Labels, str], list[Labels]] = {}
        self.lines: tuple[list[Labels], Floats] | None = None  # written while nothing changes
        self.before: list[Labels] | None = None  # found by the last step, if labels say it all

    def evaluate(self, t: int, now: int) -> list[AlertChange]:
        """Step the rule's alerts to t and write ALERTS and ALERTS_FOR_STATE."""
        result = _as_vector(self.plan.at_inside_errstate(t))
        values = result.values.tolist()
        if self.lines is not None and self.states.steady(now) and result.labels == self.before:
            self.states.keep(values)
            self.writer.write(t, *self.lines)
            return []
        self.before = None
        found: dict[Labels, tuple[float, Describe]] = {}
        for labels, value in zip(result.labels, values, strict=True):
            full = self._full(labels, value)
            if full in found:
                raise PromQLError(
                    "vector contains metrics with the same labelset after applying alert labels"
                )
            found[full] = (value, self._describe(labels, value))
        if not found and not self.states.active:
            self.writer.write(t, (), NONE)
            return []
        changes = self.states.step(found, now)
        if changes or self.lines is None:
            self.lines = self._lines()
        if not (self.by_value or self.asks):
            self.before = result.labels
        self.writer.write(t, *self.lines)
        return changes

    def _lines(self) -> tuple[list[Labels], Floats]:
        """The series of all its alerts, with their values."""
        current = self.states.current()
        if self.group.limit and len(current) > self.group.limit:
            self.states.active.clear()
            self.lines = None
            _check_limit(len(current), self.group.limit, "alerts")
        series: list[Labels] = []
        values: list[float] = []
        for alert in current:
            series += self._series(alert.labels, alert.state)
            values += [1.0, float((alert.active_at + self.epoch) // 1000)]
        return series, np.array(values)

    def _series(self, labels: Labels, state: str) -> list[Labels]:
        return _known(self.named, (labels, state), _alert_series)

    def _full(self, labels: Labels, value: float) -> Labels:
        """An alert's labels."""
        if self.asks:
            return self._labels(labels, value)
        return _known(self.full, (labels, value if self.by_value else 0.0), self._labels)

    def _describe(self, labels: Labels, value: float) -> Describe:
        """What tells an alert's annotations when somebody asks; a query is of now."""
        if self.asks:
            texts = self._annotations(labels, value)
            return lambda _: texts
        return lambda value: _known(self.told, (labels, value), self._annotations)

    def _labels(self, labels: Labels, value: float) -> Labels:
        full = dict(without_name(labels))
        data = self._data(labels, value)
        for name, template in self.label_templates:
            full[name] = self._expand(f"label {name}", template, data)
        full["alertname"] = self.rule.alert
        return labels_of(full)

    def _annotations(self, labels: Labels, value: float) -> Labels:
        data = self._data(labels, value)
        return tuple(
            (name, self._expand(f"annotation {name}", template, data))
            for name, template in self.annotation_templates
        )

    def _data(self, labels: Labels, value: float) -> dict[str, Any]:
        return {
            "Labels": dict(labels),
            "ExternalLabels": self.external,
            "ExternalURL": "",
            "Value": value,
        }

    def _expand(self, what: str, template: templates.Template, data: Mapping[str, Any]) -> str:
        try:
            return template.expand(data, self.functions)
        except templates.TemplateError as problem:
            self.wrong.append(f"{what}: {problem}")
            return f"<error expanding template: {problem}>"


def _known(known: dict[Any, T], key: tuple[Any, ...], make: Callable[..., T]) -> T:
    """What was made of this key before; made now where it was not, and kept."""
    found = known.get(key)
    if found is None:
        if len(known) >= DESCRIPTIONS:
            known.clear()
        found = known[key] = make(*key)
    return found


def _alert_series(labels: Labels, state: str) -> list[Labels]:
    have = dict(labels)
    return [
        labels_of({**have, NAME: "ALERTS", "alertstate": state}),
        labels_of({**have, NAME: "ALERTS_FOR_STATE"}),
    ]


def _as_vector(result: Result) -> Result:
    if result.kind == "scalar":
        return Result("vector", [()], np.array([result.scalar]))
    if result.kind != "vector":
        raise PromQLError("rule result is not a vector or scalar")
    return result


def _check_limit(count: int, limit: int, what: str) -> None:
    if limit and count > limit:
        raise PromQLError(f"exceeded limit of {limit} with {count} {what}")
