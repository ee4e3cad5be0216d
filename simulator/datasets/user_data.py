"""A user's own data: a table with a time and an outcome becomes dated rows with labels.

What the pipeline does not specify is inferred and noted (`Dataset.notes`): which columns are
numbers and which categories, the positive outcome, the columns and rows left out.
"""

from pathlib import Path

import numpy as np

from simulator.datasets.bounded_stream import UnreadableTable
from simulator.datasets.conversion import Conversion
from simulator.datasets.dataset import BadData, Dataset
from simulator.datasets.feature_columns import encode_features, entity_codes
from simulator.datasets.outcome import binary_labels, label_lags
from simulator.datasets.table import (
    DEFAULT_ROWS,
    PARQUET,
    SUFFIXES,
    UserTable,
    read_table,
    suffix_of,
)
from simulator.datasets.time_column import parse_times
from simulator.scenario.data import Data
from simulator.source import Issue, Key
from simulator.units import did_you_mean

# Fewer rows fit no model and show no drift.
MIN_ROWS = 200


def load(path: Path, data: Data) -> Dataset:
    """Dated rows with labels from a CSV or Parquet file, in order of time.

    Parameters
    ----------
    data : Data
        Names the columns of the file.

    Raises
    ------
    BadData
        All errors of the file and of the names of its columns.
    """
    if suffix_of(path) not in SUFFIXES:
        suffixes = ", ".join((*SUFFIXES[:1], *PARQUET[:1]))
        raise BadData([Issue(("source",), f"expected a file that ends in {suffixes} (or .gz)")])
    named = [data.time, data.target, data.entity, data.label_time]
    texts = [name for name in (data.target, data.entity, *data.categories) if name]
    times = [name for name in (data.time, data.label_time) if name]
    wanted = None if data.features is None else filter(None, [*named, *data.features])
    try:
        table = read_table(path, texts, times, wanted, data.rows or DEFAULT_ROWS)
    except UnreadableTable as error:
        raise BadData([Issue(("source",), f"{path.name} {error}")]) from None
    return _to_dataset(table, data)


def _to_dataset(table: UserTable, data: Data) -> Dataset:
    conversion = Conversion(table, data)
    _check_columns(conversion)
    assert data.time is not None
    assert data.target is not None
    if table.rows > len(table.values):
        conversion.notes.append(
            f"kept {len(table.values):,} of {table.rows:,} rows, drawn by their number "
            "(rows: keeps more)"
        )
    at = parse_times(conversion, "time", data.time)
    label = binary_labels(conversion, data.target)
    conversion.raise_errors()
    usable = ~np.isnat(at) & (label >= 0)
    if unusable := int((~usable).sum()):
        conversion.notes.append(f"left out {unusable:,} rows without a time or an outcome")
    if usable.sum() < MIN_ROWS:
        text = f"has {int(usable.sum()):,} rows with a time and an outcome"
        raise BadData([Issue(("source",), f"{text}, expected {MIN_ROWS} or more")])
    lag = label_lags(conversion, at, usable)
    columns, rows = encode_features(conversion, usable)
    entity = entity_codes(conversion)
    order = np.flatnonzero(usable)
    if (np.diff(at[order]) < np.timedelta64(0)).any():
        conversion.notes.append("the rows were not in order of time; they were sorted")
        order = order[np.argsort(at[order], kind="stable")]
    at = at[order]
    hour = (at - at.astype("datetime64[D]")).astype("timedelta64[h]").astype(np.int64)
    return Dataset(
        columns=columns,
        rows=rows[order],
        label=label[order].astype(np.int8),
        day=at.astype("datetime64[D]"),
        hour=hour,
        lag_ms=lag[order],
        entity=None if entity is None else entity[order],
        notes=tuple(conversion.notes),
    )


def _check_columns(conversion: Conversion) -> None:
    """Check that the file has all columns that the author names."""
    data, header = conversion.data, conversion.table.header
    named: list[tuple[tuple[Key, ...], str | None]]
    named = [((key,), getattr(data, key)) for key in ("time", "target", "entity", "label_time")]
    for key in ("features", "categories"):
        named += [((key, i), name) for i, name in enumerate(getattr(data, key) or ())]
    for path, name in named:
        if name is not None and name not in header:
            conversion.error(f"the file has no column {name!r}{did_you_mean(name, header)}", *path)
    conversion.raise_errors()
