"""`drill show RUN`: tell again how a past run went."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("show", epilog="Example: drill show reports/first-shift-7 --html")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--html", "rewrite", is_flag=True, help="Write the run's report.html anew.")
@click.option("--json", "as_json", is_flag=True, help="Print the scores alone, as scores.json.")
def command(run: Path, rewrite: bool, as_json: bool) -> None:
    """Tell again how a past run went: its timeline, its marks and why the verdict fell.

    RUN is the folder that `drill run` wrote. Nothing is simulated.
    """
    from simulator.report import terminal
    from simulator.run import Run, RunError
    from simulator.score import load_scores

    if not (run / "log.jsonl").is_file():
        raise RunError(f"{run}: not a run's folder: it has no log.jsonl{_hint(str(run))}")
    found = Run.open(run)
    scores = load_scores(found)
    if rewrite:
        from simulator.report import html

        html.write(found, scores, run / "report.html")
    if as_json:
        click.echo(scores.to_json())
        return
    terminal.timeline(found)
    terminal.scorecard(found, scores)
    if rewrite:
        click.echo(f"\nreport: {run / 'report.html'}")


def _hint(name: str) -> str:
    """What else was meant, where that can be guessed."""
    from simulator.registry import did_you_mean
    from simulator.source import shipped_files

    if name in shipped_files("drill"):
        return f"; it is a drill; play it with `drill run {name}`"
    runs = [str(log.parent) for log in sorted(Path("reports").glob("*/log.jsonl"))]
    return did_you_mean(name, runs) if runs else ""
