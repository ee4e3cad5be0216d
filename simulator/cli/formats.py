"""The formats by their first key: the model of each, and what binds it to the catalogue."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from simulator.registry import Part, Registry
from simulator.scenario import OnCall, Pipeline, Playbook, Rubric, Scenario, part_at
from simulator.source import Complaint, Complaints, Document, Key, SourceError, shown, text_of

FORMATS: dict[str, tuple[str, type[BaseModel]]] = {
    "drill": ("scenario", Scenario),
    "pipeline": ("pipeline", Pipeline),
    "playbook": ("playbook", Playbook),
    "oncall": ("oncall", OnCall),
    "rubric": ("rubric", Rubric),
}
FOREIGN = {"groups": "Prometheus rules", "route": "Alertmanager configuration"}


def faults() -> Registry[Part]:
    return Registry("simulator.faults", Part, "fault")


def actions() -> Registry[Part]:
    return Registry("simulator.actions", Part, "action")


def debts() -> Registry[Part]:
    return Registry("simulator.debts", Part, "debt")


def monitors() -> Registry[Part]:
    return Registry("simulator.monitors", Part, "monitor")


def measures() -> Registry[Part]:
    return Registry("simulator.score.measures", Part, "measure")


def playbooks() -> Any:
    return importlib.import_module("simulator.setting.bind_playbooks")


def capacity() -> Any:
    return importlib.import_module("simulator.lint.capacity")


def bound(kind: str, document: Document, against: "Against | None" = None) -> list[Complaint]:
    """Complain of names and arguments that the catalogue or other files do not know.

    Returns
    -------
    list of Complaint
        What is right and yet can do nothing (see `simulator.lint`).

    Raises
    ------
    SourceError
    """
    if kind == "drill":
        return Against(document.file).warnings()
    complaints = Complaints()
    for number, _ in enumerate(document.plain(("monitors",)) or ()) if kind == "pipeline" else ():
        with complaints.gathered():
            part_at(document, ("monitors", number), "monitor", monitors())
    if kind == "playbook":
        playbook = Playbook.model_validate(document.plain())
        with complaints.gathered():
            playbooks().check_playbook(document, (), playbook)
    complaints.settle()
    if kind == "playbook" and against is not None:
        return against.playbook(document, (), playbook)
    if kind == "pipeline":
        pipeline = Pipeline.model_validate(document.plain())
        return list(capacity().warnings(document, (), pipeline))
    return []


class Against:
    """A scenario that rules, routing and playbooks are held against: its series, its people."""

    def __init__(self, scenario: Path | str) -> None:
        setting: Any = importlib.import_module("simulator.setting")
        self.lint: Any = importlib.import_module("simulator.lint.alerting_rules")
        self.owners: Any = importlib.import_module("simulator.lint.unowned_faults")
        self.reach: Any = importlib.import_module("simulator.lint.never_reached")
        # The names only: fitting a model and making a history takes seconds.
        self.document, self.scenario = setting.parse(scenario)
        self.bound = setting.bind.check(self.document, self.scenario)

    def warnings(self) -> list[Complaint]:
        """Of the scenario's own files."""
        carries = capacity().warnings(self.document, ("pipeline",), self.bound.pipeline)
        return [
            *self.lint.warnings(self.bound, self.scenario.alerting),
            *carries,
            *self.reach.warnings(self.document, self.scenario, self.bound.pipeline),
            *self.owners.warnings(self.document, self.bound),
            *self._playbooks(),
        ]

    def _playbooks(self) -> Iterator[Complaint]:
        """Of the scenario's own."""
        for key in ("responder", "par"):
            playbook = getattr(self.scenario, key)
            if isinstance(playbook, Playbook):
                yield from self.playbook(self.document, (key,), playbook)

    def playbook(
        self, document: Document, at: tuple[Key, ...], playbook: Playbook
    ) -> list[Complaint]:
        """Of a playbook."""
        lint: Any = importlib.import_module("simulator.lint.playbook_steps")
        dialect = self.scenario.alerting.prometheus
        return list(lint.playbook_warnings(document, at, playbook, self.bound, dialect))

    def of(self, groups: Any, text: str, name: str) -> list[Complaint]:
        """Of another rule file (its groups), or routing file (its text)."""
        if groups is None:
            return list(self.lint.routing_warnings(text, name, self.bound.oncall.receivers))
        dialect = self.scenario.alerting.prometheus
        both = [*self.bound.groups, *groups]
        known = self.lint.Known(self.bound).add(both, dialect)
        return list(self.lint.rule_warnings(groups, known, dialect))


def foreign(kind: str, document: Document, against: Against | None = None) -> list[Complaint]:
    """Complain of what Prometheus or Alertmanager would refuse.

    Returns
    -------
    list of Complaint
        What can do nothing in the scenario that the file is held against.

    Raises
    ------
    SourceError
    """
    document.settle()
    # The alerting room reads these files itself, as the real programs do.
    if kind == "groups":
        read: Any = importlib.import_module("simulator.alerting.rulefile").load_rules
    else:
        read = importlib.import_module("simulator.alerting.amconfig").load_alertmanager
    text, name = text_of(document.file), shown(document.file)
    switch: dict[str, Any] = {}
    if against is not None:
        alerting = against.scenario.alerting
        routing = {"version": alerting.alertmanager_version}
        switch = {"dialect": alerting.prometheus} if kind == "groups" else routing
    try:
        found = read(text, name, **switch)
    except ValueError as error:
        lines = getattr(error, "problems", None) or str(error).splitlines()
        raise SourceError(map(Complaint.parse, lines)) from None
    if against is None:
        return []
    return against.of(found if kind == "groups" else None, text, name)
