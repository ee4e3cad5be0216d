"""The file formats by their first key: the model of each, and the checks beyond it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from simulator.scenario import OnCall, Pipeline, Playbook, Rubric, Scenario, part_at
from simulator.source import (
    Complaint,
    Complaints,
    Document,
    Key,
    display_path,
    read_file,
)

if TYPE_CHECKING:
    from simulator.alerting.rulefile import RuleGroup

FORMATS: dict[str, tuple[str, type[BaseModel]]] = {
    "drill": ("scenario", Scenario),
    "pipeline": ("pipeline", Pipeline),
    "playbook": ("playbook", Playbook),
    "oncall": ("oncall", OnCall),
    "rubric": ("rubric", Rubric),
}
FOREIGN = {"groups": "Prometheus rules", "route": "Alertmanager configuration"}


def check_parts(kind: str, document: Document, lint: ScenarioLint | None = None) -> list[Complaint]:
    """Check names and arguments against the catalogue and other files.

    Returns
    -------
    list of Complaint
        The warnings: valid configuration without any effect (see `simulator.lint`).

    Raises
    ------
    SourceError
    """
    if kind == "drill":
        return ScenarioLint(document.file).warnings()
    if kind == "pipeline":
        return _check_pipeline(document)
    if kind == "playbook":
        from simulator.setting.bind_playbooks import check_playbook

        playbook = Playbook.model_validate(document.plain())
        check_playbook(document, (), playbook)
        return lint.playbook_warnings(document, (), playbook) if lint else []
    return []


def _check_pipeline(document: Document) -> list[Complaint]:
    from simulator.lint import capacity
    from simulator.monitors import MONITORS

    errors = Complaints()
    for number, _ in enumerate(document.plain(("monitors",)) or ()):
        with errors.collecting():
            part_at(document, ("monitors", number), "monitor", MONITORS)
    errors.raise_if_any()
    return capacity.warnings(document, (), Pipeline.model_validate(document.plain()))


def check_foreign(
    kind: str, document: Document, lint: ScenarioLint | None = None
) -> list[Complaint]:
    """Check a file as Prometheus or Alertmanager would.

    Returns
    -------
    list of Complaint
        The warnings: rules and routes without any effect in the scenario.

    Raises
    ------
    SourceError
    """
    document.raise_complaints()
    # The alerting room reads these files itself, as the real programs do.
    text, name = read_file(document.file), display_path(document.file)
    return _check_rules(text, name, lint) if kind == "groups" else _check_routing(text, name, lint)


def _check_rules(text: str, name: str, lint: ScenarioLint | None) -> list[Complaint]:
    from simulator.alerting.rulefile import load_rules

    groups = load_rules(text, name, lint.dialect) if lint else load_rules(text, name)
    return lint.rule_warnings(groups) if lint else []


def _check_routing(text: str, name: str, lint: ScenarioLint | None) -> list[Complaint]:
    from simulator.alerting.alertmanager_config import load_alertmanager

    version = (lint.scenario.alerting.alertmanager_version,) if lint else ()
    load_alertmanager(text, name, *version)
    return lint.routing_warnings(text, name) if lint else []


class ScenarioLint:
    """The warnings about a scenario, or about files used with its series and people."""

    def __init__(self, scenario: Path | str) -> None:
        from simulator.setting import parse
        from simulator.setting.bind import bind_names

        # Names only: fitting a model and simulating a history takes seconds.
        self.document, self.scenario = parse(scenario)
        self.bound = bind_names(self.document, self.scenario)
        self.dialect = self.scenario.alerting.prometheus

    def warnings(self) -> list[Complaint]:
        """The warnings about the scenario's own files."""
        from simulator.lint import alerting_rules, capacity, never_reached, unowned_faults

        document, bound = self.document, self.bound
        return [
            *alerting_rules.warnings(bound, self.scenario.alerting),
            *capacity.warnings(document, ("pipeline",), bound.pipeline),
            *never_reached.warnings(document, self.scenario, bound.pipeline),
            *unowned_faults.warnings(document, bound),
            *self._own_playbook_warnings(),
        ]

    def _own_playbook_warnings(self) -> Iterator[Complaint]:
        for key, playbook in (("responder", self.scenario.responder), ("par", self.scenario.par)):
            if isinstance(playbook, Playbook):
                yield from self.playbook_warnings(self.document, (key,), playbook)

    def playbook_warnings(
        self, document: Document, at: tuple[Key, ...], playbook: Playbook
    ) -> list[Complaint]:
        """The warnings about a playbook at a path of a document."""
        from simulator.lint.playbook_steps import playbook_warnings

        return playbook_warnings(document, at, playbook, self.bound, self.dialect)

    def rule_warnings(self, groups: list[RuleGroup]) -> list[Complaint]:
        """The warnings about another rule file."""
        from simulator.lint import alerting_rules
        from simulator.lint.possible_series import Known

        known = Known(self.bound).add([*self.bound.groups, *groups], self.dialect)
        return alerting_rules.rule_warnings(groups, known, self.dialect)

    def routing_warnings(self, text: str, name: str) -> list[Complaint]:
        """The warnings about another routing file."""
        from simulator.lint import alerting_rules

        return alerting_rules.routing_warnings(text, name, self.bound.oncall.receivers)
