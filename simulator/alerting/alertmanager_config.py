"""Alertmanager's configuration file, in its own format."""

import re
from collections.abc import Mapping
from dataclasses import replace

from simulator.alerting.alertmanager_fields import GLOBAL, INHIBIT, NEW_FIELDS, ROOT, ROUTE
from simulator.alerting.decoder import Decoder, is_null
from simulator.alerting.intervals import Interval, TimeIntervals, decode_interval
from simulator.alerting.matchers import (
    Condition,
    Conditions,
    MatcherError,
    parse_matchers,
    validate_condition,
)
from simulator.alerting.receivers import AlertReceiver, check_settings, decode_receiver
from simulator.alerting.routing import AlertmanagerConfig, Inhibition, Route
from simulator.promql import PromQLError, duration
from simulator.source import YamlNode
from simulator.units import did_you_mean

LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")


def load_alertmanager(text: str, name: str, version: str = "0.34") -> AlertmanagerConfig:
    """The configuration in a file.

    Parameters
    ----------
    text : str
        The file's content, YAML.
    name : str
        The file's name, for complaints.
    version : str
        '0.34' or '0.25': the Alertmanager version that the file is written for.

    Raises
    ------
    SourceError
        With every error.

    Examples
    --------
    >>> config = load_alertmanager('''
    ... route: {receiver: mail, group_by: [alertname]}
    ... receivers: [{name: mail, webhook_configs: [{url: "http://localhost/"}]}]
    ... ''', "alertmanager.yml")
    >>> config.route.group_wait, str(config.receivers["mail"].integrations[0])
    (30000, 'webhook[0]')
    """
    decoder = Decoder(name)
    root = decoder.parse(text)
    config = _ConfigDecoder(decoder, version).config(root)
    decoder.complaints.raise_if_any()
    assert config is not None, "without a configuration there are complaints"
    return config


