"""Opening a past run's folder, with a hint if it is something else."""

from pathlib import Path

from simulator.run import Run, RunError


def open_run(folder: Path, twins: bool = True) -> Run:
    """A past run.

    Raises
    ------
    RunError
        If the folder is not a run's; with the likely one.
    """
    if not (folder / "log.jsonl").is_file():
        hint = _hint(str(folder))
        raise RunError(f"{folder}: not a run's folder: it has no log.jsonl{hint}")
    return Run.open(folder, twins)


def open_series(folder: Path) -> Run:
    """A past run that has its series, without its twins.

    Raises
    ------
    RunError
        If the folder is not a run's, or has no series.
    """
    run = open_run(folder, twins=False)
    if not run.series:
        raise RunError(f"{folder}: has no series, because the run was interrupted")
    return run


def _hint(name: str) -> str:
    """A suggestion, where there is a likely one."""
    from simulator.source import shipped_files
    from simulator.units import did_you_mean

    if name in shipped_files("drill"):
        return f"; it is a drill; play it with `drill run {name}`"
    runs = [str(log.parent) for log in sorted(Path("reports").glob("*/log.jsonl"))]
    return did_you_mean(name, runs) if runs else ""
