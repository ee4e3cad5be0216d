"""Alertmanager's configuration file, as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from simulator.alerting.amfields import GLOBAL, INHIBIT, NEW_FIELDS, ROOT, ROUTE
from simulator.alerting.intervals import Interval, TimeIntervals, interval
from simulator.alerting.matchers import (
    Condition,
    Conditions,
    MatcherError,
    checked,
    parse_matchers,
)
from simulator.alerting.receivers import Receiver, check_settings, receiver
from simulator.alerting.routing import AlertmanagerConfig, Inhibition, Route
from simulator.alerting.yamlfile import Problems, Value, read
from simulator.promql import PromQLError, duration
from simulator.units import did_you_mean

LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")


class AlertmanagerError(ValueError):
    """A configuration that cannot be used; `problems` holds a line for each thing wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load_alertmanager(text: str, name: str, version: str = "0.34") -> AlertmanagerConfig:
    """The configuration in a file.

    Parameters
    ----------
    text : str
        The file's content, YAML.
    name : str
        The file's name, for complaints.
    version : str
        '0.34' or '0.25': which Alertmanager it is written for.

    Raises
    ------
    AlertmanagerError
        With everything that is wrong, each as 'name:line:column: where: …'.

    Examples
    --------
    >>> config = load_alertmanager('''
    ... route: {receiver: mail, group_by: [alertname]}
    ... receivers: [{name: mail, webhook_configs: [{url: "http://localhost/"}]}]
    ... ''', "alertmanager.yml")
    >>> config.route.group_wait, str(config.receivers["mail"].integrations[0])
    (30000, 'webhook[0]')
    """
    problems = Problems(name)
    root = read(text, problems)
    config = _Loading(problems, version).config(root) if root is not None else None
    if config is None or problems.lines:
        raise AlertmanagerError(problems.lines or [f"{name}:1:1: the file is empty"])
    return config


