"""Rows of the offline store are lost and read again: none appears, none disappears."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.pipeline.bends import MissingSource
from simulator.pipeline.model import log_replay
from simulator.pipeline.model.label_recording import FlippedLabels
from simulator.pipeline.rows import RowLaw
from simulator.pipeline.sample import Sample
from tests.monitors.rows import MINUTE, Rows, pool_of

NULLS = RowLaw("nulls", 0, 0.5, null=True)


@pytest.fixture(scope="module")
def some_rows(quiet):
    dice = np.random.default_rng(4)
    pool = pool_of(dice.standard_normal((500, 2)), dice.random(500) < 0.5)
    return lambda: Rows(quiet, pool, room=600)


def read_on(rows, minutes, *row_laws, **bends):
    """Let replays go on for some minutes, in which nothing is logged."""
    params = rows.params.unbent()
    params.bends.row_laws = list(row_laws)
    for name, value in bends.items():
        setattr(params.bends, name, value)
    sample = Sample(rows.world.now, round(minutes * MINUTE))
    log_replay.step(rows.world, params, 1, sample)
    return sample


def counts(log):
    """Rows by what became of them: in training, excluded from it, lost."""
    written = log.at > np.iinfo(np.int64).min
    return tuple(
        int(np.count_nonzero(written & mask))
        for mask in (log.kept & ~log.lost, ~log.kept & ~log.lost, log.lost)
    )


def test_rows_that_are_read_again_are_as_their_source_delivers_them(some_rows):
    rows = some_rows()
    rows.score(100)
    rows.score(100, rows=[NULLS])
    log, start = rows.world.log, rows.world.now - 2 * MINUTE
    good = log.rows[:100].copy()
    assert np.isnan(log.rows[:200, 0]).sum() == log.bent.sum() > 20
    assert log_replay.lose(log, start + MINUTE, rows.world.now) == 100
    assert log_replay.lose(log, start + MINUTE, rows.world.now) == 0
    assert counts(log) == (100, 0, 100)
    log_replay.start(log)
    sample = read_on(rows, 1)
    assert not sample.hits
    assert counts(log) == (200, 0, 0)
    assert not log.bent.any()
    assert not np.isnan(log.rows[:200]).any()
    assert np.array_equal(log.rows[:100], good)
    assert np.array_equal(log.label[:200], rows.params.pool.label[log.source_row[:200]])


def test_a_source_that_is_not_repaired_delivers_the_same_again(some_rows):
    rows = some_rows()
    rows.score(100, rows=[NULLS])
    log = rows.world.log
    bad = log.rows[:100].copy()
    log_replay.lose(log, 0, rows.world.now)
    log_replay.start(log)
    sample = read_on(rows, 1, NULLS, label_recording=[FlippedLabels("labels", 1.0, 1)])
    assert np.array_equal(log.rows[:100], bad, equal_nan=True)
    assert not log.label.any()
    assert set(sample.hits) == {"nulls", "labels"}


def test_a_replay_takes_time_and_waits_for_a_source_that_delivers_nothing(some_rows):
    rows = some_rows()
    for _ in range(6):
        rows.score(10, dt=10 * MINUTE)
    log = rows.world.log
    log_replay.lose(log, 0, rows.world.now)
    assert log_replay.start(log) == 50 * MINUTE // log_replay.SPEED
    read_on(rows, 30, missing_sources=[MissingSource("late", "feed")])
    assert counts(log) == (0, 0, 60)
    read_on(rows, 1)
    assert counts(log) == (30, 0, 30)
    read_on(rows, 1)
    assert counts(log) == (60, 0, 0)
    assert log.replays == []


def test_a_row_that_came_twice_is_read_again_once(some_rows):
    rows = some_rows()
    rows.score(20)
    rows.scored = 0
    rows.score(20)
    log = rows.world.log
    log_replay.lose(log, 0, rows.world.now)
    log_replay.start(log)
    read_on(rows, 1)
    assert counts(log) == (20, 20, 0)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("score"), st.integers(1, 60), st.booleans()),
        st.tuples(st.just("lose"), st.integers(1, 40), st.integers(0, 20)),
        st.tuples(st.just("replay"), st.floats(0.1, 1.5), st.booleans()),
        st.tuples(st.just("quarantine"), st.booleans(), st.none()),
    ),
    min_size=3,
    max_size=12,
)


@given(STEPS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_rows_in_are_rows_out_and_quarantined_and_lost(some_rows, steps):
    rows = some_rows()
    log, written = rows.world.log, 0
    for kind, amount, more in steps:
        ids = log.id.copy()
        if kind == "score":
            # A full store writes over its oldest rows, lost or not; some rows come twice.
            rows.scored -= min(amount, rows.scored) if more else 0
            rows.score(amount, rows=[NULLS])
            written, ids = min(len(log.at), written + amount), log.id.copy()
        if kind == "lose":
            before = counts(log)[-1]
            newly = log_replay.lose(log, rows.world.now - amount * MINUTE, rows.world.now - more)
            assert counts(log)[-1] == before + newly
        elif kind == "replay" and log.lost.any():
            log_replay.start(log)
            read_on(rows, amount, *([NULLS] if more else []))
        elif kind == "quarantine":
            rows.world.quarantined = {"x0": (-1.0, 1.0)} if amount else {}
        assert sum(counts(log)) == written
        assert np.array_equal(log.id, ids)
