"""Faults of a build, or of a version of the model, that nobody releases.

Players deploy only what was deployed before, and a facilitator may release the rest in a live
drill. So it is a warning.
"""

from simulator.faults import Fault
from simulator.pipeline.model import releases
from simulator.registry import reference_of
from simulator.scenario import Job, Scenario
from simulator.setting.bound_scenario import BoundScenario
from simulator.setting.components import serving_stage
from simulator.setting.job_laws import job_laws
from simulator.source import Complaint, Document

# A fault of the model server names its stage, a release `serving`; a version is of the model.
MODEL, SERVING = releases.MODEL, releases.SERVING


def warnings(document: Document, scenario: Scenario, bound: BoundScenario) -> list[Complaint]:
    """Warnings about such faults of a scenario."""
    deployed, complaints = _deployed(scenario, bound), []
    for i, inject in enumerate(bound.injects):
        for key, kind in _number_fields(inject.fault):
            number, target = getattr(inject.fault, key), _target(kind, inject.fault)
            trained = target == MODEL and _trains(bound) and number > max(deployed[MODEL])
            if number not in deployed.get(target, ()) and not trained:
                text = f"no change releases {kind} {number} of {_noun(target)}: it cannot land"
                complaints.append(document.complaint_at(("injects", i, "args", key), text))
    return complaints


def _number_fields(fault: Fault | None) -> list[tuple[str, str]]:
    """The fields of a fault for builds and versions, each with its kind."""
    fields = type(fault).model_fields.items() if fault is not None else ()
    references = [(key, reference_of(info)) for key, info in fields]
    return [(key, ref.to) for key, ref in references if ref and ref.to in ("build", "version")]


def _target(kind: str, fault: Fault | None) -> str:
    if kind == "version":
        return MODEL
    assert fault is not None
    return SERVING if fault.target_kind == "serving" else fault.target


def _noun(target: str) -> str:
    return "the model" if target == MODEL else target


def _deployed(scenario: Scenario, bound: BoundScenario) -> dict[str, set[int]]:
    """The builds of each component, and versions of the model, that exist or are released."""
    model, (_, server) = bound.pipeline.model, serving_stage(bound.pipeline)
    deployed = {MODEL: {model.version, *model.former}, SERVING: {server.build}}
    for law in job_laws(bound.pipeline, scenario.starts_at):
        deployed[law.name] = {law.build}
    for inject in bound.injects:
        if (inject.type, inject.name) == ("change", "release"):
            target = str(inject.args.get("target", MODEL))
            number = inject.args.get("version" if target == MODEL else "build")
            deployed.setdefault(target, set()).add(int(number or 0))
    return deployed


def _trains(bound: BoundScenario) -> bool:
    """Whether a job of the pipeline makes new versions of the model."""
    stages = bound.pipeline.stages.values()
    return any(isinstance(stage, Job) and stage.does == "train" for stage in stages)
