"""The grades of a run as a table: the drill's own first."""

import json

import click

from simulator.cli.tables import table
from simulator.run import Run
from simulator.score.named_grade import grade_names, read_grade
from simulator.score.scores import Scores
from simulator.units.wording import join_words

OWN = "(scores.json)"


def print_grades(run: Run, as_json: bool) -> None:
    """Print the grades of a run.

    Raises
    ------
    RunError
        If one of them is damaged or of another run.
    """
    assert run.folder is not None, "an opened run has a folder"
    own = run.folder / "scores.json"
    grades = {OWN: Scores.from_json(own.read_bytes())} if own.is_file() else {}
    grades |= {name: read_grade(run, name).scores for name in grade_names(run.folder)}
    rows = [
        {
            "grade": name,
            "rubric": scores.rubric,
            "verdict": scores.verdict,
            "index": scores.index,
            "observed_by": list(dict.fromkeys(note.by for note in scores.observed)),
        }
        for name, scores in grades.items()
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if not rows:
        click.echo("no grades")
        return
    head = ("grade", "rubric", "verdict", "index", "observed by")
    table(head, [tuple(_cell(value) for value in row.values()) for row in rows])


def _cell(value: object) -> str:
    if isinstance(value, list):
        return join_words(value)
    return "–" if value is None else f"{value:.1f}" if isinstance(value, float) else str(value)
