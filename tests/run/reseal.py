"""Seals anew: a log that was edited becomes the log of a program that wrote it so."""

from pathlib import Path

from simulator.run.folder import read_series
from simulator.run.log import Log, decode
from simulator.run.seal import START, write_sealed


def reseal(folder: Path) -> None:
    """Seal a folder whose log or inputs were edited."""
    path = folder / "log.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    log = Log(path)
    for line in lines:
        if not line.startswith(START):
            log.append(decode(line), line)
    write_sealed(log, folder, *read_series(folder / "series.npz"))
    log.close()
