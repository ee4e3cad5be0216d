"""Counts, rates and durations beyond the bounds are refused in their place."""

import pytest

from simulator.scenario import OnCall, Pipeline, Scenario

from .conftest import ONCALL, PIPELINE, SCENARIO

BURSTS = "bursts: [{at: 1m, lasts: 1m, factor: 0.001}, {at: 90s, lasts: 5m, factor: 1000}]"
PODS = "replicas_max: 12\n    concurrency: 8"
FILL = "every: 10m, duration: 90s"
RUN = "  run: {kind: training, nodes: 4, set_up: 10m, checkpoint: {every: 1h, write: 5m}}\n"
CLUSTER = "cluster: {nodes: 3, memory: 8GiB"
LEMONS = CLUSTER + ", accelerators: {nodes: 4, failures: 1/d, lemons: {nodes: 1, factor: "


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("20/s", f"20/s, {BURSTS}", "5:97: traffic.bursts[1].factor: up to 20,000 requests per second, expected at most 8,192"),
        ("20/s", "20/s, trace: {every: 3d, counts: [1000000000]}", "5:50: traffic.trace.counts: 1,000,000,000 requests, expected at most 10,000,000 in a recording"),
        ("timeout: 2s", "timeout: 2s\n    retries: 51", "19:14: stages.serving.retries: given 51, expected 50 or less"),
        ("timeout: 2s", "timeout: 0s", "18:14: stages.serving.timeout: given '0s', expected more: nobody would wait for an answer"),
        ("replicas_max: 12", "replicas_max: 1001", "15:19: stages.serving.replicas_max: given 1001, expected 1000 or less"),
        ("concurrency: 8", "concurrency: 10001", "16:18: stages.serving.concurrency: given 10001, expected 10000 or less"),
        (PODS, "replicas_max: 1000\n    concurrency: 2000", "16:18: stages.serving.concurrency: given 2000, expected 1000 or less for so many replicas"),
        ("start_up: 20s", "start_up: 20s\n    cpu: {limit: 1.0, per_request: 1.0e-300}", "21:36: stages.serving.cpu.per_request: given 1e-300, expected 0.001 or more"),
        ("nodes: 3", "nodes: 1000000000", "23:18: cluster.nodes: given 1000000000, expected 5000 or less"),
        ("nodes: 3", "nodes: 3, nodes_max: 2", "23:32: cluster.nodes_max: given 2, below nodes (3)"),
        ("memory: 8GiB", "memory: 0B", "23:29: cluster.memory: given '0B', expected more"),
        ("logged: 200/min", "logged: 1000/s", "25:9: logged: given '1000/s', expected at most '50/s'"),
        ("rows: 1000", "rows: 1000000000", "4:33: data.rows: given 1000000000, expected 5000000 or less"),
        (FILL, "every: 1ms, duration: 90s", "10:74: stages.fill.every: given '1ms', expected 1s or more"),
        (FILL, "every: 1s, at_once: 0, duration: 1h", "10:87: stages.fill.at_once: given 0: more than 1000 runs of 1h would be under way, expected a number"),
        (CLUSTER, LEMONS + "1000000000.0}}", "23:102: cluster.accelerators.lemons.factor: given 1e+09: a node would fail 1.16e+04 times a second, expected once at most"),
    ],
)  # fmt: skip
def test_a_pipeline_beyond_the_bounds_is_refused(refused, old, new, line):
    assert refused(Pipeline, PIPELINE, old, new) == [f"a.yaml:{line}"]


def test_lemons_count_in_the_check_of_endless_runs(read, refused):
    text = PIPELINE.replace("stages:\n", "stages:\n" + RUN)
    read(Pipeline, text, CLUSTER, LEMONS + "100.0}}")
    assert refused(Pipeline, text, CLUSTER, LEMONS + "1000.0}}") == [
        "a.yaml:7:68: stages.run.checkpoint.every: "
        "would be cut short by 45 failures on average, and never end"
    ]


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ("1000d\ntick: 1ms", "86,486,400,000 ticks every 1ms with its history, expected at most 5,000,000"),
        ("30d", "178,560 scrapes every 15s with its history, expected at most 100,000"),
        ("4h\nhistory: 1000d", "17,282,880 ticks every 5s with its history, expected at most 5,000,000"),
        ("14401s", "given '4h1s', expected a multiple of the tick (5s)"),
    ],
)  # fmt: skip
def test_a_drill_too_long_for_its_grid_is_refused(refused, new, message):
    assert refused(Scenario, SCENARIO, "duration: 4h", f"duration: {new}") == [
        f"a.yaml:6:11: duration: {message}"
    ]


@pytest.mark.parametrize(
    ("new", "line"),
    [
        ("escalate: {levels: 1000000000}", "4:48: teams.ml.escalate.levels: given 1000000000, expected 100 or less"),
        ("rotation: 0s", "4:39: teams.ml.rotation: given '0s', expected a minute or more"),
    ],
)  # fmt: skip
def test_on_call_numbers_beyond_the_bounds_are_refused(refused, new, line):
    old = "members: [ana, ben]"
    assert refused(OnCall, ONCALL, old, f"{old}, {new}") == [f"a.yaml:{line}"]
