"""The rubric of a run's drill, from the inputs in its folder."""

from collections.abc import Mapping
from typing import Any

from simulator.run import Run
from simulator.run.folder import inputs_folder
from simulator.score.rubric import shipped_rubric
from simulator.source import load


def drill_rubric(run: Run) -> Mapping[str, Any]:
    """The content of the rubric that a run's drill has; the shipped one if it names none."""
    scenario = inputs_folder(run.folder) / "scenario.yaml" if run.folder else None
    content = load(scenario).plain(("rubric",)) if scenario and scenario.is_file() else None
    return content if isinstance(content, dict) else shipped_rubric(run.header)
