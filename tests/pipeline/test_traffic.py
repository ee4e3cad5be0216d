"""Who asks, and when."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.pipeline.arrays import Floats
from simulator.pipeline.bends import Surge
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import AT, COLUMNS, DEPEND, ID, ROW, UNTIL, WORK
from simulator.pipeline.sample import Sample
from simulator.pipeline.traffic.arrivals import arrive
from simulator.pipeline.traffic.customers import Customers
from simulator.pipeline.traffic.distributions import Lognormal
from simulator.pipeline.traffic.laws import Burst
from simulator.scenario.traffic import Traffic as Written
from simulator.setting.laws import trace_times
from simulator.streams import BLOCK_MS, Streams
from tests.pipeline.model_server import laws


def day(params: Params, end: int, dt: int = 5000, seed: int = 1, start: int = 0) -> Floats:
    customers = Customers(Streams(seed))
    ticks = [arrive(params, customers, Sample(t, dt)) for t in range(start, end, dt)]
    return np.concatenate(ticks)


@settings(max_examples=15, deadline=None)
@given(st.floats(0.1, 80.0), st.sampled_from([1000, 3500, 4000, 7000]))
def test_a_span_of_time_has_the_same_requests_at_any_tick(rate: float, dt: int) -> None:
    params = laws(rate=rate)
    start = BLOCK_MS - 28_000  # over the edge of a block
    coarse = day(params, start + 56_000, 28_000, start=start)
    fine = day(params, start + 56_000, dt, start=start)
    assert (coarse == fine).all()


def test_the_profile_changes_at_the_hour_inside_a_tick() -> None:
    profile = np.zeros(24)
    profile[9] = 1.0
    params = laws(rate=50.0, profile=profile, start_ms_of_day=9 * 3_600_000 - 7000)
    rows = day(params, 20_000)
    assert 7000 <= rows[0, AT] < 7300
    assert len(rows) == pytest.approx(650, abs=5 * math.sqrt(650))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 8), st.floats(1.0, 300.0))
def test_a_surge_changes_no_earlier_and_no_other_request(tick: int, extra: float) -> None:
    calm, busy = Customers(Streams(1)), Customers(Streams(1))
    base = laws()
    for t in range(0, 45_000, 5000):
        surged = laws()
        if t >= 5000 * tick:
            surged.bends.surges = [Surge("black-friday", extra)]
        sample = Sample(t, 5000)
        without, with_it = arrive(base, calm, Sample(t, 5000)), arrive(surged, busy, sample)
        common = np.isin(with_it[:, ID], without[:, ID])
        assert (with_it[common] == without).all()
        assert np.count_nonzero(~common) == sample.hits.get("black-friday", 0)
        assert (np.diff(with_it[:, AT]) >= 0).all()


@pytest.mark.parametrize(("less", "more"), [(20.0, 90.0), (200.0, 300.0), (400.0, 1500.0)])
def test_more_traffic_keeps_the_customers_of_less(less: float, more: float) -> None:
    few, many = day(laws(rate=less), 60_000), day(laws(rate=more), 60_000)
    assert (many[np.isin(many[:, ID], few[:, ID])] == few).all()
    assert len(many) == pytest.approx(60 * more, abs=4 * math.sqrt(60 * more))


def test_counts_and_draws_are_those_of_the_laws() -> None:
    params = laws(rate=40.0, work=Lognormal(0.6))
    rows = day(params, 3 * BLOCK_MS, 60_000, start=-3 * BLOCK_MS)
    n = len(rows)
    assert n == pytest.approx(40 * 3600, abs=4 * math.sqrt(40 * 3600))
    gaps = np.diff(rows[:, AT])
    assert gaps.std() / gaps.mean() == pytest.approx(1, abs=0.02)  # exponential
    per_second = np.bincount(((rows[:, AT] + 3 * BLOCK_MS) // 1000).astype(int))
    assert per_second.var() / per_second.mean() == pytest.approx(1, abs=0.1)  # Poisson
    assert rows[:, WORK].mean() == pytest.approx(1, abs=0.01)
    assert np.log(rows[:, WORK]).std() == pytest.approx(0.6, abs=0.01)
    assert rows[:, DEPEND].mean() == pytest.approx(1, abs=0.015)
    assert rows[:, ROW].mean() == pytest.approx(0.5, abs=0.005)
    assert (rows[:, UNTIL] == rows[:, AT] + params.timeout_ms).all()


@pytest.mark.parametrize("rate", [30.0, 800.0])
def test_ids_are_exact_and_unique_over_blocks_and_layers(rate: float) -> None:
    params = laws(rate=rate)
    params.bends.surges = [Surge("a", rate), Surge("b", rate / 3)]
    ids = day(params, BLOCK_MS, 60_000, start=-BLOCK_MS)[:, ID]
    assert len(np.unique(ids)) == len(ids)
    assert ids.min() >= 0
    assert ids.max() < 2**53
    assert (ids == np.floor(ids)).all()


def test_no_traffic_is_an_empty_matrix_and_absurd_traffic_is_refused() -> None:
    assert day(laws(rate=0.0), 5000).shape == (0, COLUMNS)
    for rate in (-1.0, math.nan, 1e9):
        with pytest.raises(ValueError, match="rate must be 0 to 8192 per second"):
            day(laws(rate=rate), 5000)


def test_a_burst_begins_and_ends_inside_a_tick() -> None:
    usual = day(laws(rate=20.0), 60_000)
    params = laws(rate=20.0, bursts=(Burst(12_300, 40_100, 3.0), Burst(30_000, 50_000, 0.0)))
    rows = day(params, 60_000)
    at = rows[:, AT]
    outside = (usual[:, AT] < 12_300) | (usual[:, AT] >= 50_000)
    assert (rows[(at < 12_300) | (at >= 50_000)] == usual[outside]).all()
    inside = usual[(usual[:, AT] >= 12_300) & (usual[:, AT] < 30_000)]
    assert np.isin(inside[:, ID], rows[:, ID]).all()  # more customers, and all of the usual ones
    high = np.count_nonzero((at >= 12_300) & (at < 30_000))
    assert high == pytest.approx(60 * 17.7, abs=4 * math.sqrt(60 * 17.7))
    assert not ((at >= 30_000) & (at < 50_000)).any()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 30_000), st.sampled_from([500, 1000, 2500, 5000]))
def test_a_recording_replaces_the_base_rate_while_it_lasts(start: int, dt: int) -> None:
    times = np.array([0.0, 10.0, 10.0, 4999.0, 20_000.0])
    params = laws(rate=20.0, trace=(BLOCK_MS - start, BLOCK_MS - start + 20_001, times))
    begin, end = BLOCK_MS - 40_000, BLOCK_MS + 40_000
    rows, usual = (day(p, end, dt, start=begin) for p in (params, laws(rate=20.0)))
    recorded = (rows[:, AT] >= params.trace[0]) & (rows[:, AT] < params.trace[1])
    assert rows[recorded, AT].tolist() == (times + params.trace[0]).tolist()
    replaced = (usual[:, AT] >= params.trace[0]) & (usual[:, AT] < params.trace[1])
    assert (rows[~recorded] == usual[~replaced]).all()
    assert len(np.unique(rows[:, ID])) == len(rows)


def test_recorded_counts_are_the_requests_of_each_interval() -> None:
    trace = trace_times(
        Written(rate="1/s", trace={"at": "30s", "every": "10s", "counts": [3, 0, 7]})
    )
    assert trace is not None
    rows = day(laws(rate=5.0, trace=trace), 90_000)
    inside = rows[(rows[:, AT] >= 30_000) & (rows[:, AT] < 60_000), AT]
    assert np.bincount(((inside - 30_000) // 10_000).astype(int)).tolist() == [3, 0, 7]
