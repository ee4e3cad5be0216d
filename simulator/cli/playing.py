"""Playing a drill into a folder, with its twins and its grade: for every command that does."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.run import Run
    from simulator.score import Scores
    from simulator.setting import Setting
    from simulator.twins import TwinPool


def play(
    scenario: str,
    overrides: tuple[str, ...],
    responder: str | None,
    seed: int,
    out: Path | None,
    force: bool = False,
    twins: bool = True,
    quiet: bool = False,
) -> tuple[Run, Scores, Path]:
    """Play a drill, write its folder, grade it.

    Parameters
    ----------
    scenario : str
        A file, or the name of a shipped one.
    overrides : tuple of str
        `PATH=VALUE` each.
    responder : str or None
        A playbook's file or name, `none`; None for the scenario's own.
    seed : int
    out : Path or None
        The folder; None for reports/NAME-SEED.
    force : bool
        Replace a run that the folder holds.
    twins : bool
        Play them too.
    quiet : bool
        No progress bars.
    """
    from simulator.pipeline.serving.one_by_one import compiled
    from simulator.responders.choose import choose
    from simulator.run import make_folder
    from simulator.setting import inputs, load

    with status("preparing", quiet):
        setting = load(scenario, overrides)
        name, answering = choose(setting, responder)
        compiled()  # what takes time to compile does so now
        relax_gc()
    folder = out or Path("reports") / f"{setting.scenario.name}-{seed}"
    make_folder(folder, force)
    with writing(folder):
        inputs.write(setting, folder / "inputs")
        run = _play(setting, seed, answering, name, folder, twins, quiet)
        return run, _grade(setting, run, folder), folder


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """What cannot be written (a full disk, say) is told with where the log of the run is."""
    try:
        yield
    except OSError as error:
        log, where = folder / "log.jsonl", error.filename or folder
        more = f"; what happened until then is in {log}" if log.is_file() else ""
        raise OSError(error.errno, f"{error.strerror or error}{more}", str(where)) from error


def relax_gc() -> None:
    """What is bound stays, and a run makes few cycles: the collector need not look often."""
    gc.freeze()
    gc.set_threshold(50_000)


def _play(
    setting: Setting, seed: int, answering: Any, name: str, folder: Path, twins: bool, quiet: bool
) -> Run:
    import signal

    from simulator.twins import TwinPool, play

    # `kill` ends a run as Ctrl-C does: the log says so.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    beside = [TwinPool(setting, seed, folder)] if twins else []
    try:
        with _progress(setting.scenario.duration, quiet) as tell:
            run = play(setting, seed, answering, name=name, folder=folder, progress=tell)
        if beside:
            run.twins = _wait(beside[0], quiet)
            beside.append(TwinPool(setting, seed, folder, run))  # they give the run's orders
            run.twins |= _wait(beside[1], quiet)
    except KeyboardInterrupt:
        text = f"interrupted: what happened until then is in {folder / 'log.jsonl'}"
        raise KeyboardInterrupt(text) from None
    finally:
        for each in beside:
            each.stop()
        signal.signal(signal.SIGTERM, before)
    return run


def _wait(beside: TwinPool, quiet: bool) -> dict[str, Run]:
    with status("waiting for the twins", quiet):
        return beside.wait()


def _grade(setting: Setting, run: Run, folder: Path) -> Scores:
    from simulator.score import grade

    scores = grade(run, run.twins, setting.rubric)
    scores.write(folder / "scores.json")
    return scores


@contextmanager
def _progress(duration: int, quiet: bool) -> Iterator[Any]:
    """A bar over simulated time, on a terminal."""
    import sys

    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from simulator.units import format_ms

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("drill", total=duration)

        def tell(now: int) -> None:
            bar.update(
                task, completed=now, description=f"{format_ms(now)} of {format_ms(duration)}"
            )

        yield tell


@contextmanager
def status(text: str, quiet: bool) -> Iterator[None]:
    """A line that is there while something takes long, on a terminal."""
    import sys

    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield
