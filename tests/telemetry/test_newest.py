"""The newest samples of a table are what a search through its rows finds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.telemetry.store import MISSING, STALE, SeriesStore, is_missing, is_stale, labels_of

SERIES = [labels_of(__name__="up", job=str(number)) for number in range(3)]
cells = st.sampled_from([0.0, 1.5, np.nan, STALE, MISSING])
rows = st.lists(st.tuples(st.integers(1, 3), st.tuples(cells, cells, cells)), max_size=12)


def search(table, column, oldest):
    """The newest sample of a column; None if it is stale, too old or absent."""
    for t, value in zip(table.times[::-1], table.values[::-1, column], strict=True):
        if t < oldest:
            return None
        if not is_missing(np.array([value]))[0]:
            return None if is_stale(np.array([value]))[0] else value
    return None


@given(rows, st.integers(0, 40))
def test_newest_samples_equal_a_search(rows, oldest):
    table = SeriesStore().table("api", SERIES)
    t = 0
    for interval, row in rows:
        t += interval
        table.append(t, np.array(row))
        values, present = table.newest.since(oldest)
        for column in range(3):
            sample = search(table, column, oldest)
            assert present[0, column] == (sample is not None)
            if sample is not None:
                np.testing.assert_equal(values[0, column], sample)


def test_a_late_series_gets_a_column():
    table = SeriesStore().table("api", SERIES[:1])
    table.append(0, np.array([1.0]))
    assert table.newest.since(0)[1].tolist() == [[True]]
    table.put(0, table.ensure_columns(SERIES[1:]), 2.0)
    values, present = table.newest.since(0)
    assert values[0, :3].tolist() == [1.0, 2.0, 2.0]
    assert present[0, :3].tolist() == [True, True, True]


def test_shared_arrays_are_read_only():
    table = SeriesStore().table("api", SERIES)
    table.append(0, np.array([1.0, 2.0, 3.0]))
    values, present = table.newest.since(0)
    assert not values.flags.writeable
    assert not present.flags.writeable
