"""The user's own rows: what is inferred and said, what is refused, and a drill on them."""

import gzip
import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator.cli import call
from simulator.datasets import bounded_stream, sources, table
from simulator.datasets.frame import make_pool
from simulator.datasets.survey import survey
from simulator.datasets.user_data import BadData
from simulator.datasets.user_data import load as own
from simulator.pipeline.model import learner
from simulator.scenario.data import Data
from simulator.session import Session
from simulator.setting import inputs, load

SMALL = Path(__file__).parents[1] / "small"
ROWS = 3000


def made(count=ROWS, days=42, seed=1):
    """Six weeks of customers in order of time."""
    dice = np.random.default_rng(seed)
    minutes = np.sort(dice.integers(0, days * 24 * 60, count))
    asked = np.datetime64("2026-01-01T00:00") + minutes.astype("timedelta64[m]")
    x1, x2 = dice.standard_normal((2, count)).round(4)
    bought = dice.random(count) < 1 / (1 + np.exp(-3 * x1 - x2))
    return pd.DataFrame({
        "asked": asked.astype("datetime64[s]"),
        "x1": x1,
        "x2": x2,
        "segment": dice.standard_normal(count).round(3),
        "shop": dice.choice(["north", "south"], count),
        "customer": dice.integers(0, 300, count),
        "known": (asked + dice.integers(10, 90, count).astype("timedelta64[m]")).astype("datetime64[s]"),
        "bought": np.where(bought, "yes", "no"),
    })  # fmt: skip


def about(**more):
    return Data(source="rows.csv", **{"time": "asked", "target": "bought", **more})


@pytest.fixture
def frame_of(tmp_path):
    """What is read from a table; `name` says as what it is written."""

    def frame_of(written, name="rows.csv", **more):
        path = tmp_path / name
        if isinstance(written, bytes):
            path.write_bytes(written)
        elif name.endswith("parquet"):
            written.to_parquet(path)
        else:
            written.to_csv(path, index=False)
        return own(path, about(**more))

    return frame_of


def complaints(frame_of, written, name="rows.csv", **more):
    with pytest.raises(BadData) as error:
        frame_of(written, name, **more)
    return [(wrong.path[0], wrong.text) for wrong in error.value.wrongs]


# -- what is read ---------------------------------------------------------------------------


def test_rows_become_dated_rows_with_labels(frame_of):
    rows = made()
    frame = frame_of(rows, label_time="known", entity="customer")
    assert [column.name for column in frame.columns] == ["x1", "x2", "segment", "shop"]
    assert frame.columns[3].levels == ("north", "south")
    assert np.array_equal(frame.rows[:, 0], rows["x1"])
    assert np.array_equal(frame.rows[:, 3] == 0, rows["shop"] == "north")
    assert np.array_equal(frame.label == 1, rows["bought"] == "yes")
    assert np.array_equal(frame.hour, rows["asked"].dt.hour)
    assert np.array_equal(
        frame.lag_ms / 60_000, (rows["known"] - rows["asked"]).dt.total_seconds() / 60
    )
    assert frame.notes == ("positive means bought = yes", "300 entities by 'customer'")


def test_labels_come_as_late_as_they_do_up_to_five_days(frame_of):
    rows = made()
    days = np.array([1, 3, 5, 9])[np.arange(ROWS) % 4]
    rows["known"] = rows["asked"] + pd.to_timedelta(days, unit="D")
    frame = frame_of(rows, label_time="known")
    assert np.array_equal(frame.lag_ms, np.minimum(days, 5) * 86_400_000.0)
    assert "750 labels take longer than 5 days; they come after 5 days" in frame.notes
    pool = make_pool(frame, np.arange(ROWS), learner.fit(frame.rows, frame.label, frame.columns, 1))
    assert np.array_equal(pool.lag_ms, frame.lag_ms)
    assert any("longer than 5 days" in note for note in frame_of(rows, label_after="6d").notes)


@pytest.mark.parametrize("name", ["rows.parquet", "rows.csv.gz", "rows.csv.zip", "rows.csv.xz"])
def test_other_formats_give_the_same_rows(frame_of, name):
    rows = made()
    plain, other = frame_of(rows), frame_of(rows, name)
    assert plain.columns == other.columns
    assert np.array_equal(plain.rows, other.rows)
    assert np.array_equal(plain.label, other.label)
    assert np.array_equal(plain.day, other.day)


