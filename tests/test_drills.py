"""Every shipped drill can be passed, and not by doing nothing.

A drill passes with its playbook and fails with nobody acting, on every seed; without its fault
every objective holds and nobody is paged. With the playbooks of the other drills it passes
only where the mechanism allows it: `HELPS` lists where, and why.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import pytest

from simulator.analysis import Timeline
from simulator.play import play, play_twin
from simulator.play.twins import NO_FAULT_TWIN, NONE_TWIN
from simulator.responders.choose import choose
from simulator.run import Run
from simulator.run.events import PageEvent
from simulator.score import grade
from simulator.setting import Setting, load
from tests.branches import branches
from tests.forks import run_forked
from tests.seeds import seeds

pytestmark = pytest.mark.slow

# Each drill and its own playbook; the longest drills first, for an even load.
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
    "new-customers": "data-quality",
    "somebody-elses-feed": "pipeline-failure",
    "half-written": "pipeline-failure",
    "innocent-release": "latency",
    "sunday-night": "latency",
    "first-shift": "latency",
}
# Their fault is the simplest; which playbooks help is shown by the others.
OWN_PLAYBOOK_ONLY = ("first-shift", "sunday-night")
PLAYBOOKS = (
    "model-performance",
    "data-quality",
    "pipeline-failure",
    "latency",
    "resources",
    "drift",
)
SEEDS = seeds(20, share=3)
EVERY_PLAYBOOK = SEEDS[: len(seeds(3, share=1))]  # seeds of the six by six

# Playbooks of other incidents that pass a drill too, and why.
HELPS = {
    ("new-customers", "drift"): "it waits for labels and retrains on the last hours too",
    ("somebody-elses-feed", "data-quality"): "it calls the same team about the same feed",
    ("slow-leak", "model-performance"): "the build that leaks was released within two hours",
}


class Played(NamedTuple):
    """The verdict of one run."""

    verdict: str
    why: tuple[str, ...]
    harm_minutes: float | None = None
    """From the first harm to the mitigation: 0 without harm, None if it never came."""


class Seed(NamedTuple):
    """One seed of a drill: without its fault, with nobody acting, and with each playbook."""

    holds: bool
    """Whether every objective holds without the fault."""
    false_pages: tuple[str, ...]
    """Pages without the fault."""
    runs: dict[str, Played]
    """By responder: `none` or a playbook."""

    @property
    def verdicts(self) -> dict[str, str]:
        return {responder: run.verdict for responder, run in self.runs.items()}


@pytest.mark.parametrize("name", DRILLS)
def test_a_drill_can_be_passed_and_not_by_doing_nothing(
    name: str,
    record_property: Callable[[str, object], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    setting, own = load(name), DRILLS[name]
    assert setting.playbook is not None
    assert setting.playbook.name == own
    results: dict[int, Seed] = {}
    for seed, result in run_forked(
        (seed, partial(play_seed, setting, name, seed)) for seed in SEEDS
    ):
        results[seed] = result
        with capsys.disabled():
            print(f"\n{name}, seed {seed}: {summary(result)}", end="", flush=True)
    record_property("table: Drills", drill_row(name, results))
    if name not in OWN_PLAYBOOK_ONLY:
        record_property("table: Every playbook on every drill", playbook_row(name, results))

    for seed, result in results.items():
        assert result.holds, f"seed {seed}: an objective does not hold without the fault"
        assert not result.false_pages, f"seed {seed}: {result.false_pages}"
        assert result.runs[own].verdict == "pass", f"seed {seed}: {result.runs[own].why}"
        assert result.runs["none"].verdict == "fail", f"seed {seed}: {result.runs['none'].why}"
        assert result.runs["none"].harm_minutes != 0, f"seed {seed}: fails without any harm"
    for playbook in PLAYBOOKS:
        passed = [s for s in EVERY_PLAYBOOK if results[s].verdicts.get(playbook) == "pass"]
        if playbook == own or name in OWN_PLAYBOOK_ONLY:
            continue
        expected = (name, playbook) in HELPS
        assert bool(passed) == expected, f"{playbook} on {name}: passes seeds {passed}"


@pytest.mark.parametrize("name", ["padded-schedules", "rush-hour", "delays-in-hours"])
def test_without_its_fault_every_objective_holds(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    # Delays-in-hours stands for the drills that share its pipeline, hours and limits. Truth
    # needs no monitors and no fine grid: this costs a second a seed.
    coarse = ["tick=30s", "scrape_interval=1m", "pipeline.monitors=[]"]
    setting = load(name, [*coarse, "alerting.evaluation_interval=1h"])
    further_seeds = [100 + seed for seed in seeds(50, share=10)]
    outcomes = run_forked(
        (seed, partial(holds_without_fault, setting, seed)) for seed in further_seeds
    )
    broken = [seed for seed, holds in outcomes if not holds]
    record_property(
        "table: Without its fault, on a coarse grid",
        {
            "drill": name,
            "seeds": len(further_seeds),
            "objectives hold in": len(further_seeds) - len(broken),
        },
    )
    assert not broken


def test_a_run_that_shares_its_beginning_is_the_run_played_alone() -> None:
    setting = load("first-shift")
    responders = {"latency": choose(setting, None)[1], "none": None}
    shared = branches(setting, 1, responders, lambda run: run.digest)
    alone = play(setting, 1, choose(setting, None)[1], name="latency")
    assert shared == {"latency": alone.digest, "none": play_twin(setting, 1, NONE_TWIN).digest}


def holds_without_fault(setting: Setting, seed: int) -> bool:
    return objectives_hold(play_twin(setting, seed, NO_FAULT_TWIN))


def objectives_hold(run: Run) -> bool:
    """Whether every objective holds from the end of the warm-up on."""
    return not Timeline(run).truth.breached()


def play_seed(setting: Setting, name: str, seed: int) -> Seed:
    """One seed of a drill, without its fault and with every responder that it is tried with."""
    quiet = play_twin(setting, seed, NO_FAULT_TWIN)
    playbooks = [DRILLS[name]]
    if seed in EVERY_PLAYBOOK and name not in OWN_PLAYBOOK_ONLY:
        playbooks = list(dict.fromkeys([*playbooks, *PLAYBOOKS]))
    responders = {"none": None, **{book: choose(setting, book)[1] for book in playbooks}}
    false_pages = tuple(
        f"{event.t // 60_000} min: {event.alerts}"
        for event in quiet.of(PageEvent)
        if event.who == setting.scenario.plays and event.state == "sent"
    )

    def evaluate(run: Run) -> Played:
        scores = grade(Timeline(run, {"no-fault": quiet}), setting.rubric)
        marks = scores.incidents[0].marks
        harm: float | None = None
        if marks.impact is None:
            harm = 0.0
        elif marks.mitigate is not None:
            harm = max(0, marks.mitigate - marks.impact) / 60_000
        return Played(scores.verdict, scores.why, harm)

    return Seed(objectives_hold(quiet), false_pages, branches(setting, seed, responders, evaluate))


def summary(seed: Seed) -> str:
    """A line for the console."""
    verdicts = ", ".join(f"{name} {verdict}" for name, verdict in seed.verdicts.items())
    pages = f", {len(seed.false_pages)} false pages" if seed.false_pages else ""
    return f"{'holds' if seed.holds else 'DOES NOT HOLD'} without the fault{pages}; {verdicts}"


def drill_row(name: str, results: dict[int, Seed]) -> dict[str, str]:
    """How often a drill passed, failed and held, over all seeds."""
    own = [seed.runs[DRILLS[name]] for seed in results.values()]
    nobody = [seed.runs["none"] for seed in results.values()]
    harm = [run.harm_minutes for run in own if run.harm_minutes is not None]
    count = len(results)
    return {
        "drill": name,
        "playbook": DRILLS[name],
        "passes": f"{sum(run.verdict == 'pass' for run in own)}/{count}",
        "harm until mitigated": f"{sum(harm) / max(1, len(harm)):.0f} min",
        "nobody fails": f"{sum(run.verdict == 'fail' for run in nobody)}/{count}",
        "holds without fault": f"{sum(seed.holds for seed in results.values())}/{count}",
        "false pages": str(sum(len(seed.false_pages) for seed in results.values())),
    }


def playbook_row(name: str, results: dict[int, Seed]) -> dict[str, str]:
    """A drill's row of the six by six: passes, and mean minutes from harm to mitigation."""
    row = {"drill": name}
    for playbook in PLAYBOOKS:
        runs = [results[seed].runs[playbook] for seed in EVERY_PLAYBOOK]
        passed = sum(run.verdict == "pass" for run in runs)
        harm = [run.harm_minutes for run in runs if run.harm_minutes is not None]
        took = f" {sum(harm) / len(harm):.0f} min" if harm else ""
        own = "*" if playbook == DRILLS[name] else ""
        row[playbook] = f"{passed}/{len(runs)}{took}{own}"
    return row
