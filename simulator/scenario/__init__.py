"""What authors write: scenarios, pipelines, playbooks, on-call files and rubrics.

Frozen models of names and raw arguments. They know what can be known from one file; `parts` checks
arguments against the catalogue, and the setting binds files to each other.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.scenario.data import Data
    from simulator.scenario.expect import Expect
    from simulator.scenario.injects import Inject, InjectCondition, Message, Unless, When
    from simulator.scenario.job import Job
    from simulator.scenario.objectives import Age, AtLeast, AtMost, Objective, Objectives
    from simulator.scenario.observations import Observations
    from simulator.scenario.oncall import OnCall
    from simulator.scenario.parts import (
        argument_complaints,
        check_name,
        order_at,
        order_complaints,
        part_at,
    )
    from simulator.scenario.pipeline import MonitorSpec, Pipeline
    from simulator.scenario.playbook import Playbook, Step
    from simulator.scenario.receiver import Receiver
    from simulator.scenario.rubric import Rubric
    from simulator.scenario.scenario import Alerting, Scenario
    from simulator.scenario.stages import Features, Ingest, Rule, Serving, Source, Stage, Validate
    from simulator.scenario.team import Team
    from simulator.scenario.training import Training

__all__ = [
    "Age", "Alerting", "AtLeast", "AtMost", "Data", "Expect", "Features", "Ingest", "Inject",
    "InjectCondition", "Job", "Message", "MonitorSpec", "Objective", "Objectives", "Observations",
    "OnCall", "Pipeline", "Playbook", "Receiver", "Rubric", "Rule", "Scenario", "Serving", "Source",
    "Stage", "Step", "Team", "Training", "Unless", "Validate", "When", "argument_complaints",
    "check_name", "order_at", "order_complaints", "part_at",
]  # fmt: skip

# The files that define more than the name that they are called by.
_HOMES = {
    "injects": ("InjectCondition", "Message", "Unless", "When"),
    "objectives": ("Age", "AtLeast", "AtMost", "Objective"),
    "parts": ("argument_complaints", "check_name", "order_at", "order_complaints", "part_at"),
    "pipeline": ("MonitorSpec",),
    "playbook": ("Step",),
    "scenario": ("Alerting",),
    "stages": ("Features", "Ingest", "Rule", "Serving", "Source", "Stage", "Validate"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names} | {"Inject": "injects"}


def __getattr__(name: str) -> object:
    """A model, imported when it is first read: all of them take half a second, a rubric none."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = _HOME_OF.get(name, name.lower())
    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
