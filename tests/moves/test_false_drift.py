"""A shift that ends by itself: to wait is right, and what helps against a lasting one is wrong."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from simulator.faults import MoveStep, order
from simulator.play.moves import Consequence, consequence_of, play_move
from simulator.session import Session
from simulator.setting import Setting, load
from tests.forks import run_forked
from tests.moves.playing import DRILLS, FAULT, MINUTE
from tests.seeds import seeds

# The shift lasts from minute 10 to minute 30.
ACTS = 40 * MINUTE
RETRAIN = order("retrain", window="25m")
PAGE = order("page", team="data", about="feed")
COURSES: dict[str, tuple[MoveStep, ...]] = {"wait": (), "retrain": (RETRAIN,), "page": (PAGE,)}


@pytest.mark.slow
def test_a_retrain_on_a_burst_harms_and_a_page_is_for_nothing() -> None:
    burst = load(
        DRILLS / "covariate_shift.yaml", ["injects[0].for=20m", "pipeline.model.window=30m"]
    )
    played = [courses_of(burst, seed) for seed in seeds(3, share=1)]
    for courses in played:
        assert courses["wait"].recovered
        assert courses["wait"].depth == 0
        assert (courses["page"].pages, courses["page"].depth) == (1, 0)
        # Measured: accuracy .78 from then on, for a version that mostly saw one segment.
        assert not courses["retrain"].recovered
    assert np.mean([courses["retrain"].depth for courses in played]) > 50


def courses_of(setting: Setting, seed: int) -> dict[str, Consequence]:
    """The consequence of each course from the order on, for one seed."""
    session = Session(setting, seed)
    door = session.door(session.plays)
    while session.now < ACTS:
        session.advance(ACTS)
        door.seen()

    def play(steps: tuple[MoveStep, ...]) -> Consequence:
        moves = [(ACTS, steps)] if steps else []
        return consequence_of(play_move(session, moves, FAULT), setting, ACTS, FAULT)

    return dict(run_forked(((name, partial(play, s)) for name, s in COURSES.items()), cores=1))
