"""Debts as steps of time."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.score.debts import Debts, debts_since, owed_at
from tests.score.story import MINUTE, Story

NAMES = ("backlog", "silence")


@st.composite
def stories(draw):
    """Debts that come and go at whole minutes."""
    story, states = Story(), {}
    for minute in sorted(draw(st.sets(st.integers(1, 119)))):
        name = draw(st.sampled_from(NAMES))
        states[name] = "paid" if states.get(name) == "owed" else "owed"
        story.at(minute, "debt", "world", name=name, state=states[name])
    return story.run()


@given(stories(), st.integers(0, 120))
def test_the_first_moment_when_nothing_is_owed(run, minute):
    times = np.arange(0, 121) * MINUTE
    owed = np.any([np.zeros(121, bool), *owed_at(run, times).values()], axis=0)
    clear = [t for t in times if t >= minute * MINUTE and not owed[t // MINUTE]]
    expected = None if owed[-1] else clear[0]
    assert debts_since(run, 0).paid(minute * MINUTE) == expected
    assert Debts(times, owed).paid(minute * MINUTE) == expected


@given(stories(), st.integers(0, 120))
def test_what_was_owed_before_is_none_of_these(run, minute):
    since = debts_since(run, minute * MINUTE)
    assert since.first is None or since.first >= minute * MINUTE
    assert debts_since(run, 0).left or not since.left
