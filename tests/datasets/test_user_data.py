"""User data become dated rows with labels; inferences are noted."""

import numpy as np
import pandas as pd
import pytest

from simulator.datasets import csv_file, user_data
from simulator.datasets.bounded_stream import line_blocks
from simulator.datasets.request_pool import make_pool
from simulator.pipeline.model import learner
from tests.datasets.conftest import ROWS, data, make_rows


def test_rows_become_dated_rows_with_labels(convert):
    rows = make_rows()
    dataset = convert(rows, label_time="known", entity="customer")
    assert [column.name for column in dataset.columns] == ["x1", "x2", "segment", "shop"]
    assert dataset.columns[3].levels == ("north", "south")
    assert np.array_equal(dataset.rows[:, 0], rows["x1"])
    assert np.array_equal(dataset.rows[:, 3] == 0, rows["shop"] == "north")
    assert np.array_equal(dataset.label == 1, rows["bought"] == "yes")
    assert np.array_equal(dataset.hour, rows["asked"].dt.hour)
    assert np.array_equal(
        dataset.lag_ms / 60_000, (rows["known"] - rows["asked"]).dt.total_seconds() / 60
    )
    assert dataset.notes == ("positive means bought = yes", "300 entities by 'customer'")


def test_label_lags_are_clipped_at_five_days(convert):
    rows = make_rows()
    days = np.array([1, 3, 5, 9])[np.arange(ROWS) % 4]
    rows["known"] = rows["asked"] + pd.to_timedelta(days, unit="D")
    dataset = convert(rows, label_time="known")
    assert np.array_equal(dataset.lag_ms, np.minimum(days, 5) * 86_400_000.0)
    assert "750 labels take longer than 5 days; they arrive after 5 days" in dataset.notes
    pool = make_pool(
        dataset, np.arange(ROWS), learner.fit(dataset.rows, dataset.label, dataset.columns, 1)
    )
    assert np.array_equal(pool.lag_ms, dataset.lag_ms)
    assert any("longer than 5 days" in note for note in convert(rows, label_after="6d").notes)


@pytest.mark.parametrize("name", ["rows.parquet", "rows.csv.gz", "rows.csv.zip", "rows.csv.xz"])
def test_other_formats_give_the_same_rows(convert, name):
    rows = make_rows()
    plain, other = convert(rows), convert(rows, name)
    assert plain.columns == other.columns
    assert np.array_equal(plain.rows, other.rows)
    assert np.array_equal(plain.label, other.label)
    assert np.array_equal(plain.day, other.day)


def test_semicolons_a_byte_order_mark_and_quoted_line_breaks(convert):
    rows = make_rows()
    rows["shop"] = np.where(rows["shop"] == "north", "no\nrth", "south")
    text = rows.to_csv(index=False, sep=";")
    dataset = convert(b"\xef\xbb\xbf" + text.encode())
    assert dataset.columns[3].levels == ("no\nrth", "south")
    assert len(dataset.rows) == ROWS


def test_the_size_of_blocks_does_not_matter(convert, monkeypatch):
    rows = make_rows()
    rows["shop"] = np.where(rows["shop"] == "north", 'n"o\nr,th', "south")
    whole = convert(rows)
    monkeypatch.setattr(csv_file, "line_blocks", lambda stream: line_blocks(stream, 1000))
    parts = convert(rows)
    assert whole.columns == parts.columns
    assert np.array_equal(whole.rows, parts.rows)


def test_unsorted_rows_are_sorted_with_a_note(convert):
    rows = make_rows()
    mixed = rows.sample(frac=1, random_state=3)
    dataset = convert(mixed)
    assert np.array_equal(np.sort(dataset.rows[:, 0]), np.sort(rows["x1"]))
    assert (np.diff(dataset.day) >= np.timedelta64(0)).all()
    assert "the rows were not in order of time; they were sorted" in dataset.notes


def test_hours_are_those_of_the_zone(convert):
    rows = make_rows()
    rows["asked"] = rows["asked"].dt.tz_localize("UTC").map(lambda time: time.isoformat())
    assert "hours of the day are those of UTC" in convert(rows).notes
    utc, tokyo = convert(rows).hour, convert(rows, zone="Asia/Tokyo").hour
    assert np.array_equal((utc + 9) % 24, tokyo)


@pytest.mark.parametrize("unit, factor", [("s", 1), ("ms", 1000)])
def test_times_may_count_from_1970(convert, unit, factor):
    rows = make_rows()
    seconds = rows["asked"].astype("datetime64[s]").astype("int64")
    written = convert(rows.assign(asked=seconds * factor))
    assert np.array_equal(written.hour, convert(rows).hour)


