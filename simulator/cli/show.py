"""`drill show RUN`: how a past run went."""

from pathlib import Path

import click


@click.command("show", epilog="Example: drill show reports/first-shift-7 --html")
@click.argument("folder", type=click.Path(path_type=Path), metavar="RUN")
@click.option(
    "--grade",
    metavar="NAME",
    help="Show this grade (drill grade RUN --list).  [default: the drill's own]",
)
@click.option("--html", "rewrite", is_flag=True, help="Write the run's report.html again.")
@click.option("--json", "as_json", is_flag=True, help="Print only the scores, as in scores.json.")
def command(folder: Path, grade: str | None, rewrite: bool, as_json: bool) -> None:
    """Show how a past run went: its timeline, its scorecard and the reasons for its verdict.

    RUN is the folder that `drill run` wrote. Nothing is simulated.
    """
    from simulator.analysis import Timeline
    from simulator.cli.past_run import open_run
    from simulator.report.phrases import repeat_commands
    from simulator.report.terminal import print_timeline
    from simulator.report.terminal_scorecard import print_scorecard
    from simulator.score import load_scores
    from simulator.score.named_grade import read_grade

    run = open_run(folder)
    timeline = Timeline(run)
    scores = load_scores(timeline) if grade is None else read_grade(run, grade).scores
    if rewrite:
        from simulator.report import html

        html.write(timeline, scores, folder / "report.html")
    if as_json:
        click.echo(scores.to_json())
        return
    print_timeline(timeline)
    print_scorecard(timeline, scores)
    click.echo()
    if rewrite:
        click.echo(f"report  {folder / 'report.html'}")
    for name, command_line in repeat_commands(run):
        click.echo(f"{name:<8}{command_line}")
