"""The drill in which the right move is to wait: who trains on so few rows pays for it.

Nothing is wrong in `false-alarm` but its alert. The verdict forbids what changes the model; that
this is right, and no whim of the scenario's, is measured here: the retrained model is worse in
truth, seed by seed on the same customers.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy import stats

from simulator.responders.choose import choose
from simulator.run import Run
from simulator.score import grade
from simulator.session import Door, Order
from simulator.setting import Setting, load
from simulator.twins import play
from tests.apart import apart

pytestmark = pytest.mark.slow

SEEDS = range(1, 1 + int(os.environ.get("DRILL_SEEDS", "20")))
MINUTE = 60_000
# Long enough for a window of labelled rows to be there at all, and in time to see what it does.
ACTS, SETTLED = 75 * MINUTE, 105 * MINUTE


class Played(NamedTuple):
    """What became of one course."""

    verdict: str
    why: tuple[str, ...]
    accuracy: float
    pages: int


class Panic:
    """Acknowledges every page, and trains a model on the rows of the last two hours."""

    def __init__(self) -> None:
        self.acted = False

    def respond(self, door: Door) -> int | None:
        """Answer what is new."""
        for news in door.seen().news:
            if news.kind == "page":
                door.submit(Order("acknowledge", {}))
        if not self.acted and door.now >= ACTS:
            self.acted = True
            door.submit(Order("retrain", {"window": "2h"}))
        return None if self.acted else ACTS


def test_waiting_passes_and_a_new_model_costs(
    record_property: Callable[[str, object], None],
) -> None:
    setting = load("false-alarm")
    seeds = dict(apart((seed, partial(courses, setting, seed)) for seed in SEEDS))
    for seed, by_course in seeds.items():
        assert by_course["wait"].verdict == "pass", (seed, by_course["wait"].why)
        assert by_course["panic"].verdict == "fail", (seed, by_course["panic"].why)
        assert by_course["nobody"].verdict == "fail", (seed, by_course["nobody"].why)
        # There is something to resist.
        assert by_course["wait"].pages > 0, seed
        # Nobody answering is no worse for customers: only the pages were left lying.
        assert by_course["nobody"].accuracy == by_course["wait"].accuracy
    cost = np.array(
        [by_course["wait"].accuracy - by_course["panic"].accuracy for by_course in seeds.values()]
    )
    low, high = stats.t.interval(
        0.99, len(cost) - 1, loc=cost.mean(), scale=cost.std(ddof=1) / len(cost) ** 0.5
    )
    record_property(
        "table: A false alarm",
        {
            "seeds": len(cost),
            "waiting passes": sum(
                by_course["wait"].verdict == "pass" for by_course in seeds.values()
            ),
            "retraining passes": sum(
                by_course["panic"].verdict == "pass" for by_course in seeds.values()
            ),
            "a retrain costs": f"{100 * cost.mean():.2f} points ({100 * low:.2f} to {100 * high:.2f})",
        },
    )
    assert low > 0
    assert (cost > 0).all()


def courses(setting: Setting, seed: int) -> dict[str, Played]:
    """One seed, with the playbook, with panic and with nobody."""
    responders: dict[str, Any] = {
        "wait": choose(setting, None)[1],
        "panic": Panic(),
        "nobody": None,
    }
    return {
        name: played_of(play(setting, seed, responder, name=name), setting)
        for name, responder in responders.items()
    }


def played_of(run: Run, setting: Setting) -> Played:
    scores = grade(run, {}, setting.rubric)
    after = run.truth_times > SETTLED
    pages = sum(event.data["state"] == "sent" for event in run.of("page"))
    return Played(scores.verdict, scores.why, float(run.truth["accuracy"][after].mean()), pages)
