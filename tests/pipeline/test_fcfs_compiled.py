"""The compiled kernel equals the plain one to the last bit."""

import dataclasses
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.pipeline import segments
from simulator.pipeline.cluster import deployment
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving import one_by_one, server
from simulator.pipeline.serving.client_guard import RetryBudgetLaw
from simulator.pipeline.traffic import arrivals
from simulator.pipeline.traffic.customers import Customers
from simulator.streams import Streams
from tests.pipeline.model_server import laws, serving_world

TICK_MS = 2500
compiled = pytest.importorskip(
    "simulator.pipeline.serving.fcfs_compiled", reason="the extra `compiled` is not installed"
)


def served(params, changes, kernel, monkeypatch):
    """The outcomes of the requests of a few ticks, as bytes."""
    monkeypatch.setattr(one_by_one, "compiled", lambda: kernel)
    world, draws = serving_world(params, 2, (8e9,)), Customers(Streams(3))
    results = []
    for number, (replicas, slower, factor) in enumerate(changes):
        world.cluster.desired_replicas = replicas
        now = dataclasses.replace(params.unbent(), timeout_ms=params.timeout_ms * factor)
        now.bends.speed, now.bends.error_share = (
            np.ones(params.slots),
            np.full(params.slots, params.bends.error_share.max()),
        )
        now.bends.speed[0] /= slower
        sample = Sample(number * TICK_MS, TICK_MS)
        rows = arrivals.arrive(now, draws, sample)
        deployment.step(world, now, sample)
        done = segments.serve(world, now, rows, sample)
        counts = (sample.arrived, sample.served, sample.shed, sample.timed_out, sample.failed)
        columns = (done.leaves, done.slot, done.latency_ms, sample.busy_ms)
        results.append((counts, [column.tobytes() for column in columns]))
    queue = world.queue
    ends = (queue.waiting, queue.serving, queue.leaves, queue.slot)
    back = np.column_stack((queue.retry_at, queue.retrying))  # in any order: they come by time
    back = back[np.lexsort(back.T)]
    return results, [column.tobytes() for column in (*ends, back)], queue.round_robin_next


change = st.tuples(st.integers(0, 4), st.sampled_from([1.0, 3.0, 50.0]), st.sampled_from([0.5, 1]))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(change, min_size=1, max_size=6),
    st.sampled_from([5.0, 40.0, 120.0]),
    st.sampled_from([60.0, 400.0, 1500.0]),
    st.sampled_from([1e9, 3000.0, 200.0]),
    st.sampled_from([0, 10, 10**9]),
    st.integers(0, 3),
    st.sampled_from([0.0, 0.3]),
)
def test_both_kernels_serve_the_same(changes, rate, service, patience, cap, retries, errors):
    params = laws(
        rate=rate, slots=4, concurrency=3, service_ms=service, timeout_ms=patience,
        queue_cap=cap, retries=retries, retry_backoff_ms=150.0, start_up_ms=1000,
    )  # fmt: skip
    params.bends.error_share = np.full(4, errors)
    with pytest.MonkeyPatch.context() as monkeypatch:
        play = partial(served, params, changes, monkeypatch=monkeypatch)
        assert play(compiled) == play(None)


def test_the_compiled_kernel_serves_a_shared_queue_without_client_guards(monkeypatch):
    asked = []
    monkeypatch.setattr(one_by_one, "compiled", lambda: asked.append(True) or compiled)
    params = laws(rate=120.0, slots=4, concurrency=3, service_ms=400.0, feature_read_ms=0.0)
    for budget in (None, RetryBudgetLaw(0.1, 10.0)):
        params.retry_budget = budget
        world, draws = serving_world(params, 2, (8e9,)), Customers(Streams(3))
        sample = Sample(0, TICK_MS)
        server.serve(world, params, arrivals.arrive(params, draws, sample), sample)
        assert sample.arrived > 0
    assert asked == [True]
