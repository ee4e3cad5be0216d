"""Drills of a family begin with one alert; its usual move helps in all of them but one.

In the contra-drill the usual move does harm. The reference tells them apart by looking: it passes
all of them.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import pytest

from simulator.analysis import Timeline
from simulator.analysis.worth import seconds_outside
from simulator.responders.choose import choose
from simulator.run import Run
from simulator.run.events import PageEvent
from simulator.score import grade
from simulator.session import Order
from simulator.setting import Setting, load
from tests.branches import branches
from tests.cheats.blind import Blind, Cheat
from tests.cheats.drills import families
from tests.forks import run_forked
from tests.seeds import seeds

pytestmark = pytest.mark.slow

ROLLBACK = [Order("rollback", {"target": "serving"})]
CALL_BOTH = [
    Order("page", {"team": "security", "about": "warehouse-key"}),
    Order("page", {"team": "data-engineering", "about": "flight-status"}),
]
HOLD_AND_CALL = [Order("pause_releases"), CALL_BOTH[1]]
RERUN = [Order("rerun_job", {"job": "materialize"})]


class Family(NamedTuple):
    """A family of drills.

    Attributes
    ----------
    alert : str
        The first to page in each.
    contra : str
        The drill in which the usual move harms.
    move : list of Order
        The usual move.
    harmless : list of Order
        The part of it that harms nowhere.
    """

    alert: str
    contra: str
    move: list[Order]
    harmless: list[Order]


FAMILIES = {
    "feature-drift": Family("FeatureDrift", "new-customers", HOLD_AND_CALL, []),
    "high-latency": Family("HighLatency", "innocent-release", ROLLBACK, []),
    "job-failing": Family("JobFailing", "half-written", [*CALL_BOTH, *RERUN], CALL_BOTH),
    "memory-near-limit": Family("MemoryNearLimit", "full-cache", ROLLBACK, []),
}
TEN_MINUTES = 600
SEEDS = seeds(3, share=1)


class Answered(NamedTuple):
    """What became of one answer."""

    verdict: str
    outside: float
    """Seconds outside of the objectives."""
    first_alerts: tuple[str, ...]


def answered(setting: Setting, run: Run) -> Answered:
    outside = seconds_outside(run)
    assert outside is not None
    first = next(event for event in run.of(PageEvent) if event.who == run.header.plays)
    return Answered(grade(Timeline(run), setting.rubric).verdict, outside, first.alerts)


def play_seed(setting: Setting, seed: int, family: Family) -> dict[str, Answered]:
    """Nobody, the reference, the usual move, and the part of it that harms nowhere."""
    responders = {
        "nobody": None,
        "reference": choose(setting, None)[1],
        "move": Blind(Cheat("move", family.move), "on the first page"),
        "harmless": Blind(Cheat("harmless", family.harmless), "on the first page"),
    }
    return branches(setting, seed, responders, partial(answered, setting))


def test_every_family_has_a_contra_drill() -> None:
    assert sorted(FAMILIES) == sorted(families())
    for name, drills in families().items():
        assert FAMILIES[name].contra in drills
        assert len(drills) > 1


@pytest.mark.parametrize("name", FAMILIES)
def test_the_usual_move_helps_in_all_drills_of_a_family_but_one(name: str) -> None:
    family = FAMILIES[name]
    tasks = {
        (drill, seed): partial(play_seed, load(drill), seed, family)
        for drill in families()[name]
        for seed in SEEDS
    }
    for (drill, seed), runs in run_forked(tasks.items()):
        here = f"{drill}, seed {seed}: {runs}"
        nobody, reference, move = runs["nobody"], runs["reference"], runs["move"]
        assert nobody.first_alerts == (family.alert,), here
        assert (nobody.verdict, reference.verdict) == ("fail", "pass"), here
        assert reference.outside <= nobody.outside, here
        if drill == family.contra:
            assert move.verdict == "fail", here
            assert move.outside > runs["harmless"].outside + TEN_MINUTES, here
        else:
            assert move.outside < 0.3 * nobody.outside, here
