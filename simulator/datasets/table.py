"""Reads a table from a user's file in one pass, and samples its rows if there are many."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from simulator.datasets.bounded_stream import COMPRESSED, UnreadableTable
from simulator.datasets.csv_file import read_csv
from simulator.datasets.parquet_file import read_parquet
from simulator.datasets.row_sample import RowSample
from simulator.pipeline.arrays import Ints

# A sample of this size estimates a base rate with a standard error of a tenth of a point.
DEFAULT_ROWS = 200_000
MAX_CELLS = 20_000_000
MAX_COLUMNS = 2000
PARQUET = (".parquet", ".pq")
SUFFIXES = (".csv", ".tsv", ".txt", *PARQUET)


@dataclass
class ColumnKinds:
    """How many values of a column are numbers and texts, and the first text with its row.

    Examples
    --------
    >>> kinds = ColumnKinds()
    >>> kinds.count(pd.Series(["1.5", None, "n/a"]), 0)
    >>> kinds
    ColumnKinds(numbers=1, texts=1, first_text=(3, 'n/a'))
    """

    numbers: int = 0
    texts: int = 0
    first_text: tuple[int, str] = (0, "")

    def count(self, values: pd.Series, rows_before: int) -> None:
        """Add a block's values of the column."""
        if values.dtype.kind in "iufM":
            self.numbers += int(values.notna().sum())
            return
        present = values.notna().to_numpy()
        number = present & pd.to_numeric(values, errors="coerce").notna().to_numpy()
        text = np.flatnonzero(present & ~number)
        if len(text) and not self.texts:
            self.first_text = (rows_before + int(text[0]) + 1, str(values.iloc[text[0]])[:40])
        self.numbers += int(number.sum())
        self.texts += len(text)


@dataclass
class UserTable:
    """The sampled rows of a file.

    Attributes
    ----------
    values : pandas.DataFrame
        In the file's order.
    number : ndarray of int, shape (rows,)
        Row numbers in the file, from 1.
    rows : int
        Of the file.
    kinds : dict of str to ColumnKinds
        Over all rows of the file, of the columns that are neither texts nor times by name.
    header : list of str
        All columns of the file.
    """

    values: pd.DataFrame
    number: Ints
    rows: int
    kinds: dict[str, ColumnKinds]
    header: list[str]


def suffix_of(path: Path) -> str:
    """The table format by the file's name: `.csv` for `rows.csv.gz`.

    Examples
    --------
    >>> suffix_of(Path("a/rows.csv.gz")), suffix_of(Path("rows.zip"))
    ('.csv', '.csv')
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in COMPRESSED:
        return suffixes[-2] if suffixes[-2:-1] and suffixes[-2] in SUFFIXES else ".csv"
    return suffixes[-1] if suffixes else ""


def read_table(
    path: Path,
    texts: Iterable[str],
    times: Iterable[str],
    wanted: Iterable[str] | None,
    max_rows: int = DEFAULT_ROWS,
) -> UserTable:
    """Read a file's table.

    Parameters
    ----------
    texts : iterable of str
        Columns of texts, even if their values look like numbers.
    times : iterable of str
        Columns of times, in any format.
    wanted : iterable of str or None
        The columns to read, those that the file lacks excepted; None for all.

    Raises
    ------
    UnreadableTable
    """
    texts = set(texts)
    names = None if wanted is None else set(wanted)
    read = read_parquet if suffix_of(path) in PARQUET else read_csv
    header, chunks = read(path, texts, names)
    _check_header(header)
    used = [name for name in header if names is None or name in names]
    typed = texts | set(times)
    kinds = {name: ColumnKinds() for name in used if name not in typed}
    sample = RowSample(min(max_rows, MAX_CELLS // max(1, len(used))))
    for chunk in chunks:
        for name, column_kinds in kinds.items():
            column_kinds.count(chunk[name], sample.rows)
        sample.add(chunk)
    if not sample.rows:
        raise UnreadableTable("has a header and no rows")
    values, number = sample.result()
    return UserTable(values, number, sample.rows, kinds, header)


def _check_header(header: list[str]) -> None:
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise UnreadableTable(f"has more than one column {repeated[0]!r}")
    if len(header) > MAX_COLUMNS:
        raise UnreadableTable(f"has {len(header):,} columns, expected {MAX_COLUMNS:,} or fewer")
