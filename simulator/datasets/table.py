"""A table from a user's file: read once, in blocks, and of a long one a fair sample kept.

Which rows are kept is drawn by their number, so that the same file gives the same rows,
whatever the blocks. Of every column it is counted how many values are numbers and how
many are texts, over all rows: a column that is both is for its owner to decide.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from simulator.datasets.bounded_stream import COMPRESSED, Unreadable, lines, opened
from simulator.pipeline.arrays import Ints
from simulator.streams import uniforms

# A sample of so many rows knows a base rate to a tenth of a point.
KEPT = 200_000
CELLS = 20_000_000
WIDEST = 2000
# A part of few rows takes several KiB all the same.
MANY = 32
PARQUET = (".parquet", ".pq")
SUFFIXES = (".csv", ".tsv", ".txt", *PARQUET)
INSTALL = "Parquet needs pyarrow: pip install 'ml-gameday[parquet]'"


@dataclass
class Kinds:
    """What the values of a column are: how many of each, and where the first one stands."""

    numbers: int = 0
    texts: int = 0
    first_text: tuple[int, str] = (0, "")


@dataclass
class Table:
    """The rows of a file that are kept.

    Attributes
    ----------
    values : pandas.DataFrame
        In the file's order.
    number : ndarray of int, shape (rows,)
        Which row of the file each is, from 1.
    rows : int
        In the file.
    kinds : dict of str to Kinds
        Of the columns that are neither texts nor times by what is known of them.
    header : list of str
        Every column of the file.
    """

    values: Any
    number: Ints
    rows: int
    kinds: dict[str, Kinds]
    header: list[str]


def suffix_of(path: Path) -> str:
    """What kind of table a file is, by its name: `.csv` of `rows.csv.gz`.

    Examples
    --------
    >>> suffix_of(Path("a/rows.csv.gz")), suffix_of(Path("rows.zip"))
    ('.csv', '.csv')
    """
    suffixes = [one.lower() for one in path.suffixes]
    if suffixes and suffixes[-1] in COMPRESSED:
        return suffixes[-2] if suffixes[-2:-1] and suffixes[-2] in SUFFIXES else ".csv"
    return suffixes[-1] if suffixes else ""


def read(
    path: Path,
    texts: Iterable[str],
    times: Iterable[str],
    only: Iterable[str] | None,
    keep: int = KEPT,
) -> Table:
    """Read a file's table.

    Parameters
    ----------
    path : Path
    texts : iterable of str
        Columns whose values are texts, even if they look like numbers.
    times : iterable of str
        Columns of times, of which it does not matter how they are written.
    only : iterable of str or None
        The columns that are wanted; None for all. Those that it has not got are no matter.
    keep : int
        Rows to keep at most.

    Raises
    ------
    Unreadable
        If it is no table.
    """
    texts = set(texts)
    wanted = None if only is None else set(only)
    if suffix_of(path) in PARQUET:
        header, chunks = _parquet(path, texts, wanted)
    else:
        header, chunks = _csv(path, texts, wanted)
    used = [name for name in header if wanted is None or name in wanted]
    apart = texts | set(times)
    kinds = {name: Kinds() for name in used if name not in apart}
    sample = _Sample(min(keep, CELLS // max(1, len(used))), kinds)
    for chunk in chunks:
        sample.add(chunk)
    if not sample.rows:
        raise Unreadable("has a header and no rows")
    values, number = sample.settle()
    return Table(values, number, sample.rows, sample.kinds, header)


@dataclass
class _Sample:
    """The rows of lowest lot among those seen so far."""

    size: int
    kinds: dict[str, Kinds]
    rows: int = 0
    limit: float = 1.0
    parts: list[tuple[Any, Any, Any]] = field(default_factory=list)

    def add(self, chunk: Any) -> None:
        number = np.arange(self.rows, self.rows + len(chunk))
        for name in self.kinds:
            self._count(name, chunk[name])
        self.rows += len(chunk)
        lot = uniforms(number, "rows of a table", 0)
        low = np.flatnonzero(lot <= self.limit)
        self.parts.append((chunk.iloc[low], number[low], lot[low]))
        if sum(len(one) for _, one, _ in self.parts) > 2 * self.size or len(self.parts) > MANY:
            self._thin()

    def _count(self, name: str, values: Any) -> None:
        import pandas as pd

        kinds = self.kinds[name]
        if values.dtype.kind in "iufM":
            kinds.numbers += int(values.notna().sum())
            return
        known = values.notna().to_numpy()
        number = known & pd.to_numeric(values, errors="coerce").notna().to_numpy()
        text = np.flatnonzero(known & ~number)
        if len(text) and not kinds.texts:
            kinds.first_text = (self.rows + int(text[0]) + 1, str(values.iloc[text[0]])[:40])
        kinds.numbers += int(number.sum())
        kinds.texts += len(text)

    def _thin(self) -> None:
        import pandas as pd

        lot = np.concatenate([one for _, _, one in self.parts])
        if len(lot) <= self.size:
            low = np.arange(len(lot))
        else:
            low = np.sort(np.argpartition(lot, self.size - 1)[: self.size])
            self.limit = float(lot[low].max())
        # Blocks may have taken one column for different things; that is counted elsewhere.
        table = pd.concat([part for part, _, _ in self.parts], ignore_index=True)
        number = np.concatenate([one for _, one, _ in self.parts])
        self.parts = [(table.iloc[low], number[low], lot[low])]

    def settle(self) -> tuple[Any, Ints]:
        self._thin()
        table, number, _ = self.parts[0]
        return table.reset_index(drop=True), number.astype(np.int64) + 1


def _unique(header: list[str]) -> list[str]:
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise Unreadable(f"has more than one column {twice[0]!r}")
    if len(header) > WIDEST:
        raise Unreadable(f"has {len(header):,} columns, expected {WIDEST:,} or fewer")
    return header


def _csv(path: Path, texts: set[str], wanted: set[str] | None) -> tuple[list[str], Iterator[Any]]:
    chunks = _blocks(path, texts, wanted)
    header: list[str] = next(chunks)
    return header, chunks


def _blocks(path: Path, texts: set[str], wanted: set[str] | None) -> Iterator[Any]:
    """The header, then a frame for every block of lines."""
    with opened(path) as stream:
        blocks = lines(stream)
        first = next(blocks, b"")
        if first.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise Unreadable("is UTF-16 text, expected UTF-8")
        first = first.removeprefix(b"\xef\xbb\xbf")
        if not first.strip():
            raise Unreadable("is empty")
        text = io.StringIO(_decoded(first), newline="")
        line = text.getvalue().partition("\n")[0]
        # The separator that the header has most of; a comma if it has none.
        separator = max(",;\t|", key=lambda one: (line.count(one), one == ","))
        names = next(csv.reader(text, delimiter=separator))
        yield _unique([name.strip() for name in names])
        header = [name.strip() for name in names]
        before = 0
        for block in chain([text.read().encode()], blocks):
            if block.strip():
                chunk = _parsed(block, header, separator, texts, wanted, before)
                before += len(chunk)
                yield chunk


def _decoded(block: bytes) -> str:
    if b"\0" in block:
        raise Unreadable("holds bytes that are no text")
    try:
        return block.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"is not UTF-8 text ({error.reason} at byte {error.start:,})") from None


def _parsed(
    block: bytes,
    header: list[str],
    separator: str,
    texts: set[str],
    wanted: set[str] | None,
    before: int,
) -> Any:
    import pandas as pd

    _decoded(block)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(
                io.BytesIO(block),
                sep=separator,
                header=None,
                names=header,
                index_col=False,
                usecols=None if wanted is None else [n for n in header if n in wanted],
                dtype=dict.fromkeys((n for n in header if n in texts), "str"),
                low_memory=False,
                skipinitialspace=True,
            )
    except pd.errors.ParserWarning:
        raise Unreadable(f"has a row of more fields than its {len(header)} columns") from None
    except (pd.errors.ParserError, ValueError, OverflowError) as error:
        found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(error))
        if found:
            row = before + int(found[2])
            text = f"row {row:,} has {found[3]} fields, expected {len(header)}"
            raise Unreadable(text) from None
        raise Unreadable(f"is no table: {str(error).strip()}") from None


def _parquet(
    path: Path, texts: set[str], wanted: set[str] | None
) -> tuple[list[str], Iterator[Any]]:
    try:
        import pyarrow.parquet as pq
        from pyarrow.lib import ArrowException
    except ImportError:
        raise Unreadable(INSTALL) from None
    if path.stat().st_size == 0:
        raise Unreadable("is empty")
    try:
        file = pq.ParquetFile(path)
    except (ArrowException, OSError) as error:
        raise Unreadable(f"is no Parquet file: {str(error).splitlines()[0]}") from None
    header = _unique(list(file.schema_arrow.names))
    groups = range(file.metadata.num_row_groups)
    size = max((file.metadata.row_group(i).total_byte_size for i in groups), default=0)
    if size > 2**30:
        raise Unreadable(f"has a row group of {size / 2**30:.1f} GiB, expected 1 GiB or less")
    used = [name for name in header if wanted is None or name in wanted]
    return header, _batches(file, used, texts)


def _batches(file: Any, used: list[str], texts: set[str]) -> Iterator[Any]:
    import pandas as pd
    from pyarrow.lib import ArrowException

    rows = max(1000, 1_000_000 // max(1, len(used)))
    try:
        for batch in file.iter_batches(batch_size=rows, columns=used):
            made = {name: _plain(batch.column(name), name in texts) for name in used}
            yield pd.DataFrame(made)
    except (ArrowException, OSError) as error:
        raise Unreadable(f"is damaged: {str(error).splitlines()[0]}") from None


def _plain(column: Any, text: bool) -> Any:
    """A column of Parquet as numbers, times or texts, as a CSV file would have it."""
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
