"""The dependency's own view of its reads, and the feature caches of the pods."""

from __future__ import annotations

import math
from typing import Any

import pytest

from simulator.pipeline.sample import Sample
from simulator.session import Session
from tests.oracles.queue_drill import queue_setting, tick_samples

STORE = {"name": "store", "mean": "20ms", "concurrency": 2}
DURATION = "http_server_request_duration_seconds"


def run_session(**serving: Any) -> tuple[list[Sample], Session]:
    """Four minutes of forty requests a second, restarted after one."""
    sessions: list[Session] = []
    restart = [{"at": "60s", "change": "restart", "args": {}}]
    setting = queue_setting(
        4, "40/s", injects=restart, replicas=2, replicas_max=2, concurrency=4, **serving
    )
    samples = tick_samples(setting, 1, sessions.append)
    return samples, sessions[-1]


def value(session: Session, query: str) -> float | None:
    rows = session.door(session.plays).query(query).rows()
    return rows[0][1] if rows else None


def rise(session: Session, name: str) -> float:
    """The increase of a counter over the last three minutes."""
    increase = value(session, f"{name} - ({name} offset 3m)")
    assert increase is not None
    return increase


def test_reads_and_look_ups_are_counted() -> None:
    samples, session = run_session(
        dependency={**STORE, "others": {"rate": "20/s"}}, cache={"hit_ratio": 0.8, "size": 300}
    )
    ours, others = '{caller="queue"}', '{caller="others"}'
    last = [sample for sample in samples if sample.t >= 60_000]
    reads = sum(sample.reads for sample in last)
    assert rise(session, f"{DURATION}_count{ours}") == reads
    seconds = sum(sample.reading_ms for sample in last) / 1000
    assert rise(session, f"{DURATION}_sum{ours}") == pytest.approx(seconds)
    assert seconds / reads > 0.021  # the two callers share it
    assert rise(session, f"{DURATION}_count{others}") == pytest.approx(20 * 180, abs=1)
    assert value(session, f"http_server_active_requests{ours}") is not None
    # A pod's counters begin anew with its process, cold.
    for pod in (0, 1):
        hits, misses = (
            value(session, f'cache_gets_total{{result="{name}",pod="queue-predictor-{pod}"}}')
            for name in ("hit", "miss")
        )
        assert hits is not None
        assert misses is not None
        assert 0.4 < hits / (hits + misses) < 0.8
    read = value(session, "sum(cache_gets_total{result='miss'})")
    assert read is not None
    assert read <= reads


def test_without_a_concurrency_or_a_cache_there_are_no_such_series() -> None:
    _, session = run_session(dependency={"name": "store", "mean": "20ms"})
    assert value(session, "http_server_active_requests") is None
    assert value(session, "cache_gets_total") is None


def test_a_cache_with_memory_has_a_series_of_its_entries() -> None:
    cache = {"hit_ratio": 0.8, "size": 300, "memory": "90MiB"}
    _, session = run_session(dependency=STORE, cache=cache)
    entries = value(session, 'cache_entry_memory_bytes{pod="queue-predictor-0"}')
    looked_up = value(session, 'sum(cache_gets_total{pod="queue-predictor-0"})')
    assert entries is not None
    assert looked_up is not None
    assert entries == pytest.approx(90 * 2**20 * (1 - math.exp(-looked_up / 300)))
    used = value(session, 'container_memory_working_set_bytes{pod="queue-predictor-0"}')
    assert used is not None
    assert used > entries > 0
    _, session = run_session(dependency=STORE, cache={"hit_ratio": 0.8, "size": 300})
    assert value(session, "cache_entry_memory_bytes") is None
