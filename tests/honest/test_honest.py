"""Honest answers pass: people may err, and there is more than one way to answer well."""

from __future__ import annotations

import pytest

from simulator.analysis import Timeline
from simulator.play import play
from simulator.score import grade
from simulator.setting import load
from tests.honest.answers import ANSWERS
from tests.seeds import seeds


@pytest.mark.slow
@pytest.mark.parametrize("name", ANSWERS)
def test_an_honest_answer_passes(name: str):
    answer = ANSWERS[name]
    setting = load(answer.drill, answer.sets)
    team = setting.scenario.plays
    for seed in seeds(10, share=3):
        run = play(setting, seed, answer.responder(), players=answer.players(team), name="honest")
        timeline = Timeline(run, {})
        assert answer.shows(timeline), seed
        scores = grade(timeline, setting.rubric)
        assert scores.verdict == "pass", (seed, [reason.text for reason in scores.why])
