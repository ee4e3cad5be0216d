"""The file formats by their first key: the model of each, and the checks beyond it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel

from simulator.scenario import (
    Observations,
    OnCall,
    Pipeline,
    Playbook,
    Rubric,
    Scenario,
    part_at,
)
from simulator.source import Complaint, Complaints, Document, display_path, read_file

if TYPE_CHECKING:
    from simulator.lint.scenario_lint import ScenarioLint

FORMATS: dict[str, tuple[str, type[BaseModel]]] = {
    "drill": ("scenario", Scenario),
    "pipeline": ("pipeline", Pipeline),
    "playbook": ("playbook", Playbook),
    "oncall": ("oncall", OnCall),
    "rubric": ("rubric", Rubric),
    "observations": ("observations", Observations),
}
FOREIGN = {"groups": "Prometheus rules", "route": "Alertmanager configuration"}


class CheckedParts(NamedTuple):
    """The warnings about a file (see `simulator.lint`), and the date that they depend on."""

    warnings: list[Complaint]
    remark: str = ""


def check_parts(
    kind: str,
    document: Document,
    lint: ScenarioLint | None = None,
    moment: datetime | None = None,
) -> CheckedParts:
    """Check names and arguments against the catalogue and other files.

    Parameters
    ----------
    lint : ScenarioLint or None
        The scenario that the file is checked with.
    moment : datetime or None
        From when on people are checked.

    Raises
    ------
    SourceError
    """
    if kind == "drill":
        from simulator.lint.scenario_lint import ScenarioLint

        own = ScenarioLint(document.file, moment)
        return CheckedParts(own.warnings(), _remark(moment) if moment else "")
    if kind == "pipeline":
        return CheckedParts(_check_pipeline(document))
    if kind == "playbook":
        from simulator.setting.bind_playbooks import check_playbook

        playbook = Playbook.model_validate(document.plain())
        check_playbook(document, (), playbook)
        return CheckedParts(lint.playbook_warnings(document, (), playbook) if lint else [])
    return _check_oncall(document, lint, moment) if kind == "oncall" else CheckedParts([])


def _check_oncall(
    document: Document, lint: ScenarioLint | None, moment: datetime | None
) -> CheckedParts:
    from simulator.lint import oncall_lint
    from simulator.lint.default_moment import default_moment, read_calendars
    from simulator.lint.oncall_year import year_of
    from simulator.setting.bind_rights import check_rights
    from simulator.setting.name_checker import NameChecker

    oncall, checker = OnCall.model_validate(document.plain()), NameChecker(document)
    check_rights(checker, (), oncall)
    checker.complaints.raise_if_any()
    if lint is not None:
        warnings, since = lint.oncall_warnings(document, (), oncall), lint.moment
    else:
        calendars = read_calendars(document, (), oncall)
        since = moment or default_moment(oncall, calendars)
        year = year_of(document, (), oncall, since, calendars)
        warnings = oncall_lint.warnings(year, asks_for_moment=moment is not None)
    return CheckedParts(warnings, _remark(since) if oncall.schedules or oncall.policies else "")


def _remark(moment: datetime) -> str:
    """The date that warnings about people depend on."""
    return f", who is on call from {moment:%Y-%m-%d} on"


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
