"""What `drill check` tells of a pipeline's data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from simulator.datasets.survey import Survey
    from simulator.source import Document


def survey_of(kind: str, document: Document, every: bool) -> Survey | None:
    """A survey of the data that a scenario or pipeline names, if there is something to tell.

    Parameters
    ----------
    kind : str
        The file's format, by its first key.
    document : Document
    every : bool
        Shipped data sets too; otherwise only the user's own file.

    Raises
    ------
    SourceError
        If the data cannot be used.
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
    # `parse` has put the file that was named into its place.
    assert isinstance(pipeline, Pipeline)
    if not (every or pipeline.data.is_file):
        return None
    from simulator.datasets.survey import survey
    from simulator.setting.bind import load_dataset

    return survey(load_dataset(document, pipeline, at), pipeline.data)


def tell(found: Survey) -> None:
    """Print a survey."""
    from simulator.cli.tables import table
    from simulator.datasets.survey import HEADER

    for line in found.head:
        click.echo(f"  {line}")
    table(HEADER, found.columns)
    for note in found.notes:
        click.echo(f"  - {note}")
