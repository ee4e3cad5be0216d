"""Injects that are probably a slip get a warning in their place, and block no run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.lint import inject_schedule, unreleased_builds
from simulator.setting import parse
from simulator.setting.bind import bind_names
from simulator.source import shipped_files
from tests.small.playing import LATE, SLOW, SMALL, UNLESS

MESSAGE = {"message": UNLESS["message"]}
BUILD_9 = {**SLOW, "args": {"build": 9, "factor": 8}}
CRASH = {"at": "10m", "fault": "job_crash", "target": "fill", "args": {"build": 2}}
SWAPPED = {"at": "10m", "fault": "wrong_artefact", "args": {"version": 6}}
RELEASE = {"at": "10m", "change": "release"}


def warnings(*injects: dict[str, Any], sets: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    document, scenario = parse(SMALL, [f"injects={json.dumps(injects)}", *sets])
    bound = bind_names(document, scenario)
    complaints = (
        *inject_schedule.warnings(document, scenario),
        *unreleased_builds.warnings(document, scenario, bound),
    )
    return [(complaint.path, complaint.text) for complaint in complaints]


@pytest.mark.parametrize(
    "injects",
    [
        (LATE, SLOW, UNLESS, {"at": "5m", **MESSAGE}),
        ({"at": "1m", **RELEASE, "args": {"target": "fill", "build": 9}},),
        (LATE, {"when": {"objective": "accuracy", "breached": "10m"}, **MESSAGE}),
        (LATE, {"at": "11m", "when": {"objective": "accuracy", "held": "10m"}, **MESSAGE}),
        (BUILD_9, {**RELEASE, "args": {"target": "serving", "build": 9}}),
        (CRASH, {**RELEASE, "args": {"target": "fill", "build": 2}}),
        (SWAPPED, {**SWAPPED, "args": {"version": 9}}),
    ],
)
def test_no_warnings(injects: tuple[dict[str, Any], ...]) -> None:
    assert warnings(*injects) == []


IN_WARM_UP = "but the warm-up ends at 5m: what happens in it does not count"
FIRST = "the first fault or change is at 10m"


@pytest.mark.parametrize(
    ("inject", "path", "text"),
    [
        ({"at": "4m", **MESSAGE}, "at", f"given '4m', {IN_WARM_UP}"),
        ({**SLOW, "at": "4m"}, "at", f"given '4m', {IN_WARM_UP}"),
        ({"unless": {"event": "declared", "by": "8m"}, **MESSAGE}, "unless", f"it is decided at 8m, and {FIRST}: its outcome is certain"),
        ({"at": "8m", "unless": {"mitigated": True}, **MESSAGE}, "unless", f"it is decided at 8m, and {FIRST}: its outcome is certain"),
        ({"when": {"objective": "accuracy", "breached": "25m"}, **MESSAGE}, "when.breached", f"given '25m', but {FIRST}, too late for the end of the drill (30m)"),
        ({"when": {"objective": "accuracy", "breached": "9m", "by": "15m"}, **MESSAGE}, "when.breached", f"given '9m', but {FIRST}, too late for its latest time (15m)"),
        ({"when": {"objective": "accuracy", "held": "1m"}, **MESSAGE}, "when.held", f"{FIRST}: without a later `at` it holds before that"),
        (BUILD_9, "args.build", "no change releases build 9 of serving: it cannot land"),
        (CRASH, "args.build", "no change releases build 2 of fill: it cannot land"),
    ],
)  # fmt: skip
def test_each_slip_is_one_line(inject: dict[str, Any], path: str, text: str) -> None:
    assert warnings(LATE, inject) == [(f"injects[1].{path}", text)]


def test_versions_that_no_job_trains_are_released_by_changes_only() -> None:
    swapped = {**SWAPPED, "args": {"version": 8}}
    sets = ("pipeline.stages.train.does=evaluate",)
    text = "no change releases version 8 of the model: it cannot land"
    assert warnings(swapped, sets=sets) == [("injects[0].args.version", text)]
    assert warnings(SWAPPED, sets=sets) == []  # one for a rollback
    assert warnings(swapped, {**RELEASE, "args": {"version": 8}}, sets=sets) == []
    assert warnings(swapped) == []  # the training job makes it


@pytest.mark.parametrize("name", shipped_files("drill"))
def test_no_shipped_message_is_sent_whatever_happens(name: str) -> None:
    """A message that was true when it was written may contradict a run in which somebody acted."""
    _, scenario = parse(name)
    messages = [inject for inject in scenario.injects if inject.kind == "message"]
    assert all(message.when or message.unless for message in messages)