def test_semicolons_a_byte_order_mark_and_quoted_line_breaks(frame_of):
    rows = made()
    rows["shop"] = np.where(rows["shop"] == "north", "no\nrth", "south")
    text = rows.to_csv(index=False, sep=";")
    frame = frame_of(b"\xef\xbb\xbf" + text.encode())
    assert frame.columns[3].levels == ("no\nrth", "south")
    assert len(frame.rows) == ROWS


def test_blocks_do_not_matter(frame_of, monkeypatch):
    rows = made()
    rows["shop"] = np.where(rows["shop"] == "north", 'n"o\nr,th', "south")
    whole = frame_of(rows)
    monkeypatch.setattr(table, "lines", lambda stream: bounded_stream.lines(stream, 1000))
    parts = frame_of(rows)
    assert whole.columns == parts.columns
    assert np.array_equal(whole.rows, parts.rows)


def test_rows_in_any_order_are_sorted_and_it_is_said(frame_of):
    rows = made()
    mixed = rows.sample(frac=1, random_state=3)
    frame = frame_of(mixed)
    assert np.array_equal(np.sort(frame.rows[:, 0]), np.sort(rows["x1"]))
    assert (np.diff(frame.day) >= np.timedelta64(0)).all()
    assert "the rows were not in order of time; they were sorted" in frame.notes


def test_hours_are_those_of_a_zone(frame_of):
    rows = made()
    rows["asked"] = rows["asked"].dt.tz_localize("UTC").map(lambda one: one.isoformat())
    assert "hours of the day are those of UTC" in frame_of(rows).notes
    utc, tokyo = frame_of(rows).hour, frame_of(rows, zone="Asia/Tokyo").hour
    assert np.array_equal((utc + 9) % 24, tokyo)


@pytest.mark.parametrize("unit, each", [("s", 1), ("ms", 1000)])
def test_times_may_count_from_1970(frame_of, unit, each):
    rows = made()
    seconds = rows["asked"].astype("datetime64[s]").astype("int64")
    written = frame_of(rows.assign(asked=seconds * each))
    assert np.array_equal(written.hour, frame_of(rows).hour)


def test_times_may_be_written_in_a_form_of_their_own(frame_of):
    rows = made()
    own_form = rows.assign(asked=rows["asked"].dt.strftime("%d/%m/%Y %H:%M"))
    assert np.array_equal(
        frame_of(own_form, time_format="%d/%m/%Y %H:%M").hour, frame_of(rows).hour
    )


def test_outcomes_may_be_numbers_with_a_threshold_or_one_value_of_many(frame_of):
    rows = made()
    late = frame_of(rows.assign(bought=rows["x1"] * 10), threshold=5, features=["x1", "x2"])
    assert np.array_equal(late.label == 1, rows["x1"] >= 0.5)
    kinds = rows.assign(bought=np.where(rows["x1"] > 1, "gold", rows["bought"]))
    assert np.array_equal(frame_of(kinds, positive="gold").label == 1, rows["x1"] > 1)
    numbers = rows.assign(bought=(rows["bought"] == "yes") * 1)
    assert np.array_equal(frame_of(numbers).label == 1, rows["bought"] == "yes")
    assert np.array_equal(frame_of(numbers, positive=0).label == 1, rows["bought"] == "no")


def test_what_tells_nothing_is_left_out_and_it_is_said(frame_of):
    rows = made().assign(one=7, text="same", comment=[f"comment {i}" for i in range(ROWS)])
    rows.loc[:9, "bought"] = None
    frame = frame_of(rows)
    assert [column.name for column in frame.columns] == ["x1", "x2", "segment", "shop", "customer"]
    assert "left out 'one': it has one value only" in frame.notes
    assert "left out 'text': it has one value only" in frame.notes
    assert "left out 'comment': 2,990 different texts (categories: keeps it)" in frame.notes
    assert "left out 'known': it is a time" not in frame.notes
    assert "left out 10 rows without a time or an outcome" in frame.notes
    assert len(frame.rows) == ROWS - 10


def test_numbers_may_be_categories_and_rare_levels_are_together(frame_of):
    rows = made()
    frame = frame_of(rows, categories=["customer"])
    (customer,) = [column for column in frame.columns if column.name == "customer"]
    assert len(customer.levels) == 100
    assert customer.levels[-1] == "(other)"
    assert "'customer': 201 rare levels are '(other)'" in frame.notes


