"""Debts as steps of time."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.analysis.debt_history import DebtHistory, debt_history, debts_owed
from tests.analysis.story import MINUTE, Story

NAMES = ("backlog", "silence")


@st.composite
def runs(draw):
    """Runs in which debts begin and are paid at whole minutes."""
    story, states = Story(), {}
    for minute in sorted(draw(st.sets(st.integers(1, 119)))):
        name = draw(st.sampled_from(NAMES))
        states[name] = "paid" if states.get(name) == "owed" else "owed"
        story.at(minute, "debt", "world", name=name, state=states[name])
    return story.run()


@given(runs(), st.integers(0, 120))
def test_paid_is_the_first_moment_without_a_debt(run, minute):
    times = np.arange(0, 121) * MINUTE
    owed = np.any([np.zeros(121, bool), *debts_owed(run, times).values()], axis=0)
    clear = [t for t in times if t >= minute * MINUTE and not owed[t // MINUTE]]
    expected = None if owed[-1] else clear[0]
    assert debt_history(run, 0).paid(minute * MINUTE) == expected
    assert DebtHistory(times, owed).paid(minute * MINUTE) == expected


@given(runs(), st.integers(0, 120))
def test_a_debt_from_before_the_onset_does_not_count(run, minute):
    since = debt_history(run, minute * MINUTE)
    assert since.first is None or since.first >= minute * MINUTE
    assert debt_history(run, 0).outstanding or not since.outstanding
