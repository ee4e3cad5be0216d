"""The copy of a user's rows in a run's folder: a replay needs nothing else."""

import json
import zipfile
from pathlib import Path

import numpy as np

from simulator.datasets.dataset import BadData, Dataset
from simulator.pipeline.rows import Column
from simulator.source import Issue

MAX_BYTES = 2**30
ARRAYS = ("rows", "label", "day", "hour", "lag_ms", "entity", "about")


def save(dataset: Dataset, path: Path) -> None:
    """Write a data set; `load` reads it back."""
    about = {
        "columns": [[column.name, list(column.levels)] for column in dataset.columns],
        "notes": list(dataset.notes),
    }
    entity = np.zeros(0, np.int64) if dataset.entity is None else dataset.entity
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            rows=dataset.rows,
            label=dataset.label,
            day=dataset.day.astype(np.int64),
            hour=dataset.hour,
            lag_ms=dataset.lag_ms,
            entity=entity,
            about=np.frombuffer(json.dumps(about).encode(), np.uint8),
        )


def load(path: Path) -> Dataset:
    """Read a data set that `save` wrote.

    Raises
    ------
    BadData
        If the file is another one.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_BYTES:
                raise ValueError("it is too large")
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in ARRAYS}
        about = json.loads(arrays["about"].tobytes())
        return Dataset(
            columns=tuple(Column(name, tuple(levels)) for name, levels in about["columns"]),
            rows=arrays["rows"],
            label=arrays["label"],
            day=arrays["day"].astype("datetime64[D]"),
            hour=arrays["hour"],
            lag_ms=arrays["lag_ms"],
            entity=arrays["entity"] if len(arrays["entity"]) else None,
            notes=tuple(about["notes"]),
        )
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        text = f"{path.name} is not a copy of rows from a run's folder: {error}"
        raise BadData([Issue(("source",), text)]) from None
