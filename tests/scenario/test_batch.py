"""Impossible batch graphs, pools and training runs: each error in its place."""

import pytest

from simulator.scenario import Pipeline

from .conftest import PIPELINE

FILL = "every: 10m, duration: 90s"
CLUSTER = "cluster: {nodes: 3, memory: 8GiB}"
JOIN = """\
  join: {kind: job, does: label_join, every: 1h, duration: 20s}
  fill:"""
MACHINES = """\
cluster: {nodes: 3, memory: 8GiB, accelerators: {nodes: 4, failures: 1/d}}
zone: America/New_York
"""
TRAINING = "  run: {kind: training, nodes: 4, set_up: 10m, checkpoint: {every: 1h, write: 5m}}\n"


def test_a_pipeline_with_all_batch_features_is_read(read):
    text = PIPELINE.replace(CLUSTER, MACHINES + "pools: {lane: {slots: 2, full_speed: 1}}")
    text = text.replace("stages:\n", "stages:\n" + TRAINING)
    new = (
        "cron: '30 2 * * MON-FRI', catch_up: true, at_once: 3, duration: 90s, retry_factor: 2.0, "
        "retry_delay_max: 10m, deadline: 1h, pool: lane, slots: 2, priority: 7, "
        "sensor: {poke: 30s, timeout: 2h, soft_fail: true, mode: poke}"
    )
    pipeline = read(Pipeline, text, FILL, new)
    assert pipeline.stages["fill"].cron == "30 2 * * MON-FRI"
    assert pipeline.stages["run"].checkpoint.write == 300_000
    assert Pipeline.model_validate_json(pipeline.model_dump_json(by_alias=True)) == pipeline


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (FILL, "cron: '0 25 * * *', duration: 90s", "10:73: stages.fill.cron: '0 25 * * *': bad hour; expected minute, hour, day, month and weekday (for example '30 2 * * MON-FRI')"),
        (FILL, "cron: '0 0 30 2 *', duration: 90s", "10:73: stages.fill.cron: '0 0 30 2 *': it never fires: no such day is in those months"),
        (FILL, "cron: '0 0 31 4,6 *', duration: 90s", "10:73: stages.fill.cron: '0 0 31 4,6 *': it never fires: no such day is in those months"),
        (FILL, "cron: '0 0 * *', duration: 90s", "10:73: stages.fill.cron: '0 0 * *': 4 fields; expected minute, hour, day, month and weekday (for example '30 2 * * MON-FRI')"),
        (FILL, f"cron: '0 0 * * *', {FILL}", "10:73: stages.fill.cron: stands beside every; a job has one schedule"),
        (FILL, "every: -10m, duration: 90s", "10:74: stages.fill.every: '-10m' is not a duration: it is negative (units w, d, h, m, s, ms; for example '1h30m')"),
        (FILL, "every: .nan, duration: 90s", "10:74: stages.fill.every: nan is not a duration: it has no unit (units w, d, h, m, s, ms; for example '1h30m')"),
        (FILL, "every: 10m, duration: 99999999d", "10:89: stages.fill.duration: '99999999d' is not a duration: it is absurdly large (units w, d, h, m, s, ms; for example '1h30m')"),
        (FILL, "duration: 90s, catch_up: true", "10:92: stages.fill.catch_up: stands without a schedule to catch up with"),
        (FILL, f"{FILL}, deadline: 80s", "10:104: stages.fill.deadline: given '80s': every run of 90s is late"),
        (FILL, f"{FILL}, retry_factor: 0.5", "10:108: stages.fill.retry_factor: expected 1 or more"),
        (FILL, f"{FILL}, retry_delay_max: 1s", "10:111: stages.fill.retry_delay_max: given '1s', below retry_delay (1m)"),
        (FILL, f"{FILL}, pool: lane", "10:100: stages.fill.pool: unknown pool 'lane'; there are none"),
        (FILL, f"{FILL}, slots: 2", "10:101: stages.fill.slots: stands without pool: whose they are"),
        (FILL, f"{FILL}, sensor: {{poke: 0s}}", "10:109: stages.fill.sensor.poke: given '0s', expected 1s or more"),
        (f"needs: [feed], {FILL}", f"{FILL}, sensor: {{}}", "10:87: stages.fill.sensor: waits for nothing: the job needs no stage's data"),
        (CLUSTER, CLUSTER + "\npools: {lane: {slots: 0}}", "24:23: pools.lane.slots: given 0, expected 1 or more"),
        (CLUSTER, CLUSTER + "\nzone: America/New_Yrok", "24:7: zone: unknown time zone 'America/New_Yrok'; did you mean 'America/New_York'?"),
        (CLUSTER, "cluster: {nodes: 3, memory: 8GiB, accelerators: {nodes: 4, failures: 9/s}}", "23:70: cluster.accelerators.failures: expected at most one failure of a node in a second ('1/s')"),
        (CLUSTER, "cluster: {nodes: 3, memory: 8GiB, accelerators: {nodes: 4, lemons: {nodes: 5, factor: 2.0}}}", "23:76: cluster.accelerators.lemons.nodes: given 5, but there are 4 nodes"),
        ("stages:\n", "stages:\n" + TRAINING, "7:32: stages.run.nodes: needs machines: cluster.accelerators is missing"),
        ("stages:\n", "stages:\n" + TRAINING.replace("every: 1h", "every: 0s"), "7:68: stages.run.checkpoint.every: given '0s', expected 1s or more"),
        ("stages:\n", "stages:\n  run: {kind: training, nodes: 1, work: 1d, done: 1d}\n", "7:51: stages.run.done: given '24h': nothing is left of 24h"),
        ("stages:\n", "stages:\n  run: {kind: training, nodes: 1, watchdog: 0s}\n", "7:45: stages.run.watchdog: given '0s': it would see a hang in every step"),
    ],
)  # fmt: skip
def test_each_mistake_is_one_line_in_its_place(refused, old, new, line):
    assert refused(Pipeline, PIPELINE, old, new) == [f"a.yaml:{line}"]


