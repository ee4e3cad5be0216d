"""What can be seen of the clients' retry budget and circuit breaker."""

from __future__ import annotations

from typing import Any

from simulator.pipeline.sample import Sample
from simulator.session import Session
from tests.oracles.queue import live, queue, under
from tests.oracles.test_queues import Failing

BREAKER = "resilience4j_circuitbreaker"


def failing(**serving: Any) -> tuple[list[Sample], Session, list[Any]]:
    """Four minutes of a server whose answers are all errors from the second to the third."""
    seen: list[Any] = []
    sessions: list[Session] = []

    def look(session: Session) -> None:
        sessions[:] = [session]
        found = session.door("ana").query(f"{BREAKER}_state == 1").rows()
        seen.extend(dict(labels)["state"] for labels, _ in found)

    setting = queue(minutes=4, rate="50/s", retries=3, concurrency=4, **serving)
    fault = Failing(share=1.0)
    samples = live(under(setting, fault, at=60_000, lasts=60_000), 1, look)
    return samples, sessions[0], seen


def value(session: Session, query: str) -> float | None:
    found = session.door("ana").query(query).rows()
    return found[0][1] if found else None


def test_retries_that_the_budget_did_not_allow() -> None:
    samples, session, _ = failing(retry_budget={"share": 0.01, "burst": 5})
    name = "envoy_cluster_upstream_rq_retry_overflow"
    during = sum(one.spared for one in samples if one.t >= 60_000)
    assert during > 1000
    assert value(session, f"{name} - {name} offset 3m") == during
    breaker = "envoy_cluster_circuit_breakers_default"
    for ago, left in (("3m", 5.0), ("2m15s", 0.0), ("1s", 5.0)):
        assert value(session, f"{breaker}_remaining_retries offset {ago}") == left
        assert value(session, f"{breaker}_rq_retry_open offset {ago}") == float(left < 1)


def test_the_breaker_opens_and_closes_in_sight() -> None:
    cool_down = {"failures": 0.5, "window": 50, "cool_down": "20s"}
    samples, session, seen = failing(breaker=cool_down)
    order = [state for n, state in enumerate(seen) if n == 0 or seen[n - 1] != state]
    assert order == ["closed", "open", "closed"]
    name = f"{BREAKER}_not_permitted_calls_total"
    kept_away = sum(one.kept_away for one in samples if one.t >= 60_000)
    assert kept_away > 1000
    assert value(session, f"{name} - {name} offset 3m") == kept_away
    # The server has not seen those, and so has not answered them.
    refused = 'http_requests_total{code="503"}'
    shed = sum(one.shed for one in samples if one.t >= 60_000)
    assert value(session, f"{refused} - {refused} offset 3m") == shed - kept_away
    assert value(session, f"{BREAKER}_failure_rate") == 0.0
    assert value(session, f"{BREAKER}_failure_rate offset 2m15s") == -1.0


def test_who_has_neither_has_no_such_series() -> None:
    _, session, seen = failing()
    assert seen == []
    assert value(session, "envoy_cluster_upstream_rq_retry_overflow") is None
