"""Reads a CSV file block by block."""

import csv
import io
import re
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

import pandas as pd

from simulator.datasets.bounded_stream import UnreadableTable, line_blocks, opened

Read = Callable[[io.BytesIO], pd.DataFrame]


def read_csv(
    path: Path, texts: set[str], wanted: set[str] | None
) -> tuple[list[str], Iterator[pd.DataFrame]]:
    """The header of a CSV file, and a table for every block of lines.

    Parameters
    ----------
    texts : set of str
        Columns that are read as texts.
    wanted : set of str or None
        The columns of the tables; None for all.

    Raises
    ------
    UnreadableTable
    """
    blocks = _blocks(path)
    first = io.StringIO(_decode(next(blocks)), newline="")
    line = first.getvalue().partition("\n")[0]
    # The most frequent separator of the header; a comma if it has none.
    separator = max(",;\t|", key=lambda char: (line.count(char), char == ","))
    header = [name.strip() for name in next(csv.reader(first, delimiter=separator))]
    read = partial(
        pd.read_csv,
        sep=separator,
        header=None,
        names=header,
        index_col=False,
        usecols=None if wanted is None else [name for name in header if name in wanted],
        dtype=dict.fromkeys((name for name in header if name in texts), "str"),
        low_memory=False,
        skipinitialspace=True,
    )
    return header, _tables(chain([first.read().encode()], blocks), read, len(header))


def _blocks(path: Path) -> Iterator[bytes]:
    """Blocks of lines; the first one has the header."""
    with opened(path) as stream:
        blocks = line_blocks(stream)
        first = next(blocks, b"")
        if first.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise UnreadableTable("is UTF-16 text, expected UTF-8")
        first = first.removeprefix(b"\xef\xbb\xbf")
        if not first.strip():
            raise UnreadableTable("is empty")
        yield first
        yield from blocks


def _tables(blocks: Iterator[bytes], read: Read, width: int) -> Iterator[pd.DataFrame]:
    rows = 0
    for block in blocks:
        if block.strip():
            table = _parse(block, read, width, rows)
            rows += len(table)
            yield table


def _decode(block: bytes) -> str:
    if b"\0" in block:
        raise UnreadableTable("contains bytes that are not text")
    try:
        return block.decode("utf-8")
    except UnicodeDecodeError as error:
        text = f"is not UTF-8 text ({error.reason} at byte {error.start:,})"
        raise UnreadableTable(text) from None


def _parse(block: bytes, read: Read, width: int, rows_before: int) -> pd.DataFrame:
    _decode(block)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return read(io.BytesIO(block))
    except pd.errors.ParserWarning:
        raise UnreadableTable(f"has a row of more fields than its {width} columns") from None
    except (pd.errors.ParserError, ValueError, OverflowError) as error:
        fields = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(error))
        if fields:
            row = rows_before + int(fields[2])
            text = f"row {row:,} has {fields[3]} fields, expected {width}"
            raise UnreadableTable(text) from None
        raise UnreadableTable(f"is not a table: {str(error).strip()}") from None
