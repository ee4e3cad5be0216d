import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.telemetry.store import (
    MISSING,
    STALE,
    SeriesStore,
    is_missing,
    is_sample,
    is_stale,
    labels_of,
)

UP = labels_of(__name__="up", job="api")
DOWN = labels_of(__name__="up", job="web")


def same(left, right):
    """Equal bit for bit, NaN payloads included."""
    return left.shape == right.shape and left.tobytes() == right.tobytes()


def test_a_scrape_is_a_row():
    table = SeriesStore().table("api", [UP, DOWN])
    table.append(-15_000, np.array([1.0, 0.0]))
    table.append(0, np.array([1.0, MISSING]))
    assert table.times.tolist() == [-15_000, 0]
    assert is_missing(table.values).tolist() == [[False, False], [False, True]]


def test_stale_and_missing_are_distinct():
    cells = np.array([np.nan, STALE, MISSING, 0.0, np.inf])
    assert is_stale(cells).tolist() == [False, True, False, False, False]
    assert is_missing(cells).tolist() == [False, False, True, False, False]
    assert is_sample(cells).tolist() == [True, False, False, True, True]


def test_a_late_series_is_missing_in_earlier_rows():
    table = SeriesStore().table("api", [UP])
    table.append(0, np.array([1.0]))
    columns = table.ensure_columns([DOWN, UP])
    assert columns.tolist() == [1, 0]
    assert is_missing(table.values).tolist() == [[False, True]]


def test_rows_are_in_order_of_time():
    table = SeriesStore().table("api", [UP])
    table.append(15_000, np.array([1.0]))
    with pytest.raises(ValueError, match="a row at 15000 ms after one at 15000 ms"):
        table.append(15_000, np.array([1.0]))


def test_a_copy_is_independent():
    store = SeriesStore()
    store.table("api", [UP]).append(0, np.array([1.0]))
    copied = store.copy()
    copied.table("api").ensure_columns([DOWN])
    copied.table("api").append(15_000, np.array([0.0, 1.0]))
    assert store.table("api").series == [UP]
    assert store.version < copied.version


@given(st.integers(1, 700), st.integers(0, 50))
def test_rows_within_the_retention_are_kept(rows, seconds):
    store = SeriesStore(retention=seconds * 1000)
    table = store.table("api", [UP])
    for number in range(rows):
        table.append(number * 1000, np.array([float(number)]))
    oldest = max(0, rows - 1 - seconds)
    assert table.times[-1] == (rows - 1) * 1000
    assert set(range(oldest, rows)) <= set(table.values[:, 0].astype(int).tolist())
    assert (np.diff(table.times) == 1000).all()


cells = st.sampled_from([0.0, 1.5, np.nan, np.inf, STALE, MISSING])


@given(st.lists(st.tuples(cells, cells), max_size=8))
def test_arrays_and_back(rows):
    store = SeriesStore()
    table = store.table("api", [UP, DOWN])
    for number, row in enumerate(rows):
        table.append(number, np.array(row))
    restored = SeriesStore.from_arrays(store.arrays()).table("api")
    assert restored.series == table.series
    assert same(restored.times, table.times)
    assert same(restored.values, table.values)
    restored.append(100, np.array([1.0, 2.0]))
    assert len(restored.times) == len(rows) + 1
