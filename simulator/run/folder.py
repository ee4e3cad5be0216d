"""The files of a run's folder: made, written and read without leaving partial ones."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class RunError(Exception):
    """A run's folder that cannot be read or must not be overwritten."""


def inputs_folder(folder: Path) -> Path:
    """The inputs of a run's folder; a twin shares those of its run.

    Examples
    --------
    >>> inputs_folder(Path("reports/nowhere-1")).as_posix()
    'reports/nowhere-1/inputs'
    """
    own, resolved = folder / "inputs", folder.resolve()
    shared = resolved.parents[1] / "inputs" if len(resolved.parents) > 1 else own
    is_twin = resolved.parent.name == "twins" and not own.is_dir() and shared.is_dir()
    return shared if is_twin else own


def save_series(
    path: Path,
    series: Mapping[str, NDArray[Any]],
    truth_times: NDArray[np.int64],
    truth: Mapping[str, NDArray[np.float64]],
) -> None:
    """Write series and true values."""
    arrays: dict[str, NDArray[Any]] = dict(series)
    arrays["truth/times"] = truth_times
    for name, values in truth.items():
        arrays[f"truth/{name}"] = values
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically."""
    with atomic_write(path) as part:
        part.write_text(text, encoding="utf-8")


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """A temporary path that becomes the file at the end; a full disk leaves no partial file."""
    part = path.with_name(path.name + ".part")
    try:
        yield part
        os.replace(part, path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


class StoredArrays(Mapping[str, NDArray[Any]]):
    """Arrays of a sealed file, each read when it is first used: of most twins nobody uses any."""

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        self._path = path
        self._names = dict.fromkeys(names)
        self._arrays: dict[str, NDArray[Any]] = {}

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._arrays:
            with np.load(self._path, allow_pickle=False) as stored:
                self._arrays[name] = stored[name]
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def read_series(
    path: Path,
) -> tuple[Mapping[str, NDArray[Any]], NDArray[np.int64], dict[str, NDArray[np.float64]]]:
    """The series of a sealed run, and its true values with their times; empty without the file."""
    if not path.is_file():
        return {}, np.zeros(0, np.int64), {}
    with np.load(path, allow_pickle=False) as stored:
        names = stored.files
        truth = {name[6:]: stored[name] for name in names if name.startswith("truth/")}
    series = StoredArrays(path, [name for name in names if not name.startswith("truth/")])
    return series, truth.pop("times"), truth


def refuse_run(folder: Path) -> None:
    """Refuse a folder with a run, which a new one would overwrite.

    Raises
    ------
    RunError
    """
    if (folder / "log.jsonl").exists():
        raise RunError(f"{folder}: contains a run; choose another folder")


def make_folder(folder: Path, force: bool = False) -> None:
    """Make an empty folder for a run.

    Raises
    ------
    RunError
        If the folder holds a run and `force` is not set, or holds anything else.
    """
    if folder.exists() and any(folder.iterdir()):
        if not (folder / "log.jsonl").is_file():
            raise RunError(f"{folder}: is not empty and has no run; choose another with --out")
        if not force:
            raise RunError(
                f"{folder}: contains a run; replace it with --force, or choose another with --out"
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
