"""`drill grade RUN`: grade a past run again, under another rubric and with what people saw."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from simulator.analysis import Timeline
    from simulator.score import Scores
    from simulator.score.named_grade import NamedGrade


@click.command("grade", epilog="Example: drill grade reports/first-shift-1 --rubric strict.yaml")
@click.argument("folder", type=click.Path(path_type=Path), metavar="RUN")
@click.option(
    "--rubric",
    metavar="R",
    help="A rubric's file or name.  [default: the drill's]",
)
@click.option(
    "--observe",
    metavar="FILE",
    help="An evaluator's observations, whose ratings stand beside the machine's.",
)
@click.option(
    "--name",
    metavar="NAME",
    help="The grade's name.  [default: the rubric's, and that of the observations' file]",
)
@click.option("--force", is_flag=True, help="Replace the grade of this name.")
@click.option("--list", "as_list", is_flag=True, help="List the run's grades, and grade nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print only the scores, as JSON.")
def command(
    folder: Path,
    rubric: str | None,
    observe: str | None,
    name: str | None,
    force: bool,
    as_list: bool,
    as_json: bool,
) -> int:
    """Grade a past run again.

    RUN is the folder that `drill run` wrote. Nothing is simulated: a grade follows from the
    folder, the rubric and the observations alone. It is kept as grades/NAME.json in the folder,
    with its rubric and its observations; scores.json and the grades before it stay as they are.
    `drill show RUN --grade NAME` shows it.

    A grade that is replaced with --name and --force keeps its own rubric and observations, if no
    others are named. The exit code is that of `drill run`: 0 passed, 1 failed, 3 invalid.
    """
    from simulator.cli.past_run import open_run
    from simulator.cli.run import CODES

    run = open_run(folder, twins=not as_list)
    if as_list:
        from simulator.cli.grade_list import print_grades

        print_grades(run, as_json)
        return 0
    from simulator.analysis import Timeline
    from simulator.cli.grade_inputs import GradeInputs
    from simulator.score import grade
    from simulator.score.named_grade import NamedGrade, write_grade

    inputs = GradeInputs.of(run, rubric, observe, name, force)
    timeline = Timeline(run)
    scores = grade(timeline, inputs.rubric_model, inputs.observations_model)
    named = NamedGrade(
        name=inputs.name,
        rubric=dict(inputs.rubric),
        observations=inputs.observations,
        scores=scores,
    )
    path = write_grade(run, named, force)
    _report(timeline, named, path, as_json)
    return CODES[scores.verdict]


def _report(timeline: Timeline, named: NamedGrade, path: Path, as_json: bool) -> None:
    scores: Scores = named.scores
    if as_json:
        click.echo(scores.to_json())
        return
    from simulator.report.terminal_scorecard import print_scorecard

    print_scorecard(timeline, scores)
    click.echo(f"\ngrade   {path}")