def test_nulls_are_nulls(frame_of):
    rows = made()
    rows.loc[:99, "x1"] = np.nan
    rows.loc[50:149, "shop"] = None
    frame = frame_of(rows)
    assert np.isnan(frame.rows).sum(axis=0).tolist() == [100, 0, 0, 100, 0]


def test_a_long_file_gives_a_sample_that_is_the_same_each_time(frame_of, monkeypatch):
    rows = made(20_000)
    frame = frame_of(rows, rows=1000)
    assert len(frame.rows) == 1000
    assert "kept 1,000 of 20,000 rows, drawn by their number (rows: raises it)" in frame.notes
    monkeypatch.setattr(table, "lines", lambda stream: bounded_stream.lines(stream, 50_000))
    assert np.array_equal(frame.rows, frame_of(rows, rows=1000).rows)
    # It is fair: every part of the file has its share, and labels keep their rate.
    assert abs(frame.label.mean() - (rows["bought"] == "yes").mean()) < 4 * 0.5 / 1000**0.5
    weeks = np.bincount((frame.day - frame.day.min()).astype(int) // 7)
    assert (abs(weeks - 1000 / 6) < 4 * (1000 / 6) ** 0.5).all()


def test_memory_does_not_grow_with_the_file(tmp_path, monkeypatch):
    import tracemalloc

    monkeypatch.setattr(table, "lines", lambda stream: bounded_stream.lines(stream, 20_000))
    line, most = "2026-01-01T00:00:00,{},0.5,{}\n", []
    for count in (1000, 40_000, 160_000):
        path = tmp_path / f"{count}.csv"
        path.write_text(
            "asked,x1,x2,bought\n" + "".join(line.format(i, i % 2) for i in range(count))
        )
        tracemalloc.start()
        assert len(own(path, about(rows=500)).rows) == 500
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # The first one also imports; four times as many rows take no more room.
    assert most[2] < 1.2 * most[1]


def test_an_entity_s_earlier_value_is_its_own(frame_of):
    rows = made()
    frame = frame_of(rows, entity="customer")
    pool = datasets_pool(frame)
    customer = rows["customer"].to_numpy()
    has = pool.previous >= 0
    assert np.array_equal(customer[has], customer[pool.previous[has]])
    assert (pool.previous[has] < np.flatnonzero(has)).all()
    assert has.sum() == ROWS - 300


def datasets_pool(frame):
    from simulator.datasets.frame import make_pool
    from simulator.pipeline.model import learner

    model = learner.fit(frame.rows, frame.label, frame.columns, 1)
    return make_pool(frame, np.arange(len(frame.rows)), model)


# -- what is refused ------------------------------------------------------------------------


KNOWN = "expected one of asked, x1, x2, segment, shop, customer, known, bought"


def test_missing_columns_all_at_once(frame_of):
    assert complaints(frame_of, made(), time="askd", target="sold", entity="client", features=["x1", "x9"]) == [
        ("time", "the file has no column 'askd'; did you mean 'asked'?"),
        ("target", f"the file has no column 'sold'; {KNOWN}"),
        ("entity", f"the file has no column 'client'; {KNOWN}"),
        ("features", f"the file has no column 'x9'; {KNOWN}"),
    ]  # fmt: skip


def test_mixed_types(frame_of):
    rows = made().astype({"x2": object})
    rows.loc[[6, 8], "x2"] = "n/k"
    assert complaints(frame_of, rows) == [(
        "source",
        "column 'x2' has 2,998 numbers and 2 texts, the first text is 'n/k' in row 7; mend it, or "
        "read it as texts with categories: [x2], or choose others with features:",
    )]  # fmt: skip
    assert len(frame_of(rows, features=["x1"]).columns) == 1


def test_mixed_types_are_seen_in_rows_that_are_not_kept(frame_of):
    rows = made(20_000).astype({"x2": object})
    rows.loc[19_999, "x2"] = "?"
    ((_, text),) = complaints(frame_of, rows, rows=300)
    assert "the first text is '?' in row 20,000" in text


def test_no_variance(frame_of):
    rows = made()[["asked", "bought"]].assign(x=1.0)
    assert complaints(frame_of, rows) == [
        ("source", "has no column that varies beside the time and the outcome")
    ]
    assert complaints(frame_of, rows, features=["x"]) == [
        ("features", "column 'x' has one value only; it tells nothing")
    ]


def test_one_class(frame_of):
    assert complaints(frame_of, made().assign(bought="yes")) == [
        ("target", "column 'bought' has 'yes' in every row; a model needs both outcomes")
    ]
    rows = made().assign(bought=3.0)
    assert complaints(frame_of, rows, threshold=9)[0][1].startswith(
        "column 'bought' has one side only"
    )


def test_too_many_classes(frame_of):
    ((key, text),) = complaints(frame_of, made(), target="x1")
    assert key == "target"
    assert "different values, expected two; name one with positive:" in text


def test_an_outcome_that_is_not_there(frame_of):
    assert complaints(frame_of, made(), positive="maybe") == [
        ("positive", "column 'bought' has no 'maybe'; it has no, yes")
    ]


def test_a_time_that_is_no_time(frame_of):
    rows = made().astype({"asked": str})
    rows.loc[4, "asked"] = "soon"
    ((key, text),) = complaints(frame_of, rows)
    assert key == "time"
    assert text.startswith(
        "column 'asked' is not a time in 1 of 3,000 rows, the first is 'soon' in row 5"
    )
    ((key, text),) = complaints(frame_of, made(), time="x1", features=["x2"])
    assert key == "time"


def test_a_zone_that_is_none(frame_of):
    rows = made()
    rows["asked"] = rows["asked"].dt.tz_localize("UTC").map(lambda one: one.isoformat())
    assert complaints(frame_of, rows, zone="Mars/Olympus") == [
        ("zone", "unknown time zone 'Mars/Olympus'; expected for example Europe/Oslo")
    ]


def test_a_label_before_its_row(frame_of):
    rows = made()
    rows.loc[11, "known"] = rows.loc[0, "asked"] - pd.Timedelta("1h")
    assert complaints(frame_of, rows, label_time="known") == [(
        "label_time",
        "column 'known' lies before 'asked' in 1 rows, the first is row 12; is one in another time zone?",
    )]  # fmt: skip


def test_what_is_known_too_late_is_no_feature(frame_of):
    ((key, text),) = complaints(frame_of, made(), features=["x1", "bought"])
    assert key == "features"
    assert text == "column 'bought' is not known when a row asks; it cannot be a feature"


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
        (b"asked,x,bought\n1,\0,2\n", "holds bytes that are no text"),
        (b"asked,x,bought\n2026-01-01,1,a\n2026-01-01,2,b\n", "has 2 rows with a time and an outcome, expected 200 or more"),
        (b",".join(b"c%d" % i for i in range(2001)) + b"\n", "has 2,001 columns, expected 2,000 or fewer"),
    ],
)  # fmt: skip
def test_files_that_are_no_tables(frame_of, content, text):
    ((key, said),) = complaints(frame_of, content)
    assert (key, said.removeprefix("rows.csv ")) == ("source", text)


