"""Reads a Parquet file batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from simulator.datasets.bounded_stream import UnreadableTable

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

INSTALL = "Parquet needs pyarrow: pip install 'ml-gameday[parquet]'"
MAX_GROUP_BYTES = 2**30


def read_parquet(
    path: Path, texts: set[str], wanted: set[str] | None
) -> tuple[list[str], Iterator[pd.DataFrame]]:
    """The column names of a Parquet file, and a table for every batch of rows.

    Its arguments and errors are those of `read_csv`.
    """
    try:
        import pyarrow.parquet as pq
        from pyarrow.lib import ArrowException
    except ImportError:
        raise UnreadableTable(INSTALL) from None
    if path.stat().st_size == 0:
        raise UnreadableTable("is empty")
    try:
        file = pq.ParquetFile(path)
    except (ArrowException, OSError) as error:
        raise UnreadableTable(f"is not a Parquet file: {str(error).splitlines()[0]}") from None
    header = list(file.schema_arrow.names)
    groups = range(file.metadata.num_row_groups)
    size = max((file.metadata.row_group(i).total_byte_size for i in groups), default=0)
    if size > MAX_GROUP_BYTES:
        raise UnreadableTable(f"has a row group of {size / 2**30:.1f} GiB, expected 1 GiB or less")
    used = [name for name in header if wanted is None or name in wanted]
    return header, _tables(file, used, texts)


def _tables(file: pq.ParquetFile, used: list[str], texts: set[str]) -> Iterator[pd.DataFrame]:
    from pyarrow.lib import ArrowException

    rows = max(1000, 1_000_000 // max(1, len(used)))
    try:
        for batch in file.iter_batches(batch_size=rows, columns=used):
            columns = {name: _as_in_csv(batch.column(name), name in texts) for name in used}
            yield pd.DataFrame(columns)
    except (ArrowException, OSError) as error:
        raise UnreadableTable(f"is damaged: {str(error).splitlines()[0]}") from None


def _as_in_csv(column: pa.Array, text: bool) -> pd.Series:
    """A column as numbers, times or texts, the types that a CSV file has."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if text:
        column = column.cast(pa.string())
    elif pa.types.is_decimal(kind):
        column = column.cast(pa.float64())
    elif pa.types.is_date(kind):
        column = column.cast(pa.timestamp("ms"))
    elif pa.types.is_nested(kind) or pa.types.is_binary(kind):
        column = pa.array([None] * len(column), pa.string())
    return column.to_pandas()