@pytest.mark.parametrize(
    ("schedule", "wrong"),
    [
        ("every: 1h", ""),
        ("cron: '30 2 * * *'", "cron 30 2 * * *, every 10m"),
        ("daily_at: '02:30'", "daily_at 02:30, every 10m"),
    ],
)
def test_the_schedules_of_jobs_before_a_job_must_meet(refused, read, schedule, wrong):
    old = "  fill: {kind: job,"
    new = f"  join: {{kind: job, does: label_join, {schedule}, duration: 20s}}\n"
    new += "  train: {kind: job, does: train, after: [fill, join], duration: 20s}\n" + old
    if not wrong:
        read(Pipeline, PIPELINE, old, new)
        return
    (line,) = refused(Pipeline, PIPELINE, old, new)
    text = "comes after jobs of several schedules, which need not meet: "
    assert line == f"a.yaml:11:42: stages.train.after: {text}{wrong}"


def test_a_job_that_waits_for_a_later_job_is_a_circle(refused):
    old = "  fill: {kind: job, does: materialize, view: view, needs: [feed], every: 10m,"
    new = "  join: {kind: job, does: label_join, after: [fill], duration: 20s}\n"
    new += (
        "  fill: {kind: job, does: materialize, view: view, needs: [join], sensor: {}, every: 10m,"
    )
    (line,) = refused(Pipeline, PIPELINE, old, new)
    assert line == "a.yaml:10:46: stages.join.after: goes in a circle: join -> fill -> join"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("nodes: 4, set_up", "nodes: 5, set_up", "7:32: stages.run.nodes: given 5, but the cluster has 4 accelerator nodes"),
        ("every: 1h", "every: 30d", "7:68: stages.run.checkpoint.every: would be cut short by 120 failures on average, and never end"),
        ("checkpoint: {every: 1h, write: 5m}", "work: 30d", "7:54: stages.run.work: would be cut short by 120 failures on average, and never end"),
        ("failures: 1/d", "failures: 0.9/s", "7:32: stages.run.nodes: given 4: one of them would fail 3.6 times a second"),
        ("nodes: 4, failures", "nodes: 200000, failures", "24:57: cluster.accelerators.nodes: given 200000, expected 100000 or less"),
        ("set_up: 10m", "set_up: 20d", "7:43: stages.run.set_up: would be cut short by 80 failures on average, and never end"),
    ],
)  # fmt: skip
def test_a_training_run_that_does_not_fit_its_nodes_is_refused(refused, old, new, line):
    text = PIPELINE.replace(CLUSTER, MACHINES).replace("stages:\n", "stages:\n" + TRAINING)
    assert refused(Pipeline, text, old, new) == [f"a.yaml:{line}"]


@pytest.mark.parametrize(
    "written, line",
    [
        ("size: 3TiB", "size: given '3TiB', but disk has 2TiB"),
        ("size: 1TiB, store: disc", "store: unknown volume 'disc'; did you mean 'disk'?"),
    ],
)
def test_a_checkpoint_larger_than_its_volume_is_refused(refused, written, line):
    text = PIPELINE.replace(CLUSTER, MACHINES).replace("stages:\n", "stages:\n" + TRAINING)
    text += "\nvolumes: {disk: {size: 4TiB, used: 2TiB}}\n"
    store = "" if "store" in written else ", store: disk"
    error = refused(Pipeline, text, "write: 5m", f"write: 5m, {written}{store}")
    assert len(error) == 1
    assert error[0].endswith(f"stages.run.checkpoint.{line}")


def test_two_training_runs_must_fit_at_the_same_time(refused):
    text = PIPELINE.replace(CLUSTER, MACHINES)
    two = "stages:\n" + TRAINING + TRAINING.replace("run:", "more:").replace("nodes: 4", "nodes: 1")
    assert refused(Pipeline, text, "stages:\n", two) == [
        "a.yaml:8:33: stages.more.nodes: given 1: with the runs before it 5, but the cluster has "
        "4 accelerator nodes"
    ]
