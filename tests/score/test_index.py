"""The index, ratings and utilities: arithmetic."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.score.capability_score import CapabilityScore
from simulator.score.index import index
from simulator.score.rubric import rubric_of
from simulator.score.utility import TimeLimits, utility

WEIGHTS = rubric_of().weights.model_dump()
scores = st.dictionaries(
    st.sampled_from(sorted(WEIGHTS)),
    st.one_of(st.none(), st.floats(0, 1)).map(CapabilityScore),
    min_size=1,
)


@settings(deadline=None)
@given(scores=scores, data=st.data())
def test_the_index_is_monotone_in_each_capability(scores, data):
    rated = sorted(name for name, score in scores.items() if score.value is not None)
    before = index(scores, WEIGHTS)
    if not rated:
        assert before is None
        return
    name = data.draw(st.sampled_from(rated))
    better = data.draw(st.floats(scores[name].value, 1))
    after = index({**scores, name: CapabilityScore(better)}, WEIGHTS)
    assert 0 <= before <= after + 1e-9
    assert after <= 100 + 1e-9


@settings(deadline=None)
@given(t=st.floats(0, 1e8), more=st.floats(0, 1e8), good=st.floats(0, 1e7), limit=st.floats(0, 1e8))
def test_a_utility_falls_with_time(t, more, good, limit):
    limits = TimeLimits.of(good, limit)
    assert limits.good >= 1000
    assert limits.limit >= 2 * limits.good
    assert 1 >= utility(t, limits) >= utility(t + more, limits) >= 0


def test_a_time_that_never_came_is_worth_nothing():
    assert utility(None, TimeLimits(1000, 2000)) == 0


def test_other_weights_change_the_index_as_arithmetic_says():
    scores = {"detection": CapabilityScore(1.0), "safety": CapabilityScore(0.5)}
    assert index(scores, {"detection": 0.5, "safety": 0.5}) == pytest.approx(75)
    assert index(scores, {"detection": 0.1, "safety": 0.9}) == pytest.approx(55)
    assert index({**scores, "recovery": CapabilityScore(None)}, {"detection": 1.0}) == 100
