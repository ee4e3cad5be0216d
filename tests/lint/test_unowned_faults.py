"""Owners of the targets of faults: by the on-call file, else by the pipeline."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.lint import unowned_faults
from simulator.setting import parse
from simulator.setting.bind import bind_names
from simulator.source import locate_file
from tests.small.playing import SMALL, small_setting

GONE = {"id": "gone", "at": "6m", "fault": "node_loss"}
TAKEN = {"id": "taken", "at": "6m", "fault": "quota_exhausted"}


def warnings_with(*sets: str) -> list[str]:
    document, scenario = parse(SMALL, sets)
    return [
        warning.text
        for warning in unowned_faults.warnings(document, bind_names(document, scenario))
    ]


def injects(*faults: dict[str, Any]) -> str:
    return f"injects={list(faults)}".replace("'", '"')


def test_a_component_without_owner_belongs_to_the_team_that_the_pipeline_names() -> None:
    teams = small_setting({"oncall.teams.data.owns": []}).oncall.teams
    named = {"quota", "scratch", "lane", "bucket", "store", "feed", "feed-key"}
    assert named <= set(teams["data"].owns)
    assert not teams["ml"].owns


def test_the_on_call_file_takes_precedence() -> None:
    teams = small_setting({"oncall.teams.ml.owns": ["quota"]}).oncall.teams
    assert "quota" in teams["ml"].owns
    assert "quota" not in teams["data"].owns


def test_a_fault_that_nobody_can_fix_is_a_warning() -> None:
    owned = 'oncall.teams.data.owns=["cluster"]'
    texts = warnings_with(injects(GONE, TAKEN))
    assert texts == ["only its owner can fix it, and no team of the on-call file owns cluster"]
    assert warnings_with(owned, injects(GONE, TAKEN)) == []
    (stray,) = warnings_with(injects(TAKEN), "pipeline.cluster.quota.owner=dat")
    assert stray.endswith("quota belongs to dat, who is not on call; did you mean 'data'?")


ALERTING = {"rules": ["alerts/serving.yml"], "alertmanager": "alerts/alertmanager.yml"}


@pytest.mark.parametrize(
    ("pipeline", "source"), [("synthetic", "customer-events"), ("flight-delay", "flight-status")]
)
def test_the_shipped_on_call_file_goes_with_each_shipped_pipeline(
    pipeline: str, source: str
) -> None:
    files = {"pipeline": f"pipelines/{pipeline}.yaml", "oncall": "oncall/ml-platform.yaml"}
    sets = {**files, "plays": "ml-platform", "alerting": ALERTING}
    document, scenario = parse(
        SMALL, [f"{path}={json.dumps(value)}" for path, value in sets.items()]
    )
    teams = bind_names(document, scenario).oncall.teams
    assert {source} < set(teams["data-engineering"].owns)


@pytest.mark.parametrize("drill", ["first-shift", "sunday-night", "delays-in-hours"])
@pytest.mark.parametrize("name", ["small-team", "follow-the-sun"])
def test_the_other_shipped_on_call_files_go_with_shipped_drills(drill: str, name: str) -> None:
    file = locate_file(drill, "drill")
    document, scenario = parse(file, [f"oncall=oncall/{name}.yaml"])
    assert bind_names(document, scenario).oncall.name == name
