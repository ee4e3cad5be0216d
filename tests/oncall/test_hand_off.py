"""The worth of a hand-off: it follows from the looks that it saves."""

from itertools import pairwise
from math import sqrt
from statistics import fmean, median

import pytest

from tests.seeds import seeds
from tests.small.hand_offs import FACTS, play, setting

RIGHT, NONE, WRONG = FACTS
LOOKS = {RIGHT: 1, NONE: 5, WRONG: 6}  # one of five and of six confirms


@pytest.mark.slow
def test_each_look_that_a_hand_off_saves_is_worth_its_time():
    """With fixed laws, two minutes a look and nothing else differ."""
    outcomes = play(setting(look={"fixed": "2m"}, duration="45m"), [1])
    minutes = {name: runs[0].minutes for name, runs in outcomes.items()}
    assert {name: len(runs[0].looks) for name, runs in outcomes.items()} == LOOKS
    assert minutes[NONE] - minutes[RIGHT] == pytest.approx(4 * 2, abs=1)
    assert minutes[WRONG] - minutes[NONE] == pytest.approx(2, abs=1)


@pytest.mark.slow
def test_right_facts_save_time_and_a_wrong_suspect_costs_some():
    outcomes = play(setting(), seeds(30, 6))
    minutes = {name: [run.minutes for run in runs] for name, runs in outcomes.items()}
    assert median(minutes[RIGHT]) < median(minutes[NONE]) < median(minutes[WRONG])
    for name, runs in outcomes.items():
        assert {len(run.looks) for run in runs} == {LOOKS[name]}
    # Of one seed a look takes the same time whatever was stated: the difference of two runs is the
    # time of the further looks. The objective holds again by the same law, within a minute or so.
    for few, many in pairwise(outcomes):
        for run, longer in zip(outcomes[few], outcomes[many], strict=True):
            assert longer.looks[: len(run.looks)] == run.looks
            of_looks = longer.looks[-1] - run.looks[-1]
            assert longer.minutes - run.minutes == pytest.approx(of_looks, abs=2)
    # A look takes 4.63 min in the mean, 4 x exp(.54^2 / 2); its standard deviation is 2.69 min.
    saved = [longer - run for run, longer in zip(minutes[RIGHT], minutes[NONE], strict=True)]
    error = 2.69 * sqrt(4 / len(saved))
    assert fmean(saved) == pytest.approx(4 * 4.63, abs=3 * error)