class _ConfigDecoder:
    def __init__(self, decoder: Decoder, version: str) -> None:
        self.decoder, self.version = decoder, version
        self.receivers: dict[str, AlertReceiver] = {}
        self.intervals: dict[str, tuple[Interval, ...]] = {}

    def config(self, root: YamlNode) -> AlertmanagerConfig | None:
        if is_null(root):
            self.decoder.complain(root, "", "the file is empty")
            return None
        entries = self.decoder.mapping(root, "", self._version_fields(ROOT))
        settings = self._global(entries.get("global"))
        if "route" not in entries:
            self.decoder.complain(root, "", "no route provided in config")
            return None
        self.receivers = self._receivers(entries.get("receivers"), settings)
        self.intervals = self._intervals(entries)
        return AlertmanagerConfig(
            self._route(entries["route"], "route", None),
            self.receivers,
            tuple(self._inhibitions(entries.get("inhibit_rules"))),
            TimeIntervals(self.intervals),
            self._duration(settings.get("resolve_timeout"), "global", 300_000),
        )

    def _version_fields(self, fields: str) -> list[str]:
        """The fields that this version of Alertmanager has."""
        new = NEW_FIELDS if self.version == "0.25" else ()
        return [name for name in fields.split() if name not in new]

    def _global(self, node: YamlNode | None) -> dict[str, YamlNode]:
        if node is None:
            return {}
        settings = self.decoder.mapping(node, "global", GLOBAL.split())
        check_settings(node, settings, self.decoder, "global")
        return settings

    def _receivers(
        self, node: YamlNode | None, settings: dict[str, YamlNode]
    ) -> dict[str, AlertReceiver]:
        receivers: dict[str, AlertReceiver] = {}
        for number, item in enumerate(self.decoder.sequence(node, "receivers")):
            where = f"receivers[{number}]"
            receiver = decode_receiver(item, where, settings, self.decoder, self.version)
            if receiver.name in receivers:
                self.decoder.complain(item, where, f"the name {receiver.name!r} is not unique")
            receivers[receiver.name] = receiver
        return receivers

    def _intervals(self, entries: dict[str, YamlNode]) -> dict[str, tuple[Interval, ...]]:
        intervals: dict[str, tuple[Interval, ...]] = {}
        for key in ("mute_time_intervals", "time_intervals"):
            for number, item in enumerate(self.decoder.sequence(entries.get(key), key)):
                where = f"{key}[{number}]"
                fields = self.decoder.mapping(item, where, ("name", "time_intervals"))
                name = self.decoder.text(fields.get("name"), where)
                if not name:
                    self.decoder.complain(item, where, "needs a name")
                elif name in intervals:
                    self.decoder.complain(item, where, f"the name {name!r} is not unique")
                parts = self.decoder.sequence(fields.get("time_intervals"), where)
                intervals[name] = tuple(
                    decode_interval(part, where, self.decoder) for part in parts
                )
        return intervals

    def _route(self, node: YamlNode, where: str, parent: Route | None) -> Route:
        entries = self.decoder.mapping(node, where, self._version_fields(ROUTE))
        matchers = self._matchers(entries, "", where)
        if parent is None:
            self._check_root(node, entries, where, matchers)
        inherited = parent or Route("")
        group_by, group_by_all = self._group_by(entries.get("group_by"), where, inherited)
        route = Route(
            self._receiver(entries.get("receiver"), where) or inherited.receiver,
            matchers,
            group_by,
            group_by_all,
            self._duration(entries.get("group_wait"), where, inherited.group_wait),
            self._positive(entries.get("group_interval"), where, inherited.group_interval),
            self._positive(entries.get("repeat_interval"), where, inherited.repeat_interval),
            self._interval_names(entries.get("mute_time_intervals"), where),
            self._interval_names(entries.get("active_time_intervals"), where),
            self.decoder.boolean(entries.get("continue"), where, False),
            key=("" if parent is None else parent.key + "/") + _format_matchers(matchers),
            path=where,
        )
        children = self.decoder.sequence(entries.get("routes"), f"{where}.routes")
        routes = [
            self._route(child, f"{where}.routes[{number}]", route)
            for number, child in enumerate(children)
        ]
        return replace(route, routes=tuple(routes))

    def _check_root(
        self, node: YamlNode, entries: dict[str, YamlNode], where: str, matchers: Conditions
    ) -> None:
        if not self.decoder.text(entries.get("receiver"), where):
            self.decoder.complain(node, where, "root route must specify a default receiver")
        if matchers:
            self.decoder.complain(node, where, "root route must not have any matchers")
        for key in ("mute_time_intervals", "active_time_intervals"):
            if key in entries:
                self.decoder.complain(entries[key], where, f"root route must not have any {key}")
        if self.decoder.boolean(entries.get("continue"), where, False):
            self.decoder.complain(node, where, "cannot have continue in root route")

    def _receiver(self, node: YamlNode | None, where: str) -> str:
        name = self.decoder.text(node, where)
        if node is not None and name:
            self._check_defined(node, where, "receiver", name, self.receivers)
        return name

    def _interval_names(self, node: YamlNode | None, where: str) -> tuple[str, ...]:
        names = []
        for item in self.decoder.sequence(node, where):
            name = self.decoder.text(item, where)
            self._check_defined(item, where, "time interval", name, self.intervals)
            names.append(name)
        return tuple(names)

    def _check_defined(
        self, node: YamlNode, where: str, noun: str, name: str, defined: Mapping[str, object]
    ) -> None:
        if name not in defined:
            text = f"undefined {noun} {name!r}{did_you_mean(name, defined)}"
            self.decoder.complain(node, where, text)

    def _group_by(
        self, node: YamlNode | None, where: str, inherited: Route
    ) -> tuple[tuple[str, ...], bool]:
        if node is None:
            return inherited.group_by, inherited.group_by_all
        names = [self.decoder.text(item, where) for item in self.decoder.sequence(node, where)]
        for name in names:
            if name != "..." and not (LABEL.match(name) if self.version == "0.25" else name):
                self.decoder.complain(node, where, f"invalid label name {name!r} in group_by list")
        if len(set(names)) < len(names):
            self.decoder.complain(node, where, "duplicated label in group_by")
        if "..." in names and len(names) > 1:
            text = "cannot have wildcard group_by (`...`) and other labels at the same time"
            self.decoder.complain(node, where, text)
        if not names:
            return inherited.group_by, inherited.group_by_all
        return tuple(name for name in names if name != "..."), "..." in names

    def _matchers(self, entries: dict[str, YamlNode], side: str, where: str) -> Conditions:
        conditions: list[Condition] = []
        for key, op in ((f"{side}match", "="), (f"{side}match_re", "=~")):
            node = entries.get(key)
            fields = {} if node is None else self.decoder.mapping(node, where)
            if node is None or not isinstance(node.value, dict):
                continue
            for name, item in node.value.items():
                if name in fields:
                    condition = Condition(name, op, self.decoder.text(item, where))
                    conditions += self._validated(condition, item, where)
                elif op == "=~":
                    self.decoder.complain(item, where, f"{key}: {name} is null")
        for item in self.decoder.sequence(entries.get(f"{side}matchers"), where):
            try:
                conditions += parse_matchers(self.decoder.text(item, where))
            except MatcherError as error:
                self.decoder.complain(item, where, str(error))
        return tuple(sorted(conditions, key=lambda c: (c.name, c.value, c.op)))

    def _validated(self, condition: Condition, node: YamlNode, where: str) -> list[Condition]:
        """The condition if its regular expression is valid."""
        if self.version == "0.25" and not LABEL.match(condition.name):
            self.decoder.complain(node, where, f"invalid label name {condition.name!r}")
        try:
            return [validate_condition(condition)]
        except MatcherError as error:
            self.decoder.complain(node, where, str(error))
            return []

    def _inhibitions(self, node: YamlNode | None) -> list[Inhibition]:
        inhibitions = []
        for number, item in enumerate(self.decoder.sequence(node, "inhibit_rules")):
            where = f"inhibit_rules[{number}]"
            entries = self.decoder.mapping(item, where, self._version_fields(INHIBIT))
            labels = self.decoder.sequence(entries.get("equal"), where)
            for label in labels:
                if self.version == "0.25" and not LABEL.match(label.text):
                    self.decoder.complain(label, where, f"{label.text!r} is not a valid label name")
            inhibitions.append(
                Inhibition(
                    self._matchers(entries, "source_", where),
                    self._matchers(entries, "target_", where),
                    tuple(self.decoder.text(label, where) for label in labels),
                )
            )
        return inhibitions

    def _duration(self, node: YamlNode | None, where: str, default: int) -> int:
        if node is None:
            return default
        try:
            return duration(self.decoder.text(node, where))
        except PromQLError as error:
            self.decoder.complain(node, where, str(error))
            return default

    def _positive(self, node: YamlNode | None, where: str, default: int) -> int:
        ms = self._duration(node, where, default)
        if node is not None and ms == 0:
            self.decoder.complain(node, where, "the interval cannot be zero")
        return ms


def _format_matchers(matchers: Conditions) -> str:
    return "{" + ",".join(map(str, matchers)) + "}"
