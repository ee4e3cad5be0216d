"""Orders for a snapshot of a feature view that is older than any that its store keeps."""

from collections.abc import Mapping
from typing import Any

from simulator.scenario import Job
from simulator.scenario.stages import Features
from simulator.setting.bound_scenario import BoundScenario
from simulator.source import Complaint, Document
from simulator.units import UnitError, format_ms, parse_ms

# The actions that take a snapshot of their `view`, as old as `before` at least.
ORDERS = ("pin_features", "restore_data")


def warnings(document: Document, bound: BoundScenario) -> list[Complaint]:
    """Warnings about the changes of a scenario."""
    complaints = []
    for i, inject in enumerate(bound.injects):
        if inject.type == "change" and (text := explain_too_old(bound, inject.name, inject.args)):
            complaints.append(document.complaint_at(("injects", i, "args", "before"), text))
    return complaints


def explain_too_old(bound: BoundScenario, action: str, args: Mapping[str, Any]) -> str:
    """Why no snapshot can be so old; empty if one may be.

    Runs by hand leave snapshots too, so that the oldest may be younger than this bound.
    """
    view, before = str(args.get("view") or ""), args.get("before")
    stage = bound.pipeline.stages.get(view)
    if action not in ORDERS or before is None or not isinstance(stage, Features):
        return ""
    if not stage.snapshots:
        return f"{view} keeps no snapshots"
    try:
        asked = parse_ms(before)
    except UnitError:
        return ""  # a reference, or an error of its own
    every = [
        job.every
        for job in bound.pipeline.stages.values()
        if isinstance(job, Job) and job.view == view and job.every
    ]
    if not every or asked <= (oldest := stage.snapshots * min(every)):
        return ""
    text = f"{view} keeps {stage.snapshots} snapshots, the oldest at most {format_ms(oldest)} old: "
    return text + f"none is {format_ms(asked)} old"
