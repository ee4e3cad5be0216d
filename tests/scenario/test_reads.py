"""The dependency of the model server, its load, and the caches before it."""

import pytest

from simulator.scenario import Pipeline

from .conftest import PIPELINE

MEAN = "mean: 40ms}"
STORE = "mean: 40ms}\n    dependency: {name: store, mean: 10ms"


def test_a_dependency_under_load_is_read(read):
    new = STORE + (
        ", concurrency: 40, others: {rate: 9/s, timeout: 2s}, finishes_abandoned: true}"
        "\n    cache: {hit_ratio: 80%, size: 20000, memory: 300MiB}"
    )
    server = read(Pipeline, PIPELINE, MEAN, new).stages["serving"]
    assert server.dependency.others.timeout == 2000
    assert server.cache.hit_ratio == 0.8
    assert server.cache.memory == 300 * 2**20


@pytest.mark.parametrize(
    ("new", "line"),
    [
        (STORE + ", concurrency: 0}", "20:56: stages.serving.dependency.concurrency: given 0, expected 1 or more"),
        (STORE + ", others: {rate: 9/s}}", "20:51: stages.serving.dependency.others: stands without `concurrency`: no load slows the dependency"),
        (STORE + ", finishes_abandoned: true}", "20:63: stages.serving.dependency.finishes_abandoned: stands without `concurrency`: no load slows the dependency"),
        (STORE + ", concurrency: 4, others: {rate: 9/s, timeout: 0s}}", "20:88: stages.serving.dependency.others.timeout: given '0s', expected more: they would read nothing"),
        (STORE + ", concurency: 4}", "20:43: stages.serving.dependency.concurency: unknown key; did you mean 'concurrency'?"),
        ("mean: 40ms}\n    cache: {hit_ratio: 0.8, size: 100}", "20:12: stages.serving.cache: stands without `dependency`: nothing is read"),
        (STORE + "}\n    cache: {hit_ratio: 1.8, size: 100}", "21:24: stages.serving.cache.hit_ratio: 1.8 is not a ratio from 0 to 1: it is above 1 (for example 0.6 or '60%')"),
        (STORE + "}\n    cache: {hit_ratio: 0.8, size: 0}", "21:35: stages.serving.cache.size: given 0, expected 1 or more"),
    ],
)  # fmt: skip
def test_each_mistake_is_one_line_in_its_place(refused, new, line):
    assert refused(Pipeline, PIPELINE, MEAN, new) == [f"a.yaml:{line}"]
