"""Evaluation of rule groups in simulated time: recorded series, and alerts to send.

Groups have their own intervals on a grid from time 0; the rules of a group run in order, and
each reads the series recorded before it, in the same store.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from simulator.alerting import templates
from simulator.alerting.alerts import Alert, AlertChange, with_external_labels
from simulator.alerting.rule_types import AlertingRule, RecordingRule, SeriesWriter
from simulator.alerting.rulefile import RuleGroup, RuleSpec, load_rules
from simulator.promql import Engine, Plan, PromQLError
from simulator.telemetry.store import Labels, SeriesTable, labels_of

__all__ = [
    "Alert", "AlertChange", "RuleEvaluator", "RuleFailure", "RuleGroup", "RuleSpec", "load_rules",
]  # fmt: skip

INTERVAL = 60_000  # Prometheus' default evaluation interval


class RuleFailure(NamedTuple):
    """A failed evaluation of a rule; its series stay unchanged.

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
    engine : Engine
        Over the store that the rules read and write.
    external_labels : mapping
        Added to sent alerts; `$externalLabels` in templates.
    interval : int, ms
        The interval of groups without their own.

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
        self.warnings: list[RuleFailure] = []  # failed templates, of rules that did not fail
        self._template_query = TemplateQuery(engine)
        functions = {"query": self._template_query}
        owners: dict[Labels, SeriesTable] = {}
        plans = iter(engine.compile_rules([rule.expr for group in groups for rule in group.rules]))
        self.groups = [
            GroupEvaluator(
                group, engine, self.external, functions, group.interval or interval, owners, plans
            )
            for group in groups
        ]

    def groups_due(self, t: int) -> int:
        """The number of groups to evaluate at t."""
        return sum([t % group.interval == 0 for group in self.groups])

    def evaluate(self, t: int) -> list[AlertChange]:
        """Evaluate the groups due at t; the changes of state in the order of the rules."""
        self._template_query.now = t
        changes: list[AlertChange] = []
        with np.errstate(all="ignore"):  # an expression may divide by zero
            for group in self.groups:
                if t % group.interval == 0:
                    changes += group.evaluate(t, self.failures, self.warnings)
        return changes

    def outgoing(self, t: int) -> list[Alert]:
        """The alerts that Prometheus sends at t: new, resent and resolved."""
        sent: list[Alert] = []
        for group in self.groups:
            if t % group.interval == 0:
                for rule in group.alerting:
                    sent += rule.states.send_due(t, group.interval)
        return [with_external_labels(alert, self.external) for alert in sent]

    def alerts(self) -> list[AlertChange]:
        """The pending and firing alerts, each with its state."""
        alerts = []
        for group in self.groups:
            for rule in group.alerting:
                alerts += [
                    AlertChange(
                        rule.rule.alert, a.labels, a.state, a.value, a.active_at, a.annotations
                    )
                    for a in rule.states.pending_or_firing()
                ]
        return alerts


class TemplateQuery:
    """The function `query` of templates, at the time of the evaluation.

    Rules have it in place of a method of their evaluator: in that circle, the engine and all series
    would stay after a run until the garbage collector comes by.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine, self.now = engine, 0

    def __call__(self, expr: str) -> list[dict[str, Any]]:
        try:
            result = self._engine.query(expr, self.now)
        except PromQLError as error:
            raise templates.TemplateError(f"query {expr!r}: {error}") from None
        if result.kind == "scalar":
            return [{"Labels": {}, "Value": result.scalar}]
        return [{"Labels": labels, "Value": value} for labels, value in result.rows()]


class GroupEvaluator:
    """One group with its rules' state and the table that they write to."""

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
        for spec in group.rules:
            writer, plan = SeriesWriter(table, owners), next(plans)
            if spec.alert:
                self.rules.append(AlertingRule(spec, group, plan, writer, external, functions))
            else:
                self.rules.append(RecordingRule(spec, group, plan, writer))
        self.alerting = [rule for rule in self.rules if isinstance(rule, AlertingRule)]

    def evaluate(
        self, t: int, failures: list[RuleFailure], warnings: list[RuleFailure]
    ) -> list[AlertChange]:
        """Evaluate every rule in order."""
        changes: list[AlertChange] = []
        for rule in self.rules:
            try:
                changes += rule.evaluate(t - self.group.query_offset, t)
            except PromQLError as error:
                failures.append(self._failure(t, rule, str(error)))
        for rule in self.alerting:
            warnings += [self._failure(t, rule, text) for text in rule.texts.errors]
            rule.texts.errors.clear()
        return changes

    def _failure(self, t: int, rule: AlertingRule | RecordingRule, text: str) -> RuleFailure:
        group, spec = self.group, rule.rule
        return RuleFailure(t, group.name, spec.name, text, group.file, spec.line)
