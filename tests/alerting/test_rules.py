import os
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from simulator.alerting.alerts import AlertStates
from simulator.alerting.rule_evaluator import RuleEvaluator, load_rules
from simulator.promql import Engine
from simulator.source import SourceError
from simulator.telemetry.store import MISSING, STALE, SeriesStore, labels_of

FOLDER = Path(__file__).parents[2].parent / "shared" / "conformance" / "rules"
STEP = 30_000

DOWN = """
groups:
- name: serving
  interval: 30s
  rules:
  - record: job:up:sum
    expr: sum by (job) (up)
    labels: {source: rules}
  - alert: Down
    expr: up == 0
    for: 1m
    keep_firing_for: 1m
    labels: {severity: page, pod: "{{ $labels.pod }}-x"}
    annotations: {summary: "{{ $labels.pod }} is {{ $value | humanize }}"}
  - alert: Few
    expr: job:up:sum < 2
"""


class RulePlayer:
    """Two pods, scraped every 30 s; `log` is what the rules did."""

    def __init__(self, text=DOWN, **options):
        self.store = SeriesStore()
        series = [labels_of(__name__="up", job="api", pod=pod) for pod in "ab"]
        self.table = self.store.table("api", series)
        self.engine = Engine(self.store)
        self.rules = RuleEvaluator(load_rules(text, "serving.yml"), self.engine, **options)
        self.t, self.log = 0, []

    def scrape(self, *rows):
        for row in rows:
            self.table.append(self.t, np.array(row))
            changes = self.rules.evaluate(self.t)
            self.log += [(self.t // 1000, change.alert, change.state) for change in changes]
            self.t += STEP
        return self


def test_pending_then_firing_then_kept_then_resolved():
    play = RulePlayer().scrape((1, 1), *[(1, 0)] * 4, *[(1, 1)] * 3)
    assert play.log == [
        (30, "Down", "pending"),
        (30, "Few", "firing"),
        (90, "Down", "firing"),
        (150, "Few", "resolved"),
        (210, "Down", "resolved"),
    ]


def test_a_pending_alert_whose_condition_ends_becomes_inactive():
    play = RulePlayer().scrape((1, 0), (1, 1))
    assert ("Down", "inactive") in [entry[1:] for entry in play.log]
    assert play.rules.outgoing(30_000)[-1].name == "Few"


def test_labels_and_annotations_are_expanded():
    play = RulePlayer().scrape(*[(1, 0)] * 3)
    alert = next(alert for alert in play.rules.outgoing(60_000) if alert.name == "Down")
    assert dict(alert.labels) == {
        "alertname": "Down", "job": "api", "pod": "b-x", "severity": "page",
    }  # fmt: skip
    assert dict(alert.annotations) == {"summary": "b is 0"}


def test_recorded_and_alert_series_end_with_a_stale_marker():
    play = RulePlayer().scrape((1, 0), (1, 1))
    ended = [
        dict(labels)["__name__"]
        for table in play.store.tables.values()
        for labels, value in zip(table.series, table.values[-1], strict=True)
        if np.float64(value).tobytes() == np.float64(STALE).tobytes()
    ]
    assert sorted(ended) == ["ALERTS", "ALERTS", "ALERTS_FOR_STATE", "ALERTS_FOR_STATE"]
    assert play.engine.query("job:up:sum", 30_000).first() == (
        {"__name__": "job:up:sum", "job": "api", "source": "rules"}, 2.0,
    )  # fmt: skip


def test_an_unchanged_alert_is_resent_after_more_than_a_minute():
    play = RulePlayer(DOWN)
    sent = []
    for _ in range(12):
        play.scrape((1, 0))
        now = play.t - STEP
        sent += [now // 1000 for alert in play.rules.outgoing(now) if alert.name == "Few"]
    assert sent == [0, 90, 180, 270]


def test_an_alert_ends_four_minutes_after_it_was_last_sent():
    play = RulePlayer().scrape((1, 0))
    assert [alert.ends_at for alert in play.rules.outgoing(0)] == [240_000]


def test_external_labels_are_sent_and_do_not_override():
    play = RulePlayer(external_labels={"cluster": "eu", "job": "other"}).scrape((1, 0))
    sent = dict(play.rules.outgoing(0)[0].labels)
    assert (sent["cluster"], sent["job"]) == ("eu", "api")


def test_groups_are_evaluated_at_their_own_intervals():
    text = "groups: [{name: a, interval: 1m, rules: [{record: x, expr: '1'}]}]"
    rules = RuleEvaluator(load_rules(text, "a.yml"), Engine(SeriesStore()))
    assert [t for t in range(-60_000, 120_001, 15_000) if rules.groups_due(t)] == [
        -60_000, 0, 60_000, 120_000,
    ]  # fmt: skip


def test_a_failing_rule_is_reported_and_the_others_run():
    text = """
groups:
- name: a
  rules:
  - record: twice
    expr: up * on (job) up
  - record: fine
    expr: count(up)
"""
    play = RulePlayer(text).scrape((1, 1))
    assert [failure.rule for failure in play.rules.failures] == ["twice"]
    assert play.engine.query("fine", 0).first()[1] == 2.0


def test_two_groups_with_the_same_alert_write_one_series():
    """Found with a public file: the same alert name in two groups, hence the same ALERTS."""
    text = "groups:\n" + "".join(
        f"- {{name: {name}, rules: [{{alert: Down, expr: up == 0}}]}}\n" for name in "ab"
    )
    play = RulePlayer(text).scrape((1, 0), (1, 0))
    assert len(play.engine.query("ALERTS", STEP)) == 1
    assert play.engine.query("count(ALERTS)", STEP).first()[1] == 1.0


@pytest.mark.parametrize(
    "rule, complaint",
    [
        ("{alert: A, expr: 'sum(up'}", "unclosed left parenthesis"),
        ("{alert: A, expr: 'rat(up[5m])'}", "did you mean 'rate'?"),
        ("{alert: A, expr: 'limitk(1, up)'}", "left out"),
        ("{alert: A, expr: up, fro: 5m}", "unknown field 'fro'"),
        ("{alert: A, expr: up, for: 5 minutes}", "not a valid duration"),
        ("{alert: A, record: b, expr: up}", "both record and alert"),
        ("{expr: up}", "neither record nor alert"),
        ("{alert: A}", "needs an expr"),
        ("{record: a, expr: up, for: 1m}", "alerting rules only"),
        ("{alert: A, expr: up, annotations: {s: '{{ $labels.pod'}}", "unclosed action"),
        ("{alert: A, expr: up, labels: {__name__: x}}", "not a valid label name"),
    ],
)
def test_an_invalid_rule_is_an_error_with_its_place(rule, complaint):
    with pytest.raises(SourceError) as error:
        load_rules(f"groups:\n- name: g\n  rules:\n  - {rule}\n", "a.yml")
    assert complaint in str(error.value)
    assert str(error.value).startswith("a.yml:4:")
    assert "group g: rule " in str(error.value)


def test_all_errors_are_reported_at_once():
    text = "groups:\n- name: g\n  rules:\n  - {alert: A}\n  - {record: b}\n- name: g\n"
    with pytest.raises(SourceError) as error:
        load_rules(text, "a.yml")
    assert len(error.value.complaints) == 3


def test_every_public_rule_file_loads():
    if not FOLDER.is_dir():
        pytest.skip(f"no rule files at {FOLDER}")
    counts = {
        file.name: sum(len(group.rules) for group in load_rules(file.read_text(), file.name))
        for file in FOLDER.glob("*.yml")
    }
    assert len(counts) == 18
    assert sum(counts.values()) == 309


there = st.lists(st.booleans(), min_size=1, max_size=30)


@given(there, st.integers(0, 4), st.integers(0, 4))
def test_an_alert_fires_only_after_its_wait(course, hold, keep):
    """Whatever happens: firing only after `for` without a break, and no state is skipped."""
    states = AlertStates("A", hold * STEP, keep * STEP)
    labels = (("alertname", "A"),)
    log, since = [], None
    for n, holds in enumerate(course):
        since = (n if since is None else since) if holds else None
        for change in states.step({labels: (1.0, lambda _: ())} if holds else {}, n * STEP):
            log.append(change.state)
            if change.state == "firing":
                assert since is not None
                assert n - since >= hold
    ends = {"inactive", "resolved"}
    after = {"pending": {"firing", "inactive"}, "firing": {"resolved"}}
    for state, following in pairwise(log):
        assert following in after.get(state, {"pending", "firing"} - ends)


def promtool():
    folder = os.environ.get("PROMETHEUS_BIN")
    path = shutil.which("promtool", path=folder) if folder else shutil.which("promtool")
    if path is None:
        pytest.skip("no promtool on PATH or in PROMETHEUS_BIN")
    return path


@pytest.mark.parametrize("seed", range(3))
def test_alerts_are_those_of_promtool(tmp_path, seed):
    program = promtool()
    dice = np.random.default_rng(seed)
    ups = dice.choice([0.0, 1.0, MISSING, STALE], p=[0.5, 0.4, 0.07, 0.03], size=(40, 2))
    play = RulePlayer()
    firing = {}
    for row in ups:
        play.scrape(row)
        firing[play.t - STEP] = [a for a in play.rules.alerts() if a.state == "firing"]

    def written(value):
        return {"nan": "_"}.get(str(value), str(value))

    columns = [
        " ".join(
            "stale" if cell.tobytes() == np.float64(STALE).tobytes() else written(cell)
            for cell in column
        )
        for column in ups.T
    ]
    test = {
        "interval": "30s",
        "input_series": [
            {"series": f'up{{job="api",pod="{pod}"}}', "values": column}
            for pod, column in zip("ab", columns, strict=True)
        ],
        "alert_rule_test": [
            {
                "eval_time": f"{t // 1000}s",
                "alertname": name,
                "exp_alerts": [
                    {
                        "exp_labels": {k: v for k, v in a.labels if k != "alertname"},
                        "exp_annotations": dict(a.annotations),
                    }
                    for a in alerts
                    if a.alert == name
                ],
            }
            for t, alerts in firing.items()
            for name in ("Down", "Few")
        ],
    }
    (tmp_path / "rules.yml").write_text(DOWN)
    (tmp_path / "test.yml").write_text(
        yaml.safe_dump({"rule_files": ["rules.yml"], "evaluation_interval": "30s", "tests": [test]})
    )
    ran = subprocess.run(
        [program, "test", "rules", "test.yml"], cwd=tmp_path, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
