"""Drills of a family begin with one alert; its usual move helps in all of them but one.

In the contra-drill the usual move does harm, beyond what doing nothing costs. The reference tells
them apart by looking: it does well in both.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import pytest

from simulator.analysis.worth import seconds_outside
from simulator.responders.choose import choose
from simulator.run import Run
from simulator.run.events import PageEvent
from simulator.session import Order
from simulator.setting import Setting, load
from tests.branches import branches
from tests.cheats.blind import Blind, Cheat
from tests.cheats.drills import families
from tests.forks import run_forked
from tests.seeds import seeds

pytestmark = pytest.mark.slow

ROLLBACK = Order("rollback", {"target": "serving"})


class Family(NamedTuple):
    """The moves that help in the usual drills and harm in the contra-drill, and what pages first."""

    alert: str
    contra: str
    moves: dict[str, list[Order]]


FAMILIES = {
    "high-latency": Family("HighLatency", "innocent-release", {"rollback": [ROLLBACK]}),
    "memory-near-limit": Family("MemoryNearLimit", "full-cache", {"rollback": [ROLLBACK]}),
}
SEEDS = seeds(3, share=1)


class Answered(NamedTuple):
    """What became of one answer."""

    outside: float
    """Seconds outside of the objectives."""
    first_alerts: tuple[str, ...]


def answered(run: Run) -> Answered:
    outside = seconds_outside(run)
    assert outside is not None
    first = next(event for event in run.of(PageEvent) if event.who == run.header.plays)
    return Answered(outside, first.alerts)


def play_seed(setting: Setting, seed: int, moves: dict[str, list[Order]]) -> dict[str, Answered]:
    """Nobody, the reference, and each move on the first page."""
    blind = {
        name: Blind(Cheat(name, orders), "on the first page") for name, orders in moves.items()
    }
    return branches(
        setting, seed, {"none": None, "reference": choose(setting, None)[1], **blind}, answered
    )


@pytest.mark.parametrize("name", FAMILIES)
def test_the_usual_move_helps_in_all_drills_of_a_family_but_one(name: str) -> None:
    family = FAMILIES[name]
    drills = families()[name]
    assert family.contra in drills
    tasks = {
        (drill, seed): partial(play_seed, load(drill), seed, family.moves)
        for drill in drills
        for seed in SEEDS
    }
    for (drill, seed), runs in run_forked(tasks.items()):
        here = f"{drill}, seed {seed}: {runs}"
        nobody, reference = runs["none"], runs["reference"]
        assert nobody.first_alerts == (family.alert,), here
        # A few minutes pass before the page, and some more before anybody acts.
        assert reference.outside <= 0.3 * nobody.outside, here
        for move in family.moves:
            if drill == family.contra:
                assert runs[move].outside > nobody.outside + 600, here
            else:
                assert runs[move].outside < 0.3 * nobody.outside, here
