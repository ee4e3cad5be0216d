"""Rules evaluated in simulated time: recorded series, alerts and what they send.

Groups have their own intervals on a grid from time 0; the rules of a group run in order and
each sees what those before it recorded. What is recorded goes to the same store that is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from simulator.alerting import templates
from simulator.alerting.alerts import Alert, AlertChange, with_external
from simulator.alerting.rulefile import RuleGroup, RuleSpec, load_rules
from simulator.alerting.running import AlertingRule, RecordingRule, Writer
from simulator.promql import Engine, Plan, PromQLError
from simulator.telemetry.store import Labels, SeriesTable, labels_of

__all__ = [
    "Alert",
    "AlertChange",
    "RuleEvaluator",
    "RuleFailure",
    "RuleGroup",
    "RuleSpec",
    "load_rules",
]

INTERVAL = 60_000  # Prometheus' default evaluation interval


class RuleFailure(NamedTuple):
    """A rule whose evaluation failed; its series stay as they were.

    Examples
    --------
    >>> str(RuleFailure(60_000, "serving", "Down", "multiple matches", "a.yml", 7))
    'a.yml:7: group serving: rule Down: at 60 s: multiple matches'
    """

    t: int
    group: str
    rule: str
    text: str
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: group {self.group}: rule {self.rule}"
        return f"{where}: at {self.t / 1000:g} s: {self.text}"


class RuleEvaluator:
    """Evaluates groups of rules.

    Parameters
    ----------
    groups : sequence of RuleGroup
    engine : Engine
        Over the store that the rules read and write.
    external_labels : mapping
        Added to alerts on their way out; `$externalLabels` in templates.
    interval : int, ms
        For groups that name none.

    Examples
    --------
    >>> import numpy as np
    >>> from simulator.telemetry.store import SeriesStore
    >>> store = SeriesStore()
    >>> store.table("api", [labels_of(__name__="up", job="api")]).append(0, np.array([0.0]))
    >>> text = "groups: [{name: g, rules: [{alert: Down, expr: up == 0}]}]"
    >>> rules = RuleEvaluator(load_rules(text, "a.yml"), Engine(store))
    >>> [(change.alert, change.state) for change in rules.evaluate(60_000)]
    [('Down', 'firing')]
    >>> [(alert.name, alert.ends_at) for alert in rules.outgoing(60_000)]
    [('Down', 300000)]
    """

    def __init__(
        self,
        groups: Sequence[RuleGroup],
        engine: Engine,
        external_labels: Mapping[str, str] | None = None,
        interval: int = INTERVAL,
    ) -> None:
        self.engine = engine
        self.external = labels_of(external_labels or {})
        self.failures: list[RuleFailure] = []
        self.warnings: list[RuleFailure] = []  # templates that failed; their rules did not
        functions = {"query": self._query}
        owners: dict[Labels, SeriesTable] = {}
        plans = iter(engine.compile_rules([rule.expr for group in groups for rule in group.rules]))
        self.running = [
            RunningGroup(
                group, engine, self.external, functions, group.interval or interval, owners, plans
            )
            for group in groups
        ]
        self.now = 0

    def groups_due(self, t: int) -> int:
        """How many groups are to be evaluated at t."""
        return sum([t % group.interval == 0 for group in self.running])

    def evaluate(self, t: int) -> list[AlertChange]:
        """Evaluate the groups due at t; what changed, in the order of the rules."""
        self.now = t
        changes: list[AlertChange] = []
        with np.errstate(all="ignore"):  # an expression may divide by zero
            for group in self.running:
                if t % group.interval == 0:
                    changes += group.evaluate(t, self.failures, self.warnings)
        return changes

    def outgoing(self, t: int) -> list[Alert]:
        """What Prometheus sends to Alertmanager at t: new, resent and resolved alerts."""
        sent: list[Alert] = []
        for group in self.running:
            if t % group.interval == 0:
                for rule in group.alerting:
                    sent += rule.states.to_send(t, group.interval)
        return [with_external(alert, self.external) for alert in sent]

    def alerts(self) -> list[AlertChange]:
        """Every alert that is pending or firing now, with its state."""
        found = []
        for group in self.running:
            for rule in group.alerting:
                for a in rule.states.current():
                    change = AlertChange(
                        rule.rule.alert, a.labels, a.state, a.value, a.active_at, a.annotations
                    )
                    found.append(change)
        return found

    def _query(self, expr: str) -> list[dict[str, Any]]:
        try:
            result = self.engine.query(expr, self.now)
        except PromQLError as problem:
            raise templates.TemplateError(f"query {expr!r}: {problem}") from None
        if result.kind == "scalar":
            return [{"Labels": {}, "Value": result.scalar}]
        return [{"Labels": labels, "Value": value} for labels, value in result.rows()]


class RunningGroup:
    """One group with what its rules remember, and the table they write to."""

    def __init__(
        self,
        group: RuleGroup,
        engine: Engine,
        external: Labels,
        functions: Mapping[str, Callable[..., Any]],
        interval: int,
        owners: dict[Labels, SeriesTable],
        plans: Iterator[Plan],
    ) -> None:
        self.group, self.interval = group, interval
        table = engine.store.table(f"rules/{group.file}/{group.name}")
        self.rules: list[AlertingRule | RecordingRule] = []
        for rule in group.rules:
            writer = Writer(table, owners)
            plan = next(plans)
            if rule.alert:
                self.rules.append(AlertingRule(rule, group, plan, writer, external, functions))
            else:
                self.rules.append(RecordingRule(rule, group, plan, writer))
        self.alerting = [rule for rule in self.rules if isinstance(rule, AlertingRule)]

    def evaluate(
        self, t: int, failures: list[RuleFailure], warnings: list[RuleFailure]
    ) -> list[AlertChange]:
        """Every rule in order."""
        changes: list[AlertChange] = []
        for rule in self.rules:
            try:
                changes += rule.evaluate(t - self.group.query_offset, t)
            except PromQLError as problem:
                failures.append(self._wrong(t, rule, str(problem)))
        for rule in self.alerting:
            warnings += [self._wrong(t, rule, text) for text in rule.wrong]
            rule.wrong.clear()
        return changes

    def _wrong(self, t: int, rule: AlertingRule | RecordingRule, text: str) -> RuleFailure:
        group, one = self.group, rule.rule
        return RuleFailure(t, group.name, one.name, text, group.file, one.line)
