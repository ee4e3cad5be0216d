"""Errors of user data: columns, values and files."""

import gzip
import zipfile

import pandas as pd
import pytest

from simulator.datasets import csv_file
from simulator.datasets.bounded_stream import line_blocks
from tests.datasets.conftest import KNOWN, errors, make_rows


def test_missing_columns_are_reported_at_once(convert):
    assert errors(convert, make_rows(), time="askd", target="sold", entity="client", features=["x1", "x9"]) == [
        ("time", "the file has no column 'askd'; did you mean 'asked'?"),
        ("target", f"the file has no column 'sold'; {KNOWN}"),
        ("entity", f"the file has no column 'client'; {KNOWN}"),
        ("features", f"the file has no column 'x9'; {KNOWN}"),
    ]  # fmt: skip


def test_mixed_types(convert):
    rows = make_rows().astype({"x2": object})
    rows.loc[[6, 8], "x2"] = "n/k"
    assert errors(convert, rows) == [(
        "source",
        "column 'x2' has 2,998 numbers and 2 texts, the first text is 'n/k' in row 7; correct it, "
        "read the column as texts with categories: [x2], or choose other columns with features:",
    )]  # fmt: skip
    assert len(convert(rows, features=["x1"]).columns) == 1


def test_mixed_types_are_counted_over_unsampled_rows(convert):
    rows = make_rows(20_000).astype({"x2": object})
    rows.loc[19_999, "x2"] = "?"
    ((_, text),) = errors(convert, rows, rows=300)
    assert "the first text is '?' in row 20,000" in text


def test_constant_columns(convert):
    rows = make_rows()[["asked", "bought"]].assign(x=1.0)
    assert errors(convert, rows) == [
        ("source", "has no column that varies beside the time and the outcome")
    ]
    assert errors(convert, rows, features=["x"]) == [
        ("features", "column 'x' has one value only; it carries no information")
    ]


def test_a_single_class(convert):
    assert errors(convert, make_rows().assign(bought="yes")) == [
        ("target", "column 'bought' has 'yes' in every row; a model needs both outcomes")
    ]
    rows = make_rows().assign(bought=3.0)
    assert errors(convert, rows, threshold=9)[0][1].startswith("column 'bought' has one side only")


def test_too_many_classes(convert):
    ((key, text),) = errors(convert, make_rows(), target="x1")
    assert key == "target"
    assert "different values, expected two; name one with positive:" in text


def test_a_positive_level_that_never_occurs(convert):
    assert errors(convert, make_rows(), positive="maybe") == [
        ("positive", "column 'bought' has no 'maybe'; it has no, yes")
    ]


def test_a_value_that_is_not_a_time(convert):
    rows = make_rows().astype({"asked": str})
    rows.loc[4, "asked"] = "soon"
    ((key, text),) = errors(convert, rows)
    assert key == "time"
    assert text.startswith(
        "column 'asked' is not a time in 1 of 3,000 rows, the first is 'soon' in row 5"
    )
    ((key, text),) = errors(convert, make_rows(), time="x1", features=["x2"])
    assert key == "time"


def test_an_unknown_time_zone(convert):
    rows = make_rows()
    rows["asked"] = rows["asked"].dt.tz_localize("UTC").map(lambda time: time.isoformat())
    assert errors(convert, rows, zone="Mars/Olympus") == [
        ("zone", "unknown time zone 'Mars/Olympus'; expected for example Europe/Oslo")
    ]


def test_a_label_before_its_row(convert):
    rows = make_rows()
    rows.loc[11, "known"] = rows.loc[0, "asked"] - pd.Timedelta("1h")
    assert errors(convert, rows, label_time="known") == [(
        "label_time",
        "column 'known' lies before 'asked' in 1 rows, the first is row 12; is one in another time zone?",
    )]  # fmt: skip


def test_the_outcome_cannot_be_a_feature(convert):
    ((key, text),) = errors(convert, make_rows(), features=["x1", "bought"])
    assert key == "features"
    assert text == "column 'bought' is not known at the time of a request; it cannot be a feature"


@pytest.mark.parametrize(
    "content, text",
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"asked,bought\n", "has a header and no rows"),
        (b"asked,x,x,bought\n1,2,3,4\n", "has more than one column 'x'"),
        (b"asked,x,bought\n1,2,3\n1,2,3,4,5\n", "row 2 has 5 fields, expected 3"),
        (b"asked,x,bought\n1,2,3,4\n", "has a row of more fields than its 3 columns"),
        (b"asked,x,bought\n1,2,\xff\n", "is not UTF-8 text (invalid start byte at byte 19)"),
        (b"\xff\xfea\0s\0", "is UTF-16 text, expected UTF-8"),
        (b"asked,x,bought\n1,\0,2\n", "contains bytes that are not text"),
        (b"asked,x,bought\n2026-01-01,1,a\n2026-01-01,2,b\n", "has 2 rows with a time and an outcome, expected 200 or more"),
        (b",".join(b"c%d" % i for i in range(2001)) + b"\n", "has 2,001 columns, expected 2,000 or fewer"),
    ],
)  # fmt: skip
def test_files_that_are_not_tables(convert, content, text):
    ((key, message),) = errors(convert, content)
    assert (key, message.removeprefix("rows.csv ")) == ("source", text)


@pytest.mark.slow
def test_a_zip_bomb(convert, tmp_path):
    small = gzip.compress(b"asked,x,bought\n" + b"1,1,1\n" * 12_000_000, 1)
    ((_, text),) = errors(convert, small, "rows.csv.gz")
    assert "MiB to more than 64 MiB; unpack it yourself if that is meant" in text
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.csv", "a")
        archive.writestr("b.csv", "b")
    ((_, text),) = errors(convert, (tmp_path / "two.zip").read_bytes(), "rows.csv.zip")
    assert text == "rows.csv.zip contains 2 files, expected one"


def test_a_line_without_an_end(convert, monkeypatch):
    monkeypatch.setattr(csv_file, "line_blocks", lambda stream: line_blocks(stream, 1000))
    ((_, text),) = errors(convert, b"asked,x,bought\n" + b"1" * 100_000)
    assert text.startswith("rows.csv has a line of more than")


@pytest.mark.parametrize(
    "name", ["rows.csv.gz", "rows.csv.zip", "rows.csv.xz", "rows.csv.bz2", "rows.parquet"]
)
def test_damaged_files(convert, name):
    ((_, text),) = errors(convert, b"no such thing at all", name)
    assert text.startswith((f"{name} is damaged", f"{name} is not a Parquet file"))
    assert "\n" not in text


def test_parquet_without_its_library(convert, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    ((_, text),) = errors(convert, b"PAR1", "rows.parquet")
    assert text == "rows.parquet Parquet needs pyarrow: pip install 'ml-gameday[parquet]'"
