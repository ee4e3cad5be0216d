"""Queues that can never drain are told with line and column, and stop nothing."""

import pytest

from simulator.cli import call
from tests.scenario.conftest import PIPELINE


@pytest.fixture
def said(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def said(old, new):
        assert old in PIPELINE
        (tmp_path / "a.yaml").write_text(PIPELINE.replace(old, new))
        assert call(["check", "a.yaml"]) == 0
        return capsys.readouterr().err.splitlines()

    return said


def test_more_comes_than_all_slots_can_answer(said):
    assert said("rate: 20/s", "rate: 900/s") == [
        "a.yaml:5:17: warning: traffic.rate: 900 requests per second on average, "
        "but 4 x 8 slots answer at most 800: the queue never drains"
    ]


def test_a_limit_of_cpu_answers_less_than_all_slots(said):
    cpu = "start_up: 20s\n    cpu: {limit: 0.2, per_request: 0.5}"
    assert said("start_up: 20s", cpu) == []  # four times 0.4 at once, 40 ms each
    assert said("start_up: 20s", cpu.replace("0.2", "0.05")) == [
        "a.yaml:5:17: warning: traffic.rate: 20 requests per second on average, "
        "but 4 x 0.05 cores of 0.5 a request answer at most 10: the queue never drains"
    ]


def test_a_recording_is_more_than_all_slots_can_answer(said):
    assert said("20/s", "20/s, trace: {every: 15m, counts: [900000]}") == [
        "a.yaml:5:30: warning: traffic.trace: 1000 requests per second on average, "
        "but 4 x 8 slots answer at most 800: the queue grows as long as it lasts"
    ]


def test_what_an_autoscaler_may_add_answers_too(said):
    scaler = "start_up: 20s\n    autoscaler: {min: 4, max: 12}"
    assert said("rate: 20/s", "rate: 900/s") != []
    both = PIPELINE.replace("rate: 20/s", "rate: 900/s").replace("start_up: 20s", scaler)
    assert said(PIPELINE, both) == []


def test_batches_answer_more(said):
    batches = "mean: 2s}\n    queues: per_replica\n    batching: {max_size: 4, further: "
    assert said("mean: 40ms}", batches + "0.9}") == [
        "a.yaml:5:17: warning: traffic.rate: 20 requests per second on average, "
        "but 4 x 8 slots with batches of 4 answer at most 17.2973: the queue never drains"
    ]
    assert said("mean: 40ms}", batches + "0.1}") == []
    # Nobody ever waits so long that more than what is preferred leaves together.
    assert "batches of 2 answer" in said("mean: 40ms}", batches + "0.7, preferred: [1, 2]}")[0]
    assert said("mean: 40ms}", batches + "0.7, preferred: [1, 2], max_wait: 5ms}") == []


def test_full_batches_fit_their_accelerator(said):
    batches = (
        "mean: 40ms}\n    queues: per_replica\n    batching: {max_size: 4, further: 0.1}\n    "
    )
    memory = "gpu_memory: {size: 16GiB, base: 8GiB, per_request: "
    assert said("mean: 40ms}", batches + memory + "512MiB}") == [
        "a.yaml:22:24: warning: stages.serving.gpu_memory.size: "
        "16GiB, but 8 full batches of 4 need 24GiB on average: some will not fit"
    ]
    assert said("mean: 40ms}", batches + memory + "256MiB}") == []


def test_clients_go_before_the_answer_is_there(said):
    assert said("mean: 40ms", "mean: 3s, sigma: 0") == [
        "a.yaml:5:17: warning: traffic.rate: 20 requests per second on average, "
        "but 4 x 8 slots answer at most 10.6667: the queue never drains",
        "a.yaml:19:14: warning: stages.serving.service: 3s on average, "
        "but clients wait 2s: few get an answer",
    ]


def test_what_drains_is_not_worth_a_word(said):
    assert said("rate: 20/s", "rate: 790/s") == []