def test_times_may_have_a_format(convert):
    rows = make_rows()
    formatted = rows.assign(asked=rows["asked"].dt.strftime("%d/%m/%Y %H:%M"))
    assert np.array_equal(convert(formatted, time_format="%d/%m/%Y %H:%M").hour, convert(rows).hour)


def test_the_outcome_may_have_a_threshold_or_a_positive_level(convert):
    rows = make_rows()
    late = convert(rows.assign(bought=rows["x1"] * 10), threshold=5, features=["x1", "x2"])
    assert np.array_equal(late.label == 1, rows["x1"] >= 0.5)
    kinds = rows.assign(bought=np.where(rows["x1"] > 1, "gold", rows["bought"]))
    assert np.array_equal(convert(kinds, positive="gold").label == 1, rows["x1"] > 1)
    numbers = rows.assign(bought=(rows["bought"] == "yes") * 1)
    assert np.array_equal(convert(numbers).label == 1, rows["bought"] == "yes")
    assert np.array_equal(convert(numbers, positive=0).label == 1, rows["bought"] == "no")


def test_uninformative_columns_are_left_out_with_a_note(convert):
    rows = make_rows().assign(one=7, text="same", comment=[f"comment {i}" for i in range(ROWS)])
    rows.loc[:9, "bought"] = None
    dataset = convert(rows)
    assert [column.name for column in dataset.columns] == [
        "x1",
        "x2",
        "segment",
        "shop",
        "customer",
    ]
    assert "left out 'one': it has one value only" in dataset.notes
    assert "left out 'text': it has one value only" in dataset.notes
    assert "left out 'comment': 2,990 different texts (categories: keeps it)" in dataset.notes
    assert "left out 'known': it is a time" not in dataset.notes
    assert "left out 10 rows without a time or an outcome" in dataset.notes
    assert len(dataset.rows) == ROWS - 10


def test_numbers_may_be_categories_and_rare_levels_are_merged(convert):
    rows = make_rows()
    dataset = convert(rows, categories=["customer"])
    (customer,) = [column for column in dataset.columns if column.name == "customer"]
    assert len(customer.levels) == 100
    assert customer.levels[-1] == "(other)"
    assert "'customer': 201 rare levels are '(other)'" in dataset.notes


def test_nulls_stay_nulls(convert):
    rows = make_rows()
    rows.loc[:99, "x1"] = np.nan
    rows.loc[50:149, "shop"] = None
    dataset = convert(rows)
    assert np.isnan(dataset.rows).sum(axis=0).tolist() == [100, 0, 0, 100, 0]


def test_a_long_file_gives_a_reproducible_sample(convert, monkeypatch):
    rows = make_rows(20_000)
    dataset = convert(rows, rows=1000)
    assert len(dataset.rows) == 1000
    assert "kept 1,000 of 20,000 rows, drawn by their number (rows: keeps more)" in dataset.notes
    monkeypatch.setattr(csv_file, "line_blocks", lambda stream: line_blocks(stream, 50_000))
    assert np.array_equal(dataset.rows, convert(rows, rows=1000).rows)
    # The sample is fair: each week has its share, and labels keep their rate.
    assert abs(dataset.label.mean() - (rows["bought"] == "yes").mean()) < 4 * 0.5 / 1000**0.5
    weeks = np.bincount((dataset.day - dataset.day.min()).astype(int) // 7)
    assert (abs(weeks - 1000 / 6) < 4 * (1000 / 6) ** 0.5).all()


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path, monkeypatch):
    import tracemalloc

    monkeypatch.setattr(csv_file, "line_blocks", lambda stream: line_blocks(stream, 20_000))
    line, most = "2026-01-01T00:00:00,{},0.5,{}\n", []
    for count in (1000, 40_000, 160_000):
        path = tmp_path / f"{count}.csv"
        path.write_text(
            "asked,x1,x2,bought\n" + "".join(line.format(i, i % 2) for i in range(count))
        )
        tracemalloc.start()
        assert len(user_data.load(path, data(rows=500)).rows) == 500
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # The first reading also imports. Each further row takes less than a byte; its line has 30.
    assert most[2] - most[1] < 160_000 - 40_000


def test_the_previous_row_is_of_the_same_entity(convert):
    rows = make_rows()
    dataset = convert(rows, entity="customer")
    pool = pool_of(dataset)
    customer = rows["customer"].to_numpy()
    has = pool.previous >= 0
    assert np.array_equal(customer[has], customer[pool.previous[has]])
    assert (pool.previous[has] < np.flatnonzero(has)).all()
    assert has.sum() == ROWS - 300


def pool_of(dataset):
    model = learner.fit(dataset.rows, dataset.label, dataset.columns, 1)
    return make_pool(dataset, np.arange(len(dataset.rows)), model)
