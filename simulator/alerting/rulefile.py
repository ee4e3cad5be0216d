"""Prometheus rule files, as they are: groups of recording and alerting rules."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from simulator.alerting import templates
from simulator.alerting.yamlfile import Problems, Value, read
from simulator.promql import PromQLError, duration
from simulator.promql.engine import Plan
from simulator.promql.planner import Dialect
from simulator.telemetry.store import SeriesStore

GROUP = ("name", "interval", "query_offset", "limit", "labels", "rules")
GROUP_2 = ("name", "interval", "limit", "rules")
RULE = ("record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations")
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")


class RulesError(ValueError):
    """Rule files that cannot be used; `problems` holds a line for each thing wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Rule:
    """One rule: `record` or `alert` names it, the other is empty."""

    expr: str
    record: str = ""
    alert: str = ""
    hold: int = 0  # `for`, ms
    keep_firing_for: int = 0  # ms
    labels: tuple[tuple[str, str], ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()
    line: int = 0
    column: int = 0

    @property
    def name(self) -> str:
        """What the rule records or how its alert is called."""
        return self.record or self.alert


@dataclass(frozen=True)
class Group:
    """Rules that are evaluated together, in order."""

    name: str
    rules: tuple[Rule, ...]
    file: str = ""
    interval: int | None = None  # ms; the evaluator's where none is given
    query_offset: int = 0
    limit: int = 0
    labels: tuple[tuple[str, str], ...] = field(default=())


def load_rules(text: str, name: str, dialect: int = 3) -> list[Group]:
    """The groups of a rule file.

    Parameters
    ----------
    text : str
        The file's content, YAML.
    name : str
        The file's name, for complaints.
    dialect : int
        2 or 3, the major version of Prometheus that the file is written for.

    Raises
    ------
    RulesError
        With everything that is wrong, each as 'name:line:column: group g: rule r: …'.

    Examples
    --------
    >>> groups = load_rules('''
    ... groups:
    ... - name: serving
    ...   rules:
    ...   - alert: Down
    ...     expr: up == 0
    ...     for: 1m
    ... ''', "serving.yml")
    >>> groups[0].rules[0].hold
    60000
    >>> load_rules("groups: [{name: a, rules: [{alert: X, expr: 'rat(up)'}]}]", "a.yml")
    Traceback (most recent call last):
    ...
    simulator.alerting.rulefile.RulesError: a.yml:1:45: group a: rule X: rat(up): unknown function
    with name 'rat'; did you mean 'rate'?
    """
    problems = Problems(name)
    groups = _Loading(problems, dialect).groups(read(text, problems))
    if problems.lines:
        raise RulesError(problems.lines)
    return groups


class _Loading:
    def __init__(self, problems: Problems, dialect: int) -> None:
        self.problems, self.dialect = problems, dialect

    def groups(self, root: Value | None) -> list[Group]:
        if root is None or root.null:
            return []
        entries = self.problems.map(root, "", ("groups",))
        found: list[Group] = []
        for number, value in enumerate(self.problems.list(entries.get("groups"), "groups")):
            group = self.group(value, f"groups[{number}]")
            if group.name in [other.name for other in found]:
                self.problems.add(value, f"group {group.name}", "the name is repeated in the file")
            found.append(group)
        return found

    def group(self, value: Value, path: str) -> Group:
        entries = self.problems.map(value, path, GROUP if self.dialect == 3 else GROUP_2)
        name = self.problems.text(entries.get("name"), path)
        where = f"group {name}" if name else path
        if not name:
            self.problems.add(value, path, "a group needs a name")
        rules = self.problems.list(entries.get("rules"), where)
        return Group(
            name,
            tuple(self.rule(rule, where, number) for number, rule in enumerate(rules)),
            self.problems.name,
            self.duration(entries.get("interval"), where) if "interval" in entries else None,
            self.duration(entries.get("query_offset"), where),
            self.problems.integer(entries.get("limit"), where),
            self.labels(entries.get("labels"), where),
        )

    def rule(self, value: Value, group: str, number: int) -> Rule:
        entries = self.problems.map(value, f"{group}: rule {number}", RULE)
        record = self.problems.text(entries.get("record"), group)
        alert = self.problems.text(entries.get("alert"), group)
        where = f"{group}: rule {record or alert or number}"
        if bool(record) == bool(alert):
            wrong = "both record and alert" if record else "neither record nor alert"
            self.problems.add(value, where, f"a rule with {wrong}; it must have one of them")
        rule = Rule(
            self.expression(value, entries.get("expr"), where),
            record,
            alert,
            self.duration(entries.get("for"), where),
            self.duration(entries.get("keep_firing_for"), where),
            self.labels(entries.get("labels"), where, templated=bool(alert)),
            self.annotations(entries.get("annotations"), where),
            value.line,
            value.column,
        )
        if record:
            self.recording(rule, entries, where, value)
        return rule

    def recording(self, rule: Rule, entries: dict[str, Value], where: str, value: Value) -> None:
        for key in ("for", "keep_firing_for", "annotations"):
            if key in entries:
                self.problems.add(entries[key], where, f"{key!r} is for alerting rules only")
        valid = METRIC.match(rule.record) if self.dialect == 2 else rule.record.strip()
        if not valid:
            self.problems.add(entries.get("record", value), where, "not a valid metric name")

    def expression(self, rule: Value, value: Value | None, where: str) -> str:
        text = self.problems.text(value, where)
        if not text.strip():
            self.problems.add(value or rule, where, "a rule needs an expr")
            return text
        try:
            Plan(text, SeriesStore(), Dialect(self.dialect))
        except PromQLError as problem:
            shown = " ".join(text.split())
            shown = shown if len(shown) <= 80 else shown[:77] + "…"
            self.problems.add(value or rule, where, f"{shown}: {problem}")
        return text

    def duration(self, value: Value | None, where: str) -> int:
        text = self.problems.text(value, where)
        if value is None or not text:
            return 0
        try:
            return duration(text)
        except PromQLError as problem:
            self.problems.add(value, where, str(problem))
            return 0

    def labels(
        self, value: Value | None, where: str, templated: bool = False
    ) -> tuple[tuple[str, str], ...]:
        texts = self.problems.texts(value, where)
        for name, text in texts.items():
            valid = LABEL.match(name) if self.dialect == 2 else name.strip()
            if value is not None and (not valid or name == "__name__"):
                self.problems.add(value, where, f"not a valid label name: {name!r}")
            if value is not None and templated:
                self.template(value.entries[name], where, f"label {name}", text)
        return tuple(sorted(texts.items()))

    def annotations(self, value: Value | None, where: str) -> tuple[tuple[str, str], ...]:
        texts = self.problems.texts(value, where)
        for name, text in texts.items():
            if value is not None and not (LABEL.match(name) if self.dialect == 2 else name):
                self.problems.add(value, where, f"not a valid annotation name: {name!r}")
            if value is not None:
                self.template(value.entries[name], where, f"annotation {name}", text)
        return tuple(sorted(texts.items()))

    def template(self, value: Value, where: str, what: str, text: str) -> None:
        try:
            templates.parse(text)
        except templates.TemplateError as problem:
            self.problems.add(value, where, f"{what}: {problem}")
