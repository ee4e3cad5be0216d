"""`drill run`: play a drill, grade it, tell it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from simulator.run import Run
    from simulator.score import Scores

CODES = {"pass": 0, "fail": 1, "invalid": 3}


@click.command(epilog="Example: drill run delays-in-hours --responder playbooks/data-quality.yaml")
@click.argument("scenario")
@click.option("--responder", metavar="R", help="A playbook's file or name, or none.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=1,
    show_default=True,
    help="Which customers come, and how quick people are.",
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change one value of the scenario: objectives.accuracy.min=0.8",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The run's folder.  [default: reports/NAME-SEED]",
)
@click.option("--force", is_flag=True, help="Replace a run that the folder holds.")
@click.option("--json", "as_json", is_flag=True, help="Print the scores alone, as JSON.")
@click.option("--no-twins", is_flag=True, help="Leave the twins out, and what needs them.")
def command(
    scenario: str,
    responder: str | None,
    seed: int,
    overrides: tuple[str, ...],
    out: Path | None,
    force: bool,
    as_json: bool,
    no_twins: bool,
) -> int:
    """Run a drill and tell how it went.

    SCENARIO is a file, or the name of a shipped drill (drill list). Exit code 0 if it was
    passed, 1 if the responder failed, 3 if the drill is invalid.

    TwinPool it run its twins, which tell what was caused by what: the same seed without the
    faults, and with nobody answering; where there are several faults, then also the same orders
    without each of them. The verdict needs none.
    """
    from simulator.cli.playing import play

    run, scores, folder = play(
        scenario, overrides, responder, seed, out, force, not no_twins, as_json
    )
    _tell(run, scores, folder, as_json)
    return CODES[scores.verdict]


def _tell(run: Run, scores: Scores, folder: Path, as_json: bool) -> None:
    from simulator.cli.playing import status, writing
    from simulator.report import html, postmortem, terminal

    if as_json:
        click.echo(scores.to_json())
    else:
        terminal.timeline(run)
        terminal.scorecard(run, scores)
    # Last: a disk that is full takes nothing away from what was told.
    with status("writing the report", as_json), writing(folder):
        html.write(run, scores, folder / "report.html")
        postmortem.write(run, scores, folder / "postmortem.md")
    if as_json:
        return
    click.echo(f"\nreport  {folder / 'report.html'}\nlog     {folder / 'log.jsonl'}")
    click.echo(f"again   drill replay {folder}")
