"""The formats by their first key: the model of each, and what binds it to the catalogue."""

import importlib
from typing import Any

from pydantic import BaseModel

from simulator.registry import Part, Registry
from simulator.scenario import OnCall, Pipeline, Playbook, Rubric, Scenario, action_at, part_at
from simulator.source import Complaint, Complaints, Document, SourceError, shown, text_of

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


def monitors() -> Registry[Part]:
    return Registry("simulator.monitors", Part, "monitor")


def measures() -> Registry[Part]:
    return Registry("simulator.score.measures", Part, "measure")


def bound(kind: str, document: Document) -> None:
    """Complain of names and arguments that the catalogue or other files do not know.

    Raises
    ------
    SourceError
    """
    if kind == "drill":
        setting: Any = importlib.import_module("simulator.setting")
        # The names only: fitting a model and making a history takes seconds.
        setting.bind.check(*setting.parse(document.file))
    complaints = Complaints()
    for number, _ in enumerate(document.plain(("monitors",)) or ()) if kind == "pipeline" else ():
        with complaints.gathered():
            part_at(document, ("monitors", number), "monitor", monitors())
    if kind == "playbook":
        for path, step in Playbook.model_validate(document.plain()).walk():
            with complaints.gathered():
                if step.act:
                    action_at(document, (*path, "act"), actions())
    complaints.settle()


def foreign(kind: str, document: Document) -> None:
    """Complain of what Prometheus or Alertmanager would refuse.

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
    try:
        read(text_of(document.file), shown(document.file))
    except ValueError as error:
        lines = getattr(error, "problems", None) or str(error).splitlines()
        raise SourceError(map(Complaint.parse, lines)) from None
