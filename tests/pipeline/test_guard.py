"""Retry budgets, circuit breakers and errors, request by request as in SimPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.pipeline.laws import Params
from simulator.pipeline.serving.client_guard import (
    CLOSED,
    HALF_OPEN,
    OPEN,
    CircuitBreakerLaw,
    ClientGuard,
    GuardState,
    RetryBudgetLaw,
)
from simulator.pipeline.world import World
from tests.pipeline.model_server import COUNTS, ServerRun, laws, leak
from tests.pipeline.simpy_server import SimpyServer, assert_same_outcomes

QUICK = CircuitBreakerLaw(failures=0.5, window=20, cool_down_ms=3000.0, probes=5)
CASES: list[dict[str, Any]] = [
    {"rate": 60.0, "errors": 0.3},
    {"rate": 60.0, "errors": 0.7, "retries": 4, "retry_backoff_ms": 50.0},
    {"rate": 95.0, "timeout_ms": 400.0, "retry_budget": RetryBudgetLaw(0.1, 10.0)},
    {"rate": 140.0, "queue_cap": 5, "retry_budget": RetryBudgetLaw(0.2, 5.0), "retries": 4},
    {"rate": 40.0, "errors": 0.4, "circuit_breaker": QUICK},
    {
        "rate": 90.0,
        "errors": 0.2,
        "circuit_breaker": QUICK,
        "retry_budget": RetryBudgetLaw(0.05, 3.0),
    },
    {"rate": 140.0, "queue_cap": 200, "retries": 4, "circuit_breaker": QUICK},
    {"rate": 140.0, "timeout_ms": 500.0, "circuit_breaker": CircuitBreakerLaw(0.2, 50, 700.0, 1)},
    {"rate": 20.0, "circuit_breaker": QUICK, "retry_budget": RetryBudgetLaw(0.2, 5.0)},
    {
        "rate": 75.0,
        "timeout_ms": 350.0,
        "circuit_breaker": CircuitBreakerLaw(0.3, 10, 5000.0, 3),
        "retries": 0,
    },
]


def play_both(case: dict[str, Any], seed: int = 1, dt: int = 5000) -> tuple[ServerRun, SimpyServer]:
    """A minute of the same requests, here and in SimPy."""
    case = dict(case)
    share = case.pop("errors", 0.0)

    def bend(params: Params, world: World, t: int) -> None:
        params.bends.error_share[:] = share

    params = laws(**case)
    day = ServerRun(params, seed, dt).until(60_000, bend)
    params.bends.error_share[:] = share
    judge = SimpyServer(params, 16)
    judge.run(np.concatenate(day.arrivals), 60_000)
    return day, judge


@pytest.mark.parametrize("case", CASES, ids=str)
def test_guarded_clients_agree_with_simpy_request_by_request(case: dict[str, Any]) -> None:
    assert_same_outcomes(*play_both(case))


def test_a_success_may_fill_the_window_and_open_the_breaker_for_a_failure_before_it() -> None:
    breaker = CircuitBreakerLaw(failures=0.5, window=2, cool_down_ms=100.0, probes=1)
    assert_same_outcomes(
        *play_both(
            {"rate": 5.0, "timeout_ms": 100.0, "retries": 0, "circuit_breaker": breaker}, 1, 500
        )
    )


cases = st.fixed_dictionaries(
    {
        "rate": st.floats(5.0, 150.0),
        "timeout_ms": st.floats(100.0, 2000.0),
        "retries": st.integers(0, 4),
        "retry_backoff_ms": st.floats(5.0, 2000.0),
        "queue_cap": st.integers(0, 60),
        "errors": st.sampled_from([0.0, 0.1, 0.6]),
        "retry_budget": st.one_of(
            st.none(), st.builds(RetryBudgetLaw, st.floats(0.0, 0.5), st.floats(1.0, 20.0))
        ),
        "circuit_breaker": st.one_of(
            st.none(),
            st.builds(
                CircuitBreakerLaw,
                st.floats(0.1, 1.0),
                st.integers(2, 60),
                st.floats(100.0, 8000.0),
                st.integers(1, 8),
            ),
        ),
    }
)


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(case=cases, seed=st.integers(0, 99), dt=st.sampled_from([500, 1000, 2500, 5000]))
def test_random_guards_and_ticks_agree_with_simpy(case: dict[str, Any], seed: int, dt: int) -> None:
    assert_same_outcomes(*play_both(case, seed, dt))


@settings(max_examples=15, deadline=None)
@given(case=cases, seed=st.integers(0, 99))
def test_guards_conserve_attempts(case: dict[str, Any], seed: int) -> None:
    share = case.pop("errors")

    def bend(params: Params, world: World, t: int) -> None:
        params.bends.error_share[:2] = share
        leak(params, 0, 25e6)  # one is killed by and by
        params.bends.speed[1] /= 1 + t // 10_000

    day, was = ServerRun(laws(start_up_ms=5000, **case), seed), 0
    for _ in range(8):
        before = day.counts.copy()
        day.until(day.t + 5000, bend)
        done = {name: day.counts[name] - before[name] for name in COUNTS}
        assert done.pop("arrived") == sum(done.values()) + day.inside - was
        was = day.inside


def test_independent_failures_multiply_the_load() -> None:
    """100 a second failing half the time, 3 attempts: 175 a second, an eighth in vain."""
    params = laws(rate=100.0, concurrency=50, retries=2, retry_backoff_ms=100.0)

    def half(params: Params, world: World, t: int) -> None:
        params.bends.error_share[:] = 0.5

    day = ServerRun(params).until(600_000, half)
    assert day.counts["arrived"] / 600 == pytest.approx(175, rel=0.02)
    assert 1 - day.counts["served"] / 60_000 == pytest.approx(0.125, rel=0.05)


def test_a_budget_bounds_the_storm() -> None:
    def dead(params: Params, world: World, t: int) -> None:
        params.bends.error_share[:] = 1.0

    params = laws(rate=50.0, retries=3, concurrency=50)
    storm = ServerRun(params).until(60_000, dead)
    params = laws(rate=50.0, retries=3, concurrency=50, retry_budget=RetryBudgetLaw(0.2, 10.0))
    held = ServerRun(params).until(60_000, dead)
    assert storm.counts["arrived"] > 3.8 * 50 * 60
    assert held.counts["arrived"] == pytest.approx(1.2 * 50 * 60, rel=0.03)


def test_a_breaker_ends_a_collapse_that_retries_sustain() -> None:
    def spike(params: Params, world: World, t: int) -> None:
        params.rate *= 2.3 if 60_000 <= t < 180_000 else 1

    def goodput(breaker: CircuitBreakerLaw | None) -> float:
        params = laws(rate=85.0, queue_cap=10**6, retries=3, circuit_breaker=breaker)
        end = ServerRun(params).until(600_000, spike).samples[-24:]
        return sum(s.served for s in end) / (85.0 * 120)

    assert goodput(None) < 0.1
    assert goodput(CircuitBreakerLaw(0.5, 100, 10_000.0, 10)) > 0.95


def test_a_breaker_opens_probes_and_closes() -> None:
    state = GuardState()
    guard = ClientGuard(
        state, None, CircuitBreakerLaw(failures=0.5, window=4, cool_down_ms=1000.0, probes=2)
    )
    for n, well in enumerate([True, True, False, False]):
        assert guard.admits(10.0 * n)
        guard.record(100.0 + n, 10.0 * n, well)
    assert [guard.admits(t) for t in (102.9, 103.0, 1102.9)] == [True, False, False]
    assert (state.state, state.entered) == (OPEN, 103.0)
    assert [guard.admits(1103.0 + n) for n in range(3)] == [True, True, False]
    assert state.state == HALF_OPEN
    guard.record(1200.0, 102.9, False)  # it was sent long before: no news
    guard.record(1201.0, 1103.0, True)
    guard.record(1202.0, 1104.0, False)
    assert not guard.admits(1203.0)  # half of the probes failed: open again
    assert guard.admits(2202.0)
    assert guard.admits(2203.0)
    guard.record(2300.0, 2202.0, True)
    guard.record(2301.0, 2203.0, True)
    assert guard.admits(2302.0)
    assert state.state == CLOSED
