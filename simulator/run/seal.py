"""The seal of a run: the last line of its log, with hashes of all that belongs to the run.

A folder that was edited, or put together from two runs, does not match the seal, and whoever opens
it is told. A run that was killed has no seal, and no series; its log is readable all the same. The
seal is no protection from somebody who computes the hashes anew.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from simulator.run.events import Event
from simulator.run.folder import RunError, atomic_write, inputs_folder, save_series
from simulator.run.log import Log, encode

START = b'{"kind":"seal",'


class Seal(Event, frozen=True, tag="seal"):
    """The last line of a log; it is no event of the run.

    Attributes
    ----------
    log : str
        The SHA-256 of all bytes before this line, and of this line with an empty `log`.
    series : str
        Of `series.npz`.
    inputs : dict
        Of each file in `inputs/`, by its name; empty if there was none.
    """

    in_digest = False

    log: str = ""
    series: str = ""
    inputs: dict[str, str] = msgspec.field(default_factory=dict)


def write_sealed(
    log: Log,
    folder: Path,
    series: Mapping[str, NDArray[Any]],
    truth_times: NDArray[np.int64],
    truth: Mapping[str, NDArray[np.float64]],
) -> None:
    """Write a run's series, and seal its log.

    The series appear last, so that a log beside series without a seal was cut.
    """
    with atomic_write(folder / "series.npz") as part:
        save_series(part, series, truth_times, truth)
        seal = Seal(log.events[-1].t, "run", series=_hash(part), inputs=_input_hashes(folder))
        log.write_line(encode(msgspec.structs.replace(seal, log=log.hash_with(encode(seal)))))


def check_seal(folder: Path, lines: Sequence[bytes], line: bytes | None) -> None:
    """Compare a run's folder with its seal.

    Parameters
    ----------
    lines : sequence of bytes
        The lines of the log but the seal.
    line : bytes or None
        The line of the seal, with its line feed; None if the log has none.

    Raises
    ------
    RunError
        If a file was changed, is missing or belongs to another run.
    """
    path = folder / "log.jsonl"
    if line is None:
        if (folder / "series.npz").is_file():
            raise RunError(f"{path}: was cut: the run has its series, and the log has no seal")
        return
    edited = RunError(f"{path}: was edited: it differs from its seal")
    try:
        seal = msgspec.json.decode(line, type=Seal)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise edited from None
    content = b"".join(lines) + encode(msgspec.structs.replace(seal, log=""))
    # Written in any other way, it is not the line that was written.
    if hashlib.sha256(content).hexdigest() != seal.log or encode(seal) + b"\n" != line:
        raise edited
    series = folder / "series.npz"
    if not series.is_file():
        raise RunError(f"{series}: is missing: the run had its series")
    if _hash(series) != seal.series:
        raise RunError(f"{series}: is damaged, or not of this run: it differs from the log's seal")
    inputs = inputs_folder(folder)
    if seal.inputs and inputs.is_dir():  # a twin in the cache has none
        _check_inputs(inputs, seal.inputs, _input_hashes(folder))


def _check_inputs(inputs: Path, sealed: Mapping[str, str], present: Mapping[str, str]) -> None:
    for name in sorted({*sealed, *present}):
        if name not in present:
            raise RunError(f"{inputs / name}: is missing: the run had it")
        if sealed.get(name) != present[name]:
            raise RunError(f"{inputs / name}: not of this run: it differs from the log's seal")


def _input_hashes(folder: Path) -> dict[str, str]:
    """The hash of each file of the inputs; hidden files are the file manager's."""
    inputs = inputs_folder(folder)
    files = [path for path in inputs.glob("*") if path.is_file()]
    return {path.name: _hash(path) for path in sorted(files) if not path.name.startswith(".")}


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