class _Loading:
    def __init__(self, problems: Problems, version: str) -> None:
        self.problems, self.version = problems, version
        self.receivers: dict[str, Receiver] = {}
        self.intervals: dict[str, tuple[Interval, ...]] = {}

    def config(self, root: Value) -> AlertmanagerConfig | None:
        entries = self.problems.map(root, "", self._known(ROOT))
        settings = self._global(entries.get("global"))
        if "route" not in entries:
            self.problems.add(root, "", "no route provided in config")
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

    def _known(self, fields: tuple[str, ...]) -> tuple[str, ...]:
        new = NEW_FIELDS if self.version == "0.25" else ()
        return tuple(name for name in fields if name not in new)

    def _global(self, value: Value | None) -> dict[str, Value]:
        if value is None:
            return {}
        settings = self.problems.map(value, "global", tuple(GLOBAL.split()))
        check_settings(value, settings, self.problems, "global")
        return settings

    def _receivers(self, value: Value | None, settings: dict[str, Value]) -> dict[str, Receiver]:
        found: dict[str, Receiver] = {}
        for number, item in enumerate(self.problems.list(value, "receivers")):
            where = f"receivers[{number}]"
            one = receiver(item, where, settings, self.problems, self.version)
            if one.name in found:
                self.problems.add(item, where, f"the name {one.name!r} is not unique")
            found[one.name] = one
        return found

    def _intervals(self, entries: dict[str, Value]) -> dict[str, tuple[Interval, ...]]:
        found: dict[str, tuple[Interval, ...]] = {}
        for key in ("mute_time_intervals", "time_intervals"):
            for number, item in enumerate(self.problems.list(entries.get(key), key)):
                where = f"{key}[{number}]"
                fields = self.problems.map(item, where, ("name", "time_intervals"))
                name = self.problems.text(fields.get("name"), where)
                if not name or name in found:
                    wrong = f"the name {name!r} is not unique" if name else "needs a name"
                    self.problems.add(item, where, wrong)
                parts = self.problems.list(fields.get("time_intervals"), where)
                found[name] = tuple(interval(part, where, self.problems) for part in parts)
        return found

    def _route(self, value: Value, where: str, parent: Route | None) -> Route:
        entries = self.problems.map(value, where, self._known(ROUTE))
        matchers = self._matchers(entries, "", where)
        if parent is None:
            self._check_root(value, entries, where, matchers)
        above = parent or Route("")
        group_by, everything = self._group_by(entries.get("group_by"), where, above)
        here = Route(
            self._receiver(entries.get("receiver"), where) or above.receiver,
            matchers,
            group_by,
            everything,
            self._duration(entries.get("group_wait"), where, above.group_wait),
            self._positive(entries.get("group_interval"), where, above.group_interval),
            self._positive(entries.get("repeat_interval"), where, above.repeat_interval),
            self._named(entries.get("mute_time_intervals"), where),
            self._named(entries.get("active_time_intervals"), where),
            self.problems.boolean(entries.get("continue"), where, False),
            key=("" if parent is None else parent.key + "/") + _shown(matchers),
            path=where,
        )
        children = self.problems.list(entries.get("routes"), f"{where}.routes")
        below = [
            self._route(child, f"{where}.routes[{number}]", here)
            for number, child in enumerate(children)
        ]
        return replace(here, routes=tuple(below))

    def _check_root(
        self, value: Value, entries: dict[str, Value], where: str, matchers: Conditions
    ) -> None:
        if not self.problems.text(entries.get("receiver"), where):
            self.problems.add(value, where, "root route must specify a default receiver")
        if matchers:
            self.problems.add(value, where, "root route must not have any matchers")
        for key in ("mute_time_intervals", "active_time_intervals"):
            if key in entries:
                self.problems.add(entries[key], where, f"root route must not have any {key}")
        if self.problems.boolean(entries.get("continue"), where, False):
            self.problems.add(value, where, "cannot have continue in root route")

    def _receiver(self, value: Value | None, where: str) -> str:
        name = self.problems.text(value, where)
        if value is not None and name and name not in self.receivers:
            self.problems.add(value, where, self._unknown("receiver", name, self.receivers))
        return name

    def _named(self, value: Value | None, where: str) -> tuple[str, ...]:
        names = []
        for item in self.problems.list(value, where):
            name = self.problems.text(item, where)
            if name not in self.intervals:
                self.problems.add(item, where, self._unknown("time interval", name, self.intervals))
            names.append(name)
        return tuple(names)

    @staticmethod
    def _unknown(what: str, name: str, known: Mapping[str, object]) -> str:
        return f"undefined {what} {name!r}{did_you_mean(name, known)}"

    def _group_by(
        self, value: Value | None, where: str, above: Route
    ) -> tuple[tuple[str, ...], bool]:
        if value is None:
            return above.group_by, above.group_by_all
        names = [self.problems.text(i, where) for i in self.problems.list(value, where)]
        for name in names:
            if name != "..." and not (LABEL.match(name) if self.version == "0.25" else name):
                self.problems.add(value, where, f"invalid label name {name!r} in group_by list")
        if len(set(names)) < len(names):
            self.problems.add(value, where, "duplicated label in group_by")
        if "..." in names and len(names) > 1:
            text = "cannot have wildcard group_by (`...`) and other labels at the same time"
            self.problems.add(value, where, text)
        if not names:
            return above.group_by, above.group_by_all
        return tuple(name for name in names if name != "..."), "..." in names

    def _matchers(self, entries: dict[str, Value], side: str, where: str) -> Conditions:
        found: list[Condition] = []
        for key, op in ((f"{side}match", "="), (f"{side}match_re", "=~")):
            value = entries.get(key)
            if value is None:
                continue
            fields = self.problems.map(value, where, ())
            for name, item in value.entries.items():
                if name not in fields:
                    if op == "=~":
                        self.problems.add(item, where, f"{key}: {name} is null")
                    continue
                self._add(found, Condition(name, op, self.problems.text(item, where)), item, where)
        for item in self.problems.list(entries.get(f"{side}matchers"), where):
            try:
                found += parse_matchers(self.problems.text(item, where))
            except MatcherError as problem:
                self.problems.add(item, where, str(problem))
        return tuple(sorted(found, key=lambda c: (c.name, c.value, c.op)))

    def _add(self, found: list[Condition], one: Condition, value: Value, where: str) -> None:
        if self.version == "0.25" and not LABEL.match(one.name):
            self.problems.add(value, where, f"invalid label name {one.name!r}")
        try:
            found.append(checked(one))
        except MatcherError as problem:
            self.problems.add(value, where, str(problem))

    def _inhibitions(self, value: Value | None) -> list[Inhibition]:
        found = []
        for number, item in enumerate(self.problems.list(value, "inhibit_rules")):
            where = f"inhibit_rules[{number}]"
            entries = self.problems.map(item, where, self._known(INHIBIT))
            equal = self.problems.list(entries.get("equal"), where)
            for name in equal:
                if self.version == "0.25" and not LABEL.match(name.text):
                    self.problems.add(name, where, f"{name.text!r} is not a valid label name")
            found.append(
                Inhibition(
                    self._matchers(entries, "source_", where),
                    self._matchers(entries, "target_", where),
                    tuple(self.problems.text(name, where) for name in equal),
                )
            )
        return found

    def _duration(self, value: Value | None, where: str, default: int) -> int:
        if value is None:
            return default
        text = self.problems.text(value, where)
        try:
            return duration(text)
        except PromQLError as problem:
            self.problems.add(value, where, str(problem))
            return default

    def _positive(self, value: Value | None, where: str, default: int) -> int:
        found = self._duration(value, where, default)
        if value is not None and found == 0:
            self.problems.add(value, where, "the interval cannot be zero")
        return found


def _shown(matchers: Conditions) -> str:
    return "{" + ",".join(str(matcher) for matcher in matchers) + "}"
