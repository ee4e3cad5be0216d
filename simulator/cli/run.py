"""`drill run`: play a drill, grade it, tell it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from simulator.run import Run
    from simulator.score import Scores
    from simulator.setting import Setting

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
    """
    from simulator.responders.choose import choose
    from simulator.run import make_folder
    from simulator.setting import inputs, load

    with _status("preparing", as_json):
        setting = load(scenario, overrides)
        name, answering = choose(setting, responder)
    folder = out or Path("reports") / f"{setting.scenario.name}-{seed}"
    make_folder(folder, force)
    inputs.write(setting, folder / "inputs")
    run = _play(setting, seed, answering, name, folder, not no_twins, as_json)
    scores = _grade(setting, run, folder)
    _tell(run, scores, folder, as_json)
    return CODES[scores.verdict]


def _play(
    setting: Setting, seed: int, answering: Any, name: str, folder: Path, twins: bool, quiet: bool
) -> Run:
    import signal

    from simulator.twins import Beside, play

    # `kill` ends a run as Ctrl-C does: the log says so.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    beside = Beside(setting, seed, folder) if twins else None
    try:
        with _progress(setting.scenario.duration, quiet) as tell:
            run = play(setting, seed, answering, name=name, folder=folder, progress=tell)
        with _status("waiting for the twins", quiet):
            run.twins = beside.wait() if beside else {}
    except KeyboardInterrupt:
        text = f"interrupted: what happened until then is in {folder / 'log.jsonl'}"
        raise KeyboardInterrupt(text) from None
    finally:
        if beside:
            beside.stop()
    return run


def _grade(setting: Setting, run: Run, folder: Path) -> Scores:
    from simulator.score import grade

    scores = grade(run, run.twins, setting.rubric)
    (folder / "scores.json").write_text(scores.to_json() + "\n", encoding="utf-8")
    return scores


def _tell(run: Run, scores: Scores, folder: Path, as_json: bool) -> None:
    from simulator.report import html, postmortem, terminal

    with _status("writing the report", as_json):
        html.write(run, scores, folder / "report.html")
        postmortem.write(run, scores, folder / "postmortem.md")
    if as_json:
        click.echo(scores.to_json())
        return
    terminal.timeline(run)
    terminal.scorecard(run, scores)
    click.echo(f"\nreport  {folder / 'report.html'}\nlog     {folder / 'log.jsonl'}")
    click.echo(f"again   drill replay {folder}")


@contextmanager
def _progress(duration: int, quiet: bool) -> Iterator[Any]:
    """A bar over simulated time, on a terminal."""
    import sys

    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from simulator.units import say_ms

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("drill", total=duration)

        def tell(now: int) -> None:
            bar.update(task, completed=now, description=f"{say_ms(now)} of {say_ms(duration)}")

        yield tell


@contextmanager
def _status(text: str, quiet: bool) -> Iterator[None]:
    """A line that is there while something takes long, on a terminal."""
    import sys

    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield
