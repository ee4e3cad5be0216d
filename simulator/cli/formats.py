"""The file formats by their first key: the model of each, and the checks beyond it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel

from simulator.scenario import OnCall, Pipeline, Playbook, Rubric, Scenario, part_at
from simulator.source import Complaint, Complaints, Document, display_path, read_file

if TYPE_CHECKING:
    from simulator.lint.scenario_lint import ScenarioLint

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
        from simulator.lint.scenario_lint import ScenarioLint

        return ScenarioLint(document.file).warnings()
    if kind == "pipeline":
        return _check_pipeline(document)
    if kind == "playbook":
        from simulator.setting.bind_playbooks import check_playbook

        playbook = Playbook.model_validate(document.plain())
        check_playbook(document, (), playbook)
        return lint.playbook_warnings(document, (), playbook) if lint else []
    if kind == "oncall":
        return _check_oncall(document)
    return []


def _check_oncall(document: Document) -> list[Complaint]:
    from simulator.setting.bind_rights import check_rights
    from simulator.setting.name_checker import NameChecker

    checker = NameChecker(document)
    check_rights(checker, (), OnCall.model_validate(document.plain()))
    checker.complaints.raise_if_any()
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
