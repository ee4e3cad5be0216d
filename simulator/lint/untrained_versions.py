"""Orders about versions of the model that a drill never has.

A release in a scenario trains its own version before the drill. A retrain in the drill gives the
next number, so that larger numbers may come to exist, as many as its trainings have time for.
"""

from simulator.actions import ACTIONS, references
from simulator.scenario import Job, Scenario
from simulator.setting.bound_scenario import BoundScenario
from simulator.source import Complaint, Document


def warnings(document: Document, scenario: Scenario, bound: BoundScenario) -> list[Complaint]:
    """Warnings about the changes of a scenario."""
    complaints = []
    for i, inject in enumerate(bound.injects):
        if inject.type != "change" or inject.name not in ACTIONS:
            continue
        for path, kind, name in references(inject.name, inject.args):
            if kind == "version" and (text := explain_untrained(bound, scenario.duration, name)):
                complaints.append(document.complaint_at(("injects", i, "args", *path), text))
    return complaints


def explain_untrained(bound: BoundScenario, duration: int, version: str) -> str:
    """Why no such version can exist in a drill of so many ms; empty if it can."""
    model = bound.pipeline.model
    trained = {model.version, *model.former, *bound.released_versions}
    lasts = [
        stage.duration
        for stage in bound.pipeline.stages.values()
        if isinstance(stage, Job) and stage.does == "train"
    ]
    most = max(trained) + sum(duration // max(1, ms) for ms in lasts)
    if not version.isdecimal() or int(version) in trained or max(trained) < int(version) <= most:
        return ""
    numbers = ", ".join(map(str, sorted(trained)))
    return f"version {version} of the model is never trained; there are {numbers}"
