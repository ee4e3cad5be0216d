"""Public rule files over invented series: our alerts are those of `promtool test rules`."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.alerting.alerts import ActiveAlert
from simulator.alerting.rule_evaluator import RuleEvaluator, RuleGroup, load_rules
from simulator.promql import Engine
from simulator.telemetry.store import MISSING, STALE, Labels
from tests.alerting.invented import series, store
from tests.alerting.programs import program

FOLDER = Path(__file__).parents[2].parent / "shared" / "conformance" / "rules"
FILES = sorted(FOLDER.glob("*.yml"))
STEP = 60_000
ROWS = 131  # two hours and ten minutes


class PlayedRules:
    """A rule file over invented series: its alerts and recordings at every minute."""

    def __init__(self, groups: Sequence[RuleGroup], columns: dict[Labels, np.ndarray]) -> None:
        self.firing: dict[int, list[ActiveAlert]] = {}
        self.states: dict[int, list[tuple[Labels, float]]] = {}
        rule_store = store(columns)
        rules = RuleEvaluator(groups, Engine(rule_store, dialect=2))
        matrix = np.array(list(columns.values())).T
        for row, samples in enumerate(matrix):
            t = row * STEP
            rule_store.table("scraped").append(t, samples)
            rules.evaluate(t)
            active = [
                a for g in rules.groups for r in g.alerting for a in r.states.pending_or_firing()
            ]
            self.firing[t] = [replace(alert) for alert in active if alert.state == "firing"]
            states = rules.engine.query('{__name__=~"ALERTS|ALERTS_FOR_STATE"}', t)
            self.states[t] = list(zip(states.labels, states.values.tolist(), strict=True))
        self.failures = rules.failures


def expectation(played: PlayedRules, names: set[str]) -> dict[str, list[Any]]:
    """Our results as promtool's tests: every alert with its state and texts."""
    return {
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
                    if dict(a.labels)["alertname"] == name
                ],
            }
            for t, alerts in played.firing.items()
            for name in sorted(names)
        ],
        "promql_expr_test": [
            {
                "eval_time": f"{t // 1000}s",
                "expr": '{__name__=~"ALERTS|ALERTS_FOR_STATE"}',
                "exp_samples": [
                    {"labels": written(labels), "value": value} for labels, value in states
                ],
            }
            for t, states in played.states.items()
        ],
    }


def written(labels: Labels) -> str:
    name = dict(labels)["__name__"]
    inner = [f"{k}={json.dumps(v, ensure_ascii=False)}" for k, v in labels if k != "__name__"]
    return f"{name}{{{', '.join(inner)}}}"


def cell(value: float) -> str:
    bits = np.float64(value).tobytes()
    marks = {np.float64(MISSING).tobytes(): "_", np.float64(STALE).tobytes(): "stale"}
    return marks.get(bits) or np.format_float_positional(value, trim="-")


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_alerts_are_those_of_promtool(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    promtool = program("promtool")
    groups = load_rules(file.read_text(), file.name, dialect=2)
    # promtool evaluates every group at every step, whatever its own interval.
    groups = [replace(group, interval=STEP) for group in groups]
    columns = series(groups, 1, ROWS, STEP)
    played = PlayedRules(groups, columns)
    assert not played.failures
    names = {rule.alert for group in groups for rule in group.rules if rule.alert}
    test = {
        "interval": "1m",
        "input_series": [
            {"series": written(labels), "values": " ".join(cell(v) for v in column.tolist())}
            for labels, column in columns.items()
        ],
        **expectation(played, names),
    }
    (tmp_path / "rules.yml").write_text(file.read_text())
    tests = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        # Promtool takes groups at random otherwise, and one may read what another records.
        "group_eval_order": [group.name for group in groups],
        "tests": [test],
    }
    (tmp_path / "test.yml").write_text(json.dumps(tests, ensure_ascii=False))
    ran = subprocess.run(
        [promtool, "test", "rules", "test.yml"], cwd=tmp_path, capture_output=True, text=True
    )
    assert not differences(ran.stdout + ran.stderr, ran.returncode)
    fired = {dict(a.labels)["alertname"] for alerts in played.firing.values() for a in alerts}
    states = sum(len(states) for states in played.states.values())
    with capsys.disabled():
        print(f"\n{file.stem}: {len(columns)} series, {len(fired)} of {len(names)} alerts fired, "
              f"{states:,} samples of ALERTS and ALERTS_FOR_STATE are promtool's")  # fmt: skip
    assert len(fired) >= len(names) / 2, "the invented series try too little"


def differences(theirs: str, code: int) -> list[str]:
    """The differences that promtool found, except in the last digits of a number in a text.

    Prometheus 2.42 adds series in the order of its storage, which is chance in promtool; so
    `{{ $value }}` of a sum of rates may end in another digit from run to run.
    """
    blocks = re.split(r"\n\s*(?=alertname:|expr:)", theirs)
    if code and len(blocks) == 1:
        return blocks
    wrong = []
    for block in blocks[1:]:
        expected, _, got = block.partition("got:")
        if rounded(expected.partition("exp:")[2]) != rounded(got):
            wrong.append(block[:2000])
    return wrong[:3]


def rounded(text: str) -> list[str]:
    number = r"\d+\.\d{6,}(?:e[+-]\d+)?"
    return re.sub(number, lambda value: f"{float(value[0]):.11g}", text).replace(",", " ").split()
