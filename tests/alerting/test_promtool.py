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
from simulator.alerting.rules import Group, RuleEvaluator, load_rules
from simulator.promql import Engine
from simulator.telemetry.store import MISSING, STALE, Labels
from tests.alerting.invented import series, store
from tests.alerting.programs import program

FOLDER = Path(__file__).parents[2].parent / "shared" / "conformance" / "rules"
FILES = sorted(FOLDER.glob("*.yml"))
STEP = 60_000
ROWS = 131  # two hours and ten minutes


class Played:
    """A rule file over invented series: at every minute its alerts and what it recorded."""

    def __init__(self, groups: Sequence[Group], columns: dict[Labels, np.ndarray]) -> None:
        self.firing: dict[int, list[ActiveAlert]] = {}
        self.states: dict[int, list[tuple[Labels, float]]] = {}
        made = store(columns)
        rules = RuleEvaluator(groups, Engine(made, dialect=2))
        matrix = np.array(list(columns.values())).T
        for row, samples in enumerate(matrix):
            t = row * STEP
            made.table("scraped").append(t, samples)
            rules.evaluate(t)
            active = [a for g in rules.running for r in g.alerting for a in r.states.current()]
            self.firing[t] = [alert for alert in active if alert.state == "firing"]
            found = rules.engine.query('{__name__=~"ALERTS|ALERTS_FOR_STATE"}', t)
            self.states[t] = list(zip(found.labels, found.values.tolist(), strict=True))
        self.failures = rules.failures


def expectation(played: Played, names: set[str]) -> dict[str, list[Any]]:
    """Our answer as promtool's tests: every alert, its state, since when, and what it says."""
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
def test_alerts_are_those_of_promtool(file: Path, tmp_path: Path) -> None:
    promtool = program("promtool")
    groups = load_rules(file.read_text(), file.name, dialect=2)
    # promtool evaluates every group at every step, whatever its own interval.
    groups = [replace(group, interval=STEP) for group in groups]
    columns = series(groups, 1, ROWS, STEP)
    played = Played(groups, columns)
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
    tests = {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": [test]}
    (tmp_path / "test.yml").write_text(json.dumps(tests, ensure_ascii=False))
    ran = subprocess.run(
        [promtool, "test", "rules", "test.yml"], cwd=tmp_path, capture_output=True, text=True
    )
    fired = {name for alerts in played.firing.values() for a in alerts for name in [dict(a.labels)["alertname"]]}
    states = sum(len(states) for states in played.states.values())
    print(f"{file.stem}: {len(columns)} series, {len(fired)}/{len(names)} fired, {states} states", sorted(names - fired))
    assert ran.returncode == 0, (ran.stdout + ran.stderr)[:4000]
