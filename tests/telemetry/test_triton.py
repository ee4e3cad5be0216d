"""Triton's counters in a session with a batching server."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.pipeline.sample import Sample
from simulator.session import Session
from tests.oracles.queue_drill import queue_setting, tick_samples

BATCHES = {"queues": "per_replica", "batching": {"max_size": 4, "max_wait": "5ms", "further": 0}}


def run_session(**serving: Any) -> tuple[list[Sample], Session]:
    sessions: list[Session] = []
    setting = queue_setting(minutes=3, rate="300/s", service={"mean": "10ms"}, **serving)
    samples = tick_samples(setting, 1, sessions.append)
    return samples, sessions[-1]


def rise(session: Session, name: str) -> float:
    """The increase of a counter over the last two minutes."""
    _, value = session.door(session.plays).query(f"{name} - ({name} offset 2m)").first()
    return float(value)


def test_batches_and_the_parts_of_their_time_are_counted() -> None:
    samples, session = run_session(**BATCHES)
    last = samples[-24:]  # two minutes
    departed = sum(sample.departed for sample in last)
    batches = sum(sample.batches_executed for sample in last)
    assert rise(session, "nv_inference_count") == departed
    assert rise(session, "nv_inference_exec_count") == batches
    assert 3.0 < departed / batches <= 4.0  # three arrive per service time, and wait for a fourth
    assert rise(session, "nv_inference_request_success") == sum(sample.served for sample in last)
    latency, infer = (
        sum(getattr(sample, name).sum() for sample in last) for name in ("latency_ms", "predict_ms")
    )
    waited = rise(session, "nv_inference_queue_duration_us") / 1000
    assert waited == pytest.approx(latency - infer)
    assert rise(session, "nv_inference_compute_infer_duration_us") / 1000 == pytest.approx(infer)


def test_without_batching_there_are_no_such_series() -> None:
    _, session = run_session(concurrency=4)
    assert len(session.door(session.plays).query("nv_inference_count")) == 0