def test_a_zip_bomb(frame_of, tmp_path):
    small = gzip.compress(b"asked,x,bought\n" + b"1,1,1\n" * 12_000_000, 1)
    ((_, said),) = complaints(frame_of, small, "rows.csv.gz")
    assert "MiB to more than 64 MiB; unpack it yourself if that is meant" in said
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.csv", "a")
        archive.writestr("b.csv", "b")
    ((_, said),) = complaints(frame_of, (tmp_path / "two.zip").read_bytes(), "rows.csv.zip")
    assert said == "rows.csv.zip holds 2 files, expected one"


def test_a_line_without_an_end(frame_of, monkeypatch):
    monkeypatch.setattr(table, "lines", lambda stream: bounded_stream.lines(stream, 1000))
    ((_, said),) = complaints(frame_of, b"asked,x,bought\n" + b"1" * 100_000)
    assert said.startswith("rows.csv has a line of more than")


@pytest.mark.parametrize(
    "name", ["rows.csv.gz", "rows.csv.zip", "rows.csv.xz", "rows.csv.bz2", "rows.parquet"]
)
def test_damaged_files(frame_of, name):
    ((_, said),) = complaints(frame_of, b"no such thing at all", name)
    assert said.startswith((f"{name} is damaged", f"{name} is no Parquet file"))
    assert "\n" not in said


