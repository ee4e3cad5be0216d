"""What `drill grade` grades with: a rubric, observations and a name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

import click

from simulator.run import Run, RunError
from simulator.scenario.base import check_name
from simulator.scenario.observations import Observations
from simulator.scenario.rubric import Rubric
from simulator.score.drill_rubric import drill_rubric
from simulator.score.named_grade import grade_file, read_grade
from simulator.source import Complaints, Document, load, locate_file, validate
from simulator.units.wording import hhmm


class GradeInputs(NamedTuple):
    """The content of the files that a grade is made with, and their models."""

    name: str
    rubric: Mapping[str, Any]
    rubric_model: Rubric
    observations: dict[str, Any] | None
    observations_model: Observations | None

    @classmethod
    def of(
        cls, run: Run, rubric: str | None, observe: str | None, name: str | None, force: bool
    ) -> Self:
        """Read the files that are named; by default those of the grade, else of the run.

        Raises
        ------
        RunError
            There is a grade of this name, or it is of another run.
        SourceError
            With every error of the files.
        """
        assert run.folder is not None, "an opened run has a folder"
        if name is not None:
            name = _checked(name)
        own = None
        if name is not None and force and grade_file(run.folder, name).is_file():
            own = read_grade(run, name)
        errors = Complaints()
        with errors.collecting():
            content = _content(rubric, "rubric") or (own and own.rubric) or drill_rubric(run)
            graded_by = Rubric.model_validate(content)
        seen, notes = None, None
        with errors.collecting():
            if observe is not None:
                document = load(locate_file(observe, "observations"))
                notes, seen = _observations(document, run), document.plain()
            elif own is not None and own.observations is not None:
                seen = own.observations
                notes = Observations.model_validate(seen)
        errors.raise_if_any()
        name = name or "-".join([graded_by.name, *([Path(observe).stem] if observe else [])])
        if grade_file(run.folder, _checked(name)).exists() and not force:
            # Before the grading: it is in vain.
            path = grade_file(run.folder, name)
            raise RunError(f"{path}: exists; replace it with --force, or choose --name")
        return cls(name, content, graded_by, seen, notes)


def _content(name: str | None, kind: str) -> dict[str, Any] | None:
    """The content of a valid rubric's file; None without a name."""
    if name is None:
        return None
    document = load(locate_file(name, kind))
    validate(document, Rubric)
    content: dict[str, Any] = document.plain()
    return content


def _observations(document: Document, run: Run) -> Observations:
    """Observations of a run; their times are within it."""
    observations = validate(document, Observations)
    end, errors = run.header.duration, Complaints()
    for number, item in enumerate(observations.items):
        if item.time is not None and item.time > end:
            text = f"given {hhmm(item.time)}, after the end of the drill ({hhmm(end)})"
            errors.items.append(document.complaint_at(("items", number, "time"), text))
    errors.raise_if_any()
    return observations


def _checked(name: str) -> str:
    try:
        return check_name(name)
    except ValueError as error:
        raise click.UsageError(f"--name: {error}") from None
