"""The data survey of `drill check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from simulator.datasets.survey import Survey
    from simulator.source import Document


def survey_of(kind: str, document: Document, shipped: bool) -> Survey | None:
    """A survey of the data of a scenario or pipeline; None for other files.

    Parameters
    ----------
    kind : str
        The file's format, by its first key.
    shipped : bool
        Survey shipped data sets too; otherwise only the user's own.

    Raises
    ------
    SourceError
        If the data are invalid.
    """
    from simulator.scenario import Pipeline

    at: tuple[str, ...] = ("data",)
    if kind == "drill":
        from simulator.setting import parse

        document, scenario = parse(document.file)
        pipeline, at = scenario.pipeline, ("pipeline", "data")
    elif kind == "pipeline":
        pipeline = Pipeline.model_validate(document.plain())
    else:
        return None
    # `parse` has replaced the name of the pipeline's file by its content.
    assert isinstance(pipeline, Pipeline)
    if not (shipped or pipeline.data.is_file):
        return None
    from simulator.datasets.survey import survey
    from simulator.setting.bind_dataset import load_dataset

    return survey(load_dataset(document, pipeline, at), pipeline.data)


def print_survey(survey: Survey) -> None:
    """Print a survey."""
    from simulator.cli.tables import table
    from simulator.datasets.survey import HEADER

    for line in survey.head:
        click.echo(f"  {line}")
    table(HEADER, survey.columns)
    for note in survey.notes:
        click.echo(f"  - {note}")
