"""Playing a drill into a folder, with its twins and its grade, for the commands that do."""

from __future__ import annotations

import gc
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.analysis import Timeline
    from simulator.play import Progress
    from simulator.play.processes import Waiting
    from simulator.score import Scores
    from simulator.setting import Setting


def play_and_grade(
    scenario: str,
    overrides: tuple[str, ...],
    responder: str | None,
    seed: int,
    out: Path | None,
    force: bool = False,
    twins: bool = True,
    quiet: bool = False,
) -> tuple[Timeline, Scores, Path]:
    """Play a drill, write its folder, grade it.

    Parameters
    ----------
    scenario : str
        A file, or the name of a shipped drill.
    overrides : tuple of str
        `PATH=VALUE` each.
    responder : str or None
        A playbook's file or name, or `none`; None for the scenario's.
    out : Path or None
        The folder; None for reports/NAME-SEED.
    force : bool
        Replace an existing run in the folder.
    twins : bool
        Play the twins too.
    quiet : bool
        Show no progress bars.
    """
    from simulator.analysis import Timeline
    from simulator.pipeline.serving.one_by_one import compiled
    from simulator.play import play_with_twins
    from simulator.responders.choose import choose
    from simulator.run.folder import make_folder
    from simulator.setting import load

    with status("preparing", quiet):
        setting = load(scenario, overrides)
        name, chosen = choose(setting, responder)
        compiled()  # now, as compilation takes seconds
        relax_gc()
    folder = out or Path("reports") / f"{setting.scenario.name}-{seed}"
    make_folder(folder, force)
    with add_log_to_errors(folder), _interruptible(folder):
        run = play_with_twins(
            setting,
            seed,
            chosen,
            name=name,
            command=run_command(scenario, responder, seed, overrides),
            folder=folder,
            twins=twins,
            playing=_drill_bar(setting.scenario.duration, quiet),
            waiting=_twins_bar(quiet),
        )
        timeline = Timeline(run)
        return timeline, _grade(setting, timeline, folder), folder


def run_command(scenario: str, responder: str | None, seed: int, overrides: tuple[str, ...]) -> str:
    """The command that runs a drill again, quoted for a shell.

    Examples
    --------
    >>> run_command("first-shift", None, 7, ("service.dependency.breaker.errors=null",))
    'drill run first-shift --seed 7 --set service.dependency.breaker.errors=null'
    >>> run_command("my drill.yaml", "none", 1, ())
    "drill run 'my drill.yaml' --seed 1 --responder none"
    """
    words = ["drill", "run", scenario, "--seed", str(seed)]
    words += [] if responder is None else ["--responder", responder]
    words += [word for override in overrides for word in ("--set", override)]
    return shlex.join(words)


@contextmanager
def add_log_to_errors(folder: Path) -> Iterator[None]:
    """Add the log's path to an error while writing, such as a full disk."""
    try:
        yield
    except OSError as error:
        log, file = folder / "log.jsonl", error.filename or folder
        hint = f"; the log until then is in {log}" if log.is_file() else ""
        raise OSError(error.errno, f"{error.strerror or error}{hint}", str(file)) from error


def relax_gc() -> None:
    """Collect garbage rarely: the setting stays, and a run makes few reference cycles."""
    gc.freeze()
    gc.set_threshold(50_000)


@contextmanager
def _interruptible(folder: Path) -> Iterator[None]:
    """Let `kill` interrupt a run as Ctrl-C does, with an event in the log; say where the log is."""
    import signal

    handler = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        text = f"interrupted: the log until then is in {folder / 'log.jsonl'}"
        raise KeyboardInterrupt(text) from None
    finally:
        signal.signal(signal.SIGTERM, handler)


def _grade(setting: Setting, timeline: Timeline, folder: Path) -> Scores:
    from simulator.score import grade

    scores = grade(timeline, setting.rubric)
    scores.write(folder / "scores.json")
    return scores


@contextmanager
def _drill_bar(duration: int, quiet: bool) -> Iterator[Progress | None]:
    """A progress bar of simulated time, on a terminal."""
    from simulator.units import format_ms

    with _bar("drill", duration, quiet) as update:
        if update is None:
            yield None
        else:
            yield lambda now: update(now, f"{format_ms(now)} of {format_ms(duration)}")


@contextmanager
def _twins_bar(quiet: bool) -> Iterator[Waiting | None]:
    """A progress bar of the twins that are ready, on a terminal."""
    with _bar("twins", None, quiet) as update:
        if update is None:
            yield None
        else:
            yield lambda ready, total: update(ready, f"{ready} of {total} twins", total)


@contextmanager
def _bar(name: str, total: int | None, quiet: bool) -> Iterator[Callable[..., None] | None]:
    import sys

    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=total)

        def update(completed: int, description: str, total: int | None = None) -> None:
            bar.update(task, completed=completed, description=description, total=total)

        yield update


@contextmanager
def status(text: str, quiet: bool) -> Iterator[None]:
    """A status line during a long step, on a terminal."""
    import sys

    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield
