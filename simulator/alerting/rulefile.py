"""Prometheus rule files in their own format: groups of recording and alerting rules."""

import re
from dataclasses import dataclass, field

from simulator.alerting import templates
from simulator.alerting.decoder import Decoder, is_null
from simulator.promql import PromQLError, duration
from simulator.promql.dialect import Dialect
from simulator.promql.engine import Plan
from simulator.source import YamlNode
from simulator.telemetry.store import SeriesStore

GROUP_FIELDS = ("name", "interval", "query_offset", "limit", "labels", "rules")
GROUP_FIELDS_2 = ("name", "interval", "limit", "rules")
RULE_FIELDS = ("record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations")
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")


@dataclass(frozen=True)
class RuleSpec:
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
        """The name of the recorded series or of the alert."""
        return self.record or self.alert


@dataclass(frozen=True)
class RuleGroup:
    """Rules that are evaluated together, in order."""

    name: str
    rules: tuple[RuleSpec, ...]
    file: str = ""
    interval: int | None = None  # ms; None: the evaluator's
    query_offset: int = 0
    limit: int = 0
    labels: tuple[tuple[str, str], ...] = field(default=())


def load_rules(text: str, name: str, dialect: int = 3) -> list[RuleGroup]:
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
    SourceError
        With every error, each as 'name:line:column: group g: rule r: …'.

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
    simulator.source.complaint.SourceError: a.yml:1:45: group a: rule X: rat(up): unknown function
    with name 'rat'; did you mean 'rate'?
    """
    decoder = Decoder(name)
    groups = _RulesDecoder(decoder, dialect).groups(decoder.parse(text))
    decoder.complaints.raise_if_any()
    return groups


class _RulesDecoder:
    def __init__(self, decoder: Decoder, dialect: int) -> None:
        self.decoder, self.dialect = decoder, dialect

    def groups(self, root: YamlNode) -> list[RuleGroup]:
        if is_null(root):
            return []
        entries = self.decoder.mapping(root, "", ("groups",))
        groups: list[RuleGroup] = []
        for number, node in enumerate(self.decoder.sequence(entries.get("groups"), "groups")):
            group = self.group(node, f"groups[{number}]")
            if group.name in [other.name for other in groups]:
                self.decoder.complain(
                    node, f"group {group.name}", "the name is repeated in the file"
                )
            groups.append(group)
        return groups

    def group(self, node: YamlNode, path: str) -> RuleGroup:
        fields = GROUP_FIELDS if self.dialect == 3 else GROUP_FIELDS_2
        entries = self.decoder.mapping(node, path, fields)
        name = self.decoder.text(entries.get("name"), path)
        where = f"group {name}" if name else path
        if not name:
            self.decoder.complain(node, path, "a group needs a name")
        rules = self.decoder.sequence(entries.get("rules"), where)
        return RuleGroup(
            name,
            tuple(self.rule(rule, where, number) for number, rule in enumerate(rules)),
            self.decoder.name,
            self.duration(entries.get("interval"), where) if "interval" in entries else None,
            self.duration(entries.get("query_offset"), where),
            self.decoder.integer(entries.get("limit"), where),
            self.labels(entries.get("labels"), where),
        )

    def rule(self, node: YamlNode, group: str, number: int) -> RuleSpec:
        entries = self.decoder.mapping(node, f"{group}: rule {number}", RULE_FIELDS)
        record = self.decoder.text(entries.get("record"), group)
        alert = self.decoder.text(entries.get("alert"), group)
        where = f"{group}: rule {record or alert or number}"
        if bool(record) == bool(alert):
            names = "both record and alert" if record else "neither record nor alert"
            self.decoder.complain(node, where, f"a rule with {names}; it must have one of them")
        rule = RuleSpec(
            self.expression(node, entries.get("expr"), where),
            record,
            alert,
            self.duration(entries.get("for"), where),
            self.duration(entries.get("keep_firing_for"), where),
            self.labels(entries.get("labels"), where, templated=bool(alert)),
            self.annotations(entries.get("annotations"), where),
            node.position.line,
            node.position.column,
        )
        if record:
            self.check_recording(rule, entries, where, node)
        return rule

    def check_recording(
        self, rule: RuleSpec, entries: dict[str, YamlNode], where: str, node: YamlNode
    ) -> None:
        for key in ("for", "keep_firing_for", "annotations"):
            if key in entries:
                self.decoder.complain(entries[key], where, f"{key!r} is for alerting rules only")
        valid = METRIC.match(rule.record) if self.dialect == 2 else rule.record.strip()
        if not valid:
            self.decoder.complain(entries.get("record", node), where, "not a valid metric name")

    def expression(self, rule: YamlNode, node: YamlNode | None, where: str) -> str:
        text = self.decoder.text(node, where)
        if not text.strip():
            self.decoder.complain(node or rule, where, "a rule needs an expr")
            return text
        try:
            Plan(text, SeriesStore(), Dialect(self.dialect))
        except PromQLError as error:
            short = " ".join(text.split())
            short = short if len(short) <= 80 else short[:77] + "…"
            self.decoder.complain(node or rule, where, f"{short}: {error}")
        return text

    def duration(self, node: YamlNode | None, where: str) -> int:
        text = self.decoder.text(node, where)
        if node is None or not text:
            return 0
        try:
            return duration(text)
        except PromQLError as error:
            self.decoder.complain(node, where, str(error))
            return 0

    def labels(
        self, node: YamlNode | None, where: str, templated: bool = False
    ) -> tuple[tuple[str, str], ...]:
        texts = self.decoder.texts(node, where)
        for name, text in texts.items():
            valid = LABEL.match(name) if self.dialect == 2 else name.strip()
            if node is not None and (not valid or name == "__name__"):
                self.decoder.complain(node, where, f"not a valid label name: {name!r}")
            if node is not None and templated:
                self.check_template(node.child(name) or node, where, f"label {name}", text)
        return tuple(sorted(texts.items()))

    def annotations(self, node: YamlNode | None, where: str) -> tuple[tuple[str, str], ...]:
        texts = self.decoder.texts(node, where)
        for name, text in texts.items():
            if node is not None and not (LABEL.match(name) if self.dialect == 2 else name):
                self.decoder.complain(node, where, f"not a valid annotation name: {name!r}")
            if node is not None:
                self.check_template(node.child(name) or node, where, f"annotation {name}", text)
        return tuple(sorted(texts.items()))

    def check_template(self, node: YamlNode, where: str, field_name: str, text: str) -> None:
        try:
            templates.parse(text)
        except templates.TemplateError as error:
            self.decoder.complain(node, where, f"{field_name}: {error}")
