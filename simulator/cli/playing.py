"""Playing a drill into a folder, with its twins and its grade, for the commands that do."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.responders import Responder
    from simulator.run import Run
    from simulator.score import Scores
    from simulator.setting import Setting
    from simulator.twins import Progress, TwinPool


def play_and_grade(
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
    from simulator.pipeline.serving.one_by_one import compiled
    from simulator.responders.choose import choose
    from simulator.run import make_folder
    from simulator.setting import inputs, load

    with status("preparing", quiet):
        setting = load(scenario, overrides)
        name, chosen = choose(setting, responder)
        compiled()  # now, as compilation takes seconds
        relax_gc()
    folder = out or Path("reports") / f"{setting.scenario.name}-{seed}"
    make_folder(folder, force)
    with add_log_to_errors(folder):
        inputs.write(setting, folder / "inputs")
        run = _play(setting, seed, chosen, name, folder, twins, quiet)
        return run, _grade(setting, run, folder), folder


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


def _play(
    setting: Setting, seed: int, responder: Responder | None, name: str, folder: Path,
    twins: bool, quiet: bool,
) -> Run:  # fmt: skip
    import signal

    from simulator.twins import TwinPool, play

    # `kill` interrupts a run as Ctrl-C does, with an event in the log.
    handler = signal.signal(signal.SIGTERM, signal.default_int_handler)
    pools = [TwinPool(setting, seed, folder)] if twins else []
    try:
        with _progress(setting.scenario.duration, quiet) as progress:
            run = play(setting, seed, responder, name=name, folder=folder, progress=progress)
        if pools:
            run.twins = _wait(pools[0], quiet)
            pools.append(TwinPool(setting, seed, folder, run))  # these need the run's orders
            run.twins |= _wait(pools[1], quiet)
    except KeyboardInterrupt:
        text = f"interrupted: the log until then is in {folder / 'log.jsonl'}"
        raise KeyboardInterrupt(text) from None
    finally:
        for pool in pools:
            pool.stop()
        signal.signal(signal.SIGTERM, handler)
    return run


def _wait(pool: TwinPool, quiet: bool) -> dict[str, Run]:
    with status("waiting for the twins", quiet):
        return pool.wait()


def _grade(setting: Setting, run: Run, folder: Path) -> Scores:
    from simulator.score import grade

    scores = grade(run, run.twins, setting.rubric)
    scores.write(folder / "scores.json")
    return scores


@contextmanager
def _progress(duration: int, quiet: bool) -> Iterator[Progress | None]:
    """A progress bar of simulated time, on a terminal."""
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

        def update(now: int) -> None:
            description = f"{format_ms(now)} of {format_ms(duration)}"
            bar.update(task, completed=now, description=description)

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