def test_parquet_without_its_library(frame_of, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    ((_, said),) = complaints(frame_of, b"PAR1", "rows.parquet")
    assert said == "rows.parquet Parquet needs pyarrow: pip install 'ml-gameday[parquet]'"


# -- in a scenario --------------------------------------------------------------------------


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """The small drill in a folder of its own, with one's own rows."""
    for file in SMALL.glob("*.y*ml"):
        shutil.copy(file, tmp_path)
    made().to_csv(tmp_path / "rows.csv", index=False)
    monkeypatch.chdir(tmp_path)

    def mine(**data):
        data = {"source": "rows.csv", "time": "asked", "target": "bought", "label_time": "known",
                "entity": "customer", **data}  # fmt: skip
        text = (tmp_path / "pipeline.yaml").read_text().splitlines()
        lines = [f"data: {json.dumps(data)}" if one.startswith("data:") else one for one in text]
        (tmp_path / "pipeline.yaml").write_text("\n".join(lines))
        return tmp_path / "drill.yaml"

    return mine


def test_a_drill_plays_on_them_and_is_simulated_again_from_its_folder(mine, tmp_path):
    setting = load(mine())
    session = Session(setting, 1)
    session.advance(10 * 60_000)
    run = session.finish()
    inputs.write(setting, tmp_path / "run")
    (tmp_path / "rows.csv").unlink()
    again = load(tmp_path / "run" / inputs.SCENARIO)
    assert alike(setting.params.pool, again.params.pool)
    other = Session(again, 1)
    other.advance(10 * 60_000)
    assert other.finish().digest == run.digest


def alike(a, b):
    return a.columns == b.columns and all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for name in ("rows", "label", "lag_ms", "latent", "previous")
    )


def test_a_file_is_read_once(mine, monkeypatch):
    reads = []
    whole = sources.user_data.load
    monkeypatch.setattr(sources.user_data, "load", lambda *args: reads.append(1) or whole(*args))
    load(mine())
    load(mine())
    assert reads == [1]


def test_complaints_have_their_place(mine, capsys):
    path = mine(target="sold", zone="Mars/Olympus")
    assert call(["check", path.name]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"pipeline.yaml:5:57: pipeline.data.target: the file has no column 'sold'; {KNOWN}"
    ]


def test_a_file_that_is_not_there(mine, capsys):
    assert call(["check", mine(source="lines.csv").name]) == 2
    assert capsys.readouterr().err.startswith(
        "pipeline.yaml:5:18: pipeline.data.source: no file 'lines.csv'"
    )


def test_windows_without_rows(mine, capsys):
    path = mine(fit={"from": "2025-01-01", "until": "2025-02-01"})
    assert call(["check", path.name]) == 2
    said = capsys.readouterr().err
    assert "pipeline.data.fit: fit holds no rows; the rows are of 2026-01-01 to 2026-02-11" in said


def test_a_check_tells_what_was_inferred(mine, capsys):
    assert call(["check", mine().name]) == 0
    said = capsys.readouterr().out
    assert "3,000 rows of 42 days, 2026-01-01 to 2026-02-11" in said
    assert "positive means bought = yes" in said
    assert "shop     category  0.0%   north, south" in said
    assert "only 14 days are served" in said


def test_drift_that_is_in_the_data_already_is_told(frame_of):
    rows = made()
    late = rows["asked"] >= "2026-01-29"
    rows.loc[late, "x2"] += 1.5
    rows.loc[late, "bought"] = "yes"
    rows.loc[rows.index[-5:], "bought"] = "no"
    frame = frame_of(rows)
    found = survey(frame, about())
    said = {row[0]: row[-1] for row in found.columns}
    assert (said["x2"], said["x1"], said["segment"]) == ("moved", "", "")
    assert any("prior shift" in note for note in found.notes)


def test_few_rows_are_no_drift(frame_of):
    found = survey(frame_of(made(300)), about())
    assert {row[-1] for row in found.columns} <= {"", "too few rows to tell"}


def test_what_only_a_file_has(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (SMALL / "pipeline.yaml").read_text()
    synthetic = "{source: synthetic, rows: 6000}"
    Path("a.yaml").write_text(text.replace(synthetic, "{source: synthetic, time: t, positive: 1}"))
    Path("b.yaml").write_text(
        text.replace(synthetic, "{source: rows.csv, positive: 1, threshold: 2}")
    )
    assert call(["check", "a.yaml", "b.yaml"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "a.yaml:5:33: data.time: only a file has it, not 'synthetic'",
        "a.yaml:5:46: data.positive: only a file has it, not 'synthetic'",
        "b.yaml:5:7: data.target: is missing: a column of 'rows.csv'",
        "b.yaml:5:7: data.time: is missing: a column of 'rows.csv'",
        "b.yaml:5:50: data.threshold: stands beside positive; expected one of them",
    ]
