"""Reads a column of times."""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.datasets.conversion import Conversion

_OFFSET = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")
# 1970 to 2200 in seconds is below this number, in milliseconds above it from April 1970.
MAX_SECONDS = 8e9


def parse_times(conversion: Conversion, key: str, name: str) -> NDArray[np.datetime64]:
    """The local times of a column, NaT for nulls.

    Parameters
    ----------
    key : str
        The key of `data:` that names the column.
    name : str
        The column.

    Returns
    -------
    ndarray of datetime64[ms], shape (rows,)
    """
    table, data = conversion.table, conversion.data
    values = table.values[name]
    if values.dtype.kind == "M":
        has_zone = values.dt.tz is not None
        times = pd.to_datetime(values, utc=True)
    elif values.dtype.kind in "iuf" and data.time_format is None:
        has_zone, times = True, _since_1970(values)
    else:
        text = values.astype("object").map(str, na_action="ignore")
        has_zone = bool(text.dropna().map(lambda value: bool(_OFFSET.search(value))).any())
        time_format = data.time_format or "ISO8601"
        try:
            times = pd.to_datetime(text, format=time_format, errors="coerce", utc=True)
        except ValueError as error:
            conversion.error(f"{time_format!r} is not a time format: {error}", "time_format")
            return np.full(len(values), "NaT", "datetime64[ms]")
    bad = np.flatnonzero((values.notna() & times.isna()).to_numpy())
    if len(bad):
        first = f"{str(values.iloc[bad[0]])[:40]!r} in row {table.number[bad[0]]:,}"
        conversion.error(
            f"column {name!r} is not a time in {len(bad):,} of {len(values):,} rows, the first "
            f"is {first}; expected for example 2026-03-09T08:00:00, or seconds since 1970, "
            "or give their format with time_format: '%d/%m/%Y %H:%M'",
            key,
        )
    if has_zone:
        zone = data.zone or "UTC"
        try:
            times = times.dt.tz_convert(ZoneInfo(zone))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            conversion.error(
                f"unknown time zone {zone!r}; expected for example Europe/Oslo", "zone"
            )
        if key == "time":
            conversion.notes.append(f"hours of the day are those of {zone}")
    local: NDArray[np.datetime64]
    local = times.dt.tz_localize(None).to_numpy().astype("datetime64[ms]")
    return local


def _since_1970(values: pd.Series) -> pd.Series:
    """Times that count seconds or milliseconds since 1970, by their size."""
    number = values.to_numpy(np.float64)
    present = number[~np.isnan(number)]
    unit = "ms" if len(present) and np.median(present) > MAX_SECONDS else "s"
    limit = MAX_SECONDS * (1000 if unit == "ms" else 1)
    valid = (number > 0) & (number < limit)
    return pd.to_datetime(pd.Series(np.where(valid, number, np.nan)), unit=unit, utc=True)
