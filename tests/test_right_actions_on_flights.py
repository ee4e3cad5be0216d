"""The direction of FAULTS.md's table on real rows: helpful and useless actions, and a control.

Labels of flights come hours late, so a fault begins after one hour, the player acts after six, and
the mean true accuracy of the last two and a half hours is the worth of the action. All courses of
action of a seed have the same customers: differences are paired.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy import stats

from simulator.run import Run
from simulator.setting import Setting, load, parse
from simulator.setting.bind import bind_names
from tests.branches import branches_at
from tests.forks import run_forked
from tests.seeds import seeds
from tests.small.playing import Orders

pytestmark = pytest.mark.slow

HERE = Path(__file__).with_name("flights_actions.yaml")
SEEDS = seeds(5, share=3)
HOUR = 3_600_000
ACTS, MEASURED = 360, 7.5 * HOUR  # minutes, ms

Order = tuple[float, str, Mapping[str, Any]]
ROLLBACK: Order = (ACTS, "rollback", {"target": "model"})
RETRAIN: Order = (ACTS, "retrain", {"window": "5h"})
CALL: Order = (ACTS, "page", {"team": "data-engineering", "about": "flight-status"})
SERVING: Order = (ACTS, "rollback", {"target": "serving"})


class Case(NamedTuple):
    """A fault, the right action, and whether a retrain helps by the table."""

    injects: list[dict[str, Any]]
    right: Order | None
    retrain_helps: bool


def fault(name: str, target: str = "", **args: Any) -> dict[str, Any]:
    return {"at": "1h", "fault": name, "args": args, **({"target": target} if target else {})}


CASES = {
    "concept drift": Case(
        [fault("concept_drift", feature="dep_delay", factor=0.2, bias=-2)], RETRAIN, True
    ),
    "unit change": Case(
        [fault("unit_change", "flight-status", feature="dep_delay", factor=0.016667, share=0.6)],
        CALL,
        # Two units in one column cannot be learnt: measured, a version that knows both is no better.
        False,
    ),
    "nulls": Case([fault("missing_values", "flight-status", feature="dep_delay")], CALL, False),
    "stale store": Case(
        [fault("stuck_run", "materialize")], (ACTS, "clear_run", {"job": "materialize"}), False
    ),
    # Flights that leave ten to twenty minutes late may arrive in time or not, and the model knows
    # that as well as it can be known: on rows whose law has not changed there is nothing to learn.
    "covariate shift": Case(
        [fault("covariate_shift", feature="dep_delay", low=10, high=20, share=0.8)], None, False
    ),
    "bad release": Case(
        [
            {"at": "1h", "change": "release", "args": {"target": "serving", "build": 9}},
            fault("serving_skew", build=9, feature="dep_delay", factor=0.016667),
        ],
        SERVING,
        False,
    ),
}


def test_what_an_action_is_worth_on_real_rows(
    record_property: Callable[[str, object], None],
) -> None:
    quiet = load(HERE)
    figures: dict[str, dict[str, list[float]]] = {}
    tasks = [
        ((name, seed), partial(accuracies, with_fault(quiet, name), name, seed))
        for name in ("no fault", *CASES)
        for seed in SEEDS
    ]
    for (name, _), played_course in sorted(run_forked(tasks), key=lambda result: result[0]):
        for course, value in played_course.items():
            figures.setdefault(name, {}).setdefault(course, []).append(value)
    for name, played_course in figures.items():
        row = {course: interval_of(values) for course, values in played_course.items()}
        record_property("table: Mean true accuracy on flights", {"fault": name, **row})

    good = np.mean(figures["no fault"]["no action"])
    for name, case in CASES.items():
        ours = {course: np.array(values) for course, values in figures[name].items()}
        nothing = ours["no action"]
        assert surely(np.array(figures["no fault"]["no action"]) - nothing), (
            f"{name} costs something"
        )
        assert np.mean(ours["rollback"]) == pytest.approx(np.mean(nothing), abs=0.01), name
        if case.right is None:
            assert not surely(ours["retrain"] - nothing), f"{name}: a retrain does not help"
            continue
        assert surely(ours["right"] - nothing), f"{name}: the right action helps"
        if case.retrain_helps:
            assert surely(ours["retrain"] - nothing), name
        else:
            assert np.mean(ours["retrain"]) == pytest.approx(np.mean(nothing), abs=0.03), name
        if case.right is not RETRAIN:
            assert np.mean(ours["right"]) > good - 0.015, f"{name}: and heals it"
            assert np.mean(ours["right"]) > np.mean(ours["retrain"]), name


def surely(differences: np.ndarray) -> bool:
    """Whether the 99 % interval of the mean of paired differences lies above 0."""
    return bool(bounds(differences)[0] > 0)


def bounds(values: np.ndarray) -> tuple[float, float]:
    half = stats.t.ppf(0.995, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5
    return float(values.mean() - half), float(values.mean() + half)


def interval_of(values: list[float]) -> str:
    low, high = bounds(np.array(values))
    return f"{np.mean(values):.3f} ({low:.3f} to {high:.3f})"


def with_fault(quiet: Setting, name: str) -> Setting:
    """The quiet setting with one fault; history and model are shared."""
    if name not in CASES:
        return quiet
    document, scenario = parse(HERE, [f"injects={json.dumps(CASES[name].injects)}"])
    injects = bind_names(document, scenario).injects
    return dataclasses.replace(quiet, document=document, scenario=scenario, injects=injects)


def accuracies(setting: Setting, name: str, seed: int) -> dict[str, float]:
    """One seed: the mean accuracy of the last hours after each course of action."""
    courses: dict[str, tuple[Order, ...]] = {"no action": ()}
    if name in CASES:
        courses |= {"rollback": (ROLLBACK,), "retrain": (RETRAIN,)}
        right = CASES[name].right
        courses |= {"right": (right,)} if right else {}

    def accuracy(run: Run) -> float:
        return float(run.truth["accuracy"][run.truth_times > MEASURED].mean())

    responders = {course: Orders(*orders) for course, orders in courses.items()}
    return branches_at(setting, seed, ACTS * 60_000, responders, accuracy)
