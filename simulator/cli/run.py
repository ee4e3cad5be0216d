"""`drill run`: play a drill, grade it, write its reports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from simulator.analysis import Timeline
    from simulator.score import Scores

CODES = {"pass": 0, "fail": 1, "invalid": 3}


@click.command(epilog="Example: drill run delays-in-hours --responder playbooks/data-quality.yaml")
@click.argument("scenario")
@click.option(
    "--responder",
    metavar="R",
    help="A playbook's file or name, or none.  [default: the scenario's]",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=1,
    show_default=True,
    help="The seed of all randomness: traffic, data, people.",
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change a value of the scenario: objectives.accuracy.min=0.8",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The run's folder.  [default: reports/NAME-SEED]",
)
@click.option("--force", is_flag=True, help="Replace an existing run in the folder.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print only the scores, as JSON, and write no report."
)
@click.option("--no-twins", is_flag=True, help="Leave out the twins, and the marks that need them.")
@click.option("--no-report", is_flag=True, help="Write no report.html and no postmortem.md.")
def command(
    scenario: str,
    responder: str | None,
    seed: int,
    overrides: tuple[str, ...],
    out: Path | None,
    force: bool,
    as_json: bool,
    no_twins: bool,
    no_report: bool,
) -> int:
    """Run a drill and show how it went.

    SCENARIO is a file, or the name of a shipped drill (drill list). The exit code is 0 if the
    drill was passed, 1 if the responder failed, and 3 if the drill is invalid.

    The twins of the run are simulated beside it, to find which fault caused an alert or a
    breach: the same seed without the faults, without a responder, and with the scenario's own
    playbook; for several faults, also with the same orders but without each of the faults. The
    verdict does not depend on them. They are kept for the next run in ~/.cache/ml-gameday/twins,
    300 of them or 500 MB at most.

    A report that was left out is written later by `drill show RUN --html`.
    """
    from simulator.cli.playing import play_and_grade

    timeline, scores, folder = play_and_grade(
        scenario, overrides, responder, seed, out, force, not no_twins, as_json
    )
    if as_json:
        click.echo(scores.to_json())
    else:
        _report(timeline, scores, folder, no_report)
    return CODES[scores.verdict]


def _report(timeline: Timeline, scores: Scores, folder: Path, no_report: bool) -> None:
    from simulator.report.phrases import repeat_commands
    from simulator.report.terminal import print_timeline
    from simulator.report.terminal_scorecard import print_scorecard

    print_timeline(timeline)
    print_scorecard(timeline, scores)
    click.echo()
    if not no_report:
        # Last, so that a full disk does not lose the output above.
        _write_report(timeline, scores, folder)
        click.echo(f"report  {folder / 'report.html'}")
    click.echo(f"log     {folder / 'log.jsonl'}")
    for name, command_line in repeat_commands(timeline.run):
        click.echo(f"{name:<8}{command_line}")


def _write_report(timeline: Timeline, scores: Scores, folder: Path) -> None:
    from simulator.cli.playing import add_log_to_errors, status
    from simulator.report import html, postmortem

    with status("writing the report", quiet=False), add_log_to_errors(folder):
        html.write(timeline, scores, folder / "report.html")
        postmortem.write(timeline, scores, folder / "postmortem.md")
