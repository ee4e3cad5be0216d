"""Queues that never drain get a warning with line and column, and block no run."""

import pytest

from simulator.cli import call
from tests.scenario.conftest import PIPELINE


@pytest.fixture
def warnings_after(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def warnings_after(old, new):
        assert old in PIPELINE
        (tmp_path / "a.yaml").write_text(PIPELINE.replace(old, new))
        assert call(["check", "a.yaml"]) == 0
        return capsys.readouterr().err.splitlines()

    return warnings_after


def test_traffic_above_the_capacity_of_all_slots(warnings_after):
    assert warnings_after("rate: 20/s", "rate: 900/s") == [
        "a.yaml:5:17: warning: traffic.rate: 900 requests per second on average, "
        "but 4 x 8 slots answer at most 800: the queue never drains"
    ]


def test_a_cpu_limit_lowers_the_capacity(warnings_after):
    cpu = "start_up: 20s\n    cpu: {limit: 0.2, per_request: 0.5}"
    assert warnings_after("start_up: 20s", cpu) == []  # four times 0.4 at once, 40 ms each
    assert warnings_after("start_up: 20s", cpu.replace("0.2", "0.05")) == [
        "a.yaml:5:17: warning: traffic.rate: 20 requests per second on average, "
        "but 4 x 0.05 cores of 0.5 a request answer at most 10: the queue never drains"
    ]


def test_a_trace_above_the_capacity(warnings_after):
    assert warnings_after("20/s", "20/s, trace: {every: 15m, counts: [900000]}") == [
        "a.yaml:5:30: warning: traffic.trace: 1000 requests per second on average, "
        "but 4 x 8 slots answer at most 800: the queue grows as long as it lasts"
    ]


def test_an_autoscaler_raises_the_capacity(warnings_after):
    scaler = "start_up: 20s\n    autoscaler: {min: 4, max: 12}"
    assert warnings_after("rate: 20/s", "rate: 900/s") != []
    both = PIPELINE.replace("rate: 20/s", "rate: 900/s").replace("start_up: 20s", scaler)
    assert warnings_after(PIPELINE, both) == []


def test_batches_raise_the_capacity(warnings_after):
    batches = "mean: 2s}\n    queues: per_replica\n    batching: {max_size: 4, further: "
    assert warnings_after("mean: 40ms}", batches + "0.9}") == [
        "a.yaml:5:17: warning: traffic.rate: 20 requests per second on average, "
        "but 4 x 8 slots with batches of 4 answer at most 17.2973: the queue never drains"
    ]
    assert warnings_after("mean: 40ms}", batches + "0.1}") == []
    # Without a maximum wait a batch never exceeds the preferred sizes.
    assert (
        "batches of 2 answer"
        in warnings_after("mean: 40ms}", batches + "0.7, preferred: [1, 2]}")[0]
    )
    assert warnings_after("mean: 40ms}", batches + "0.7, preferred: [1, 2], max_wait: 5ms}") == []


def test_full_batches_that_do_not_fit_their_accelerator(warnings_after):
    batches = (
        "mean: 40ms}\n    queues: per_replica\n    batching: {max_size: 4, further: 0.1}\n    "
    )
    memory = "gpu_memory: {size: 16GiB, base: 8GiB, per_request: "
    assert warnings_after("mean: 40ms}", batches + memory + "512MiB}") == [
        "a.yaml:22:24: warning: stages.serving.gpu_memory.size: "
        "16GiB, but 8 full batches of 4 need 24GiB on average: some will not fit"
    ]
    assert warnings_after("mean: 40ms}", batches + memory + "256MiB}") == []


def test_clients_that_give_up_before_the_answer(warnings_after):
    assert warnings_after("mean: 40ms", "mean: 3s, sigma: 0") == [
        "a.yaml:5:17: warning: traffic.rate: 20 requests per second on average, "
        "but 4 x 8 slots answer at most 10.6667: the queue never drains",
        "a.yaml:19:14: warning: stages.serving.service: 3s on average, "
        "but clients wait 2s: few get an answer",
    ]


def test_a_queue_that_drains_gets_no_warning(warnings_after):
    assert warnings_after("rate: 20/s", "rate: 790/s") == []


def test_a_dependency_lowers_the_capacity_and_a_cache_raises_it(warnings_after):
    reads = "start_up: 20s\n    dependency: {name: store, mean: 100ms, concurrency: 1}"
    assert warnings_after("start_up: 20s", reads) == [
        "a.yaml:5:17: warning: traffic.rate: 20 requests per second on average, "
        "but slots that wait for store (1 reads at a time) answer at most 10: the queue never drains"
    ]
    assert warnings_after("start_up: 20s", reads + "\n    cache: {hit_ratio: 0.8, size: 100}") == []
    assert warnings_after("start_up: 20s", reads.replace("1}", "2, others: {rate: 15/s}}")) == [
        "a.yaml:5:17: warning: traffic.rate: 20 requests per second on average, but slots that wait "
        "for store (2 reads at a time, beside those of others) answer at most 5: the queue never drains"
    ]


def test_a_cache_above_the_memory_of_its_replica(warnings_after):
    reads = "start_up: 20s\n    dependency: {name: store, mean: 10ms}\n    cache: "
    cache = "{hit_ratio: 0.8, size: 100, memory: 4GiB}"
    assert any(
        "stages.serving.cache.memory: with" in text
        and "it is killed when its cache is full" in text
        for text in warnings_after("start_up: 20s", reads + cache)
    )
    assert warnings_after("start_up: 20s", reads + cache.replace("4GiB", "1MiB")) == []


def test_pods_that_hold_more_than_their_node_has(warnings_after):
    memory = "memory: {base: 600MiB, limit: 1.5GiB, request: 1GiB}"
    assert warnings_after(memory, "memory: {base: 5GiB, limit: 6GiB, request: 1GiB}") == [
        "a.yaml:22:13: warning: stages.serving.memory: "
        "2 pods on a node hold up to 10GiB of its 8GiB: it evicts them"
    ]
