"""The series of the clients' retry budget and circuit breaker."""

from __future__ import annotations

from typing import Any

from simulator.pipeline.sample import Sample
from simulator.session import Session
from tests.oracles.queue_drill import queue_setting, tick_samples, with_fault
from tests.oracles.test_queues import Failing

BREAKER = "resilience4j_circuitbreaker"


def failing(**serving: Any) -> tuple[list[Sample], Session, list[Any]]:
    """Four minutes of a server that fails every request from minute one to two.

    Returns the samples, the session and the breaker's state at each tick.
    """
    states: list[Any] = []
    sessions: list[Session] = []

    def look(session: Session) -> None:
        sessions[:] = [session]
        rows = session.door(session.plays).query(f"{BREAKER}_state == 1").rows()
        states.extend(dict(labels)["state"] for labels, _ in rows)

    setting = queue_setting(minutes=4, rate="50/s", retries=3, concurrency=4, **serving)
    fault = Failing(share=1.0)
    samples = tick_samples(with_fault(setting, fault, at=60_000, lasts=60_000), 1, look)
    return samples, sessions[0], states


def value(session: Session, query: str) -> float | None:
    rows = session.door(session.plays).query(query).rows()
    return rows[0][1] if rows else None


def test_suppressed_retries_are_counted() -> None:
    samples, session, _ = failing(retry_budget={"share": 0.01, "burst": 5})
    name = "envoy_cluster_upstream_rq_retry_overflow"
    suppressed = sum(sample.retries_suppressed for sample in samples if sample.t >= 60_000)
    assert suppressed > 1000
    assert value(session, f"{name} - {name} offset 3m") == suppressed
    breaker = "envoy_cluster_circuit_breakers_default"
    for ago, remaining in (("3m", 5.0), ("2m15s", 0.0), ("1s", 5.0)):
        assert value(session, f"{breaker}_remaining_retries offset {ago}") == remaining
        assert value(session, f"{breaker}_rq_retry_open offset {ago}") == float(remaining < 1)


def test_the_breakers_states_are_exposed() -> None:
    cool_down = {"failures": 0.5, "window": 50, "cool_down": "20s"}
    samples, session, states = failing(breaker=cool_down)
    changes = [state for n, state in enumerate(states) if n == 0 or states[n - 1] != state]
    assert changes == ["closed", "open", "closed"]
    name = f"{BREAKER}_not_permitted_calls_total"
    rejected = sum(sample.breaker_rejected for sample in samples if sample.t >= 60_000)
    assert rejected > 1000
    assert value(session, f"{name} - {name} offset 3m") == rejected
    # Those never reached the server, so it has not answered them with 503.
    unavailable = 'http_requests_total{code="503"}'
    shed = sum(sample.shed for sample in samples if sample.t >= 60_000)
    assert value(session, f"{unavailable} - {unavailable} offset 3m") == shed - rejected
    assert value(session, f"{BREAKER}_failure_rate") == 0.0
    assert value(session, f"{BREAKER}_failure_rate offset 2m15s") == -1.0


def test_without_budget_and_breaker_there_are_no_such_series() -> None:
    _, session, states = failing()
    assert states == []
    assert value(session, "envoy_cluster_upstream_rq_retry_overflow") is None
