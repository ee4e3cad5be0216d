"""Every shipped drill does what it is for: it can be passed, and not by doing nothing.

A drill passes with its playbook and fails with nobody, seed after seed; without its fault
every objective holds and nobody is paged. With the playbooks of the other drills it passes
only where the mechanism allows it: `HELPS` says where, and why.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import pytest

from simulator.responders.choose import choose
from simulator.run import Run
from simulator.score import grade
from simulator.score.truth import all_objectives_held
from simulator.setting import Setting, load
from simulator.twins import play, play_twin
from tests.apart import apart
from tests.branches import branches

pytestmark = pytest.mark.slow

# The longest first: whoever is free takes the next.
DRILLS = {
    "padded-schedules": "drift",
    "expired-key": "pipeline-failure",
    "half-mended": "half-mended",
    "rush-hour": "latency",
    "slow-leak": "resources",
    "lost-node": "lost-node",
    "lemon-node": "training",
    "skewed-release": "model-performance",
    "delays-in-hours": "data-quality",
    "first-shift": "latency",
}
PLAYBOOKS = (
    "model-performance",
    "data-quality",
    "pipeline-failure",
    "latency",
    "resources",
    "drift",
)
# DRILL_SEEDS=3 for a quick look; what counts is twenty.
SEEDS = range(1, 1 + int(os.environ.get("DRILL_SEEDS", "20")))
EVERY_PLAYBOOK = SEEDS[:3]  # seeds of the six by six

# Playbooks of other incidents that may help, and why.
HELPS = {
    ("skewed-release", "latency"): "it undoes any release of the serving code of the last hour",
    ("skewed-release", "resources"): "it undoes any release of the serving code of two hours",
    ("slow-leak", "latency"): "the build that leaks was released within the hour",
    ("slow-leak", "model-performance"): "the build that leaks was released within two hours",
    (
        "rush-hour",
        "resources",
    ): "nothing was released, so it adds two pods, and that is room enough",
    ("delays-in-hours", "pipeline-failure"): "it calls the same owner about the same feed, and the "
    "next scheduled run fills the store",
}


class Played(NamedTuple):
    """What became of one run."""

    verdict: str
    why: tuple[str, ...]
    harmed: float | None = None
    """Minutes from the first harm to the mitigation: 0 without harm, None if it never came."""


class Seed(NamedTuple):
    """One seed of a drill: without its fault, with nobody, and with each playbook."""

    holds: bool
    false_pages: tuple[str, ...]
    runs: dict[str, Played]


@pytest.mark.parametrize("name", DRILLS)
def test_a_drill_can_be_passed_and_not_by_doing_nothing(
    name: str,
    record_property: Callable[[str, object], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    setting, own = load(name), DRILLS[name]
    assert setting.playbook is not None
    assert setting.playbook.name == own
    seeds: dict[int, Seed] = {}
    for seed, one in apart((seed, partial(played, setting, name, seed)) for seed in SEEDS):
        seeds[seed] = one
        with capsys.disabled():
            print(f"\n{name}, seed {seed}: {verdicts(one)}", end="", flush=True)
    record_property("table: Drills", row_of(name, seeds))
    if name != "first-shift":
        record_property("table: Every playbook on every drill", matrix_row(name, seeds))

    for seed, one in seeds.items():
        assert one.holds, f"seed {seed}: an objective does not hold without the fault"
        assert not one.false_pages, f"seed {seed}: {one.false_pages}"
        assert one.runs[own].verdict == "pass", f"seed {seed}: {one.runs[own].why}"
        assert one.runs["none"].verdict == "fail", f"seed {seed}: {one.runs['none'].why}"
        assert one.runs["none"].harmed != 0, f"seed {seed}: fails, and nobody was harmed"
    for playbook in PLAYBOOKS:
        passed = [s for s in EVERY_PLAYBOOK if others(seeds[s]).get(playbook) == "pass"]
        if playbook == own or name == "first-shift":
            continue
        expected = (name, playbook) in HELPS
        assert bool(passed) == expected, f"{playbook} on {name}: passes seeds {passed}"


@pytest.mark.parametrize("name", ["padded-schedules", "rush-hour", "delays-in-hours"])
def test_without_its_fault_every_objective_holds(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    # Delays-in-hours stands for the drills that share its pipeline, hours and limits. Truth
    # needs no monitors, and no fine grid: this costs a second a seed.
    coarse = ["tick=30s", "scrape_interval=1m", "pipeline.monitors=[]"]
    setting = load(name, [*coarse, "alerting.evaluation_interval=1h"])
    more = range(101, 151)
    outcomes = apart((seed, partial(holds, setting, seed)) for seed in more)
    broken = [seed for seed, fine in outcomes if not fine]
    record_property(
        "table: Without its fault, on a coarse grid",
        {"drill": name, "seeds": len(more), "objectives hold in": len(more) - len(broken)},
    )
    assert not broken


def test_a_run_that_shares_its_beginning_is_the_run_played_alone() -> None:
    setting = load("first-shift")
    responders = {"latency": choose(setting, None)[1], "none": None}
    shared = branches(setting, 1, responders, lambda run: run.digest)
    alone = play(setting, 1, choose(setting, None)[1], name="latency")
    assert shared == {"latency": alone.digest, "none": play_twin(setting, 1, "none").digest}


def holds(setting: Setting, seed: int) -> bool:
    """Whether every objective holds without the fault, from the end of the warm-up on."""
    return steady(play_twin(setting, seed, "no-fault"))


def steady(run: Run) -> bool:
    return bool(all_objectives_held(run)[run.truth_times >= run.header["warm_up"]].all())


def played(setting: Setting, name: str, seed: int) -> Seed:
    """One seed, with all that is to be tried on it."""
    quiet = play_twin(setting, seed, "no-fault")
    names = [DRILLS[name]]
    if seed in EVERY_PLAYBOOK and name != "first-shift":
        names = list(dict.fromkeys([*names, *PLAYBOOKS]))
    responders = {"none": None, **{one: choose(setting, one)[1] for one in names}}
    false = tuple(
        f"{event.t // 60_000} min: {event.data['alerts']}"
        for event in quiet.of("page")
        if event.who == setting.scenario.plays and event.data["state"] == "sent"
    )

    def look(run: Run) -> Played:
        scores = grade(run, {"no-fault": quiet}, setting.rubric)
        marks = scores.incidents[0].marks
        harmed: float | None = None
        if marks.impact is None:
            harmed = 0.0
        elif marks.mitigate is not None:
            harmed = max(0, marks.mitigate - marks.impact) / 60_000
        return Played(scores.verdict, scores.why, harmed)

    return Seed(steady(quiet), false, branches(setting, seed, responders, look))


def others(one: Seed) -> dict[str, str]:
    return {name: run.verdict for name, run in one.runs.items()}


def verdicts(one: Seed) -> str:
    told = ", ".join(f"{name} {verdict}" for name, verdict in others(one).items())
    pages = f", {len(one.false_pages)} false pages" if one.false_pages else ""
    return f"{'holds' if one.holds else 'DOES NOT HOLD'} without the fault{pages}; {told}"


def row_of(name: str, seeds: dict[int, Seed]) -> dict[str, str]:
    """A drill's row: how often what happened, over all seeds."""
    own = [one.runs[DRILLS[name]] for one in seeds.values()]
    nobody = [one.runs["none"] for one in seeds.values()]
    harmed = [run.harmed for run in own if run.harmed is not None]
    count = len(seeds)
    return {
        "drill": name,
        "playbook": DRILLS[name],
        "passes": f"{sum(run.verdict == 'pass' for run in own)}/{count}",
        "harm until mitigated": f"{sum(harmed) / max(1, len(harmed)):.0f} min",
        "nobody fails": f"{sum(run.verdict == 'fail' for run in nobody)}/{count}",
        "holds without fault": f"{sum(one.holds for one in seeds.values())}/{count}",
        "false pages": str(sum(len(one.false_pages) for one in seeds.values())),
    }


def matrix_row(name: str, seeds: dict[int, Seed]) -> dict[str, str]:
    """A drill's row of the six by six: passes, and mean minutes from harm to mitigation."""
    row = {"drill": name}
    for playbook in PLAYBOOKS:
        runs = [seeds[seed].runs[playbook] for seed in EVERY_PLAYBOOK]
        passed = sum(run.verdict == "pass" for run in runs)
        times = [run.harmed for run in runs if run.harmed is not None]
        took = f" {sum(times) / len(times):.0f} min" if times else ""
        mine = "*" if playbook == DRILLS[name] else ""
        row[playbook] = f"{passed}/{len(runs)}{took}{mine}"
    return row
