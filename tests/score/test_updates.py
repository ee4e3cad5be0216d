"""Status updates: soon, often enough, and true."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.analysis import Timeline
from simulator.score import Grading, rubric_of
from simulator.score.update_parts import coverage_part, first_update_part, true_part
from simulator.score.utility import TimeLimits
from tests.analysis.story import answered
from tests.analysis.test_need_records import INFORM
from tests.score.test_escalations import story

LIMITS = TimeLimits(10, 30)


def measured(happened):
    return Grading(Timeline(happened.run()), rubric_of()).measured("update_quality")


def inform(happened, *minutes, **facts):
    for minute in minutes:
        happened.order(minute, "status_update", to=["product"], text="we look into it", **facts)
    return happened


@pytest.mark.parametrize(
    ("times", "value"), [([10, 40, 70, 100], 1.0), ([10, 90], 0.5833), ([], 0.0)]
)
def test_the_vectors_of_the_definition(times, value):
    product = first_update_part(times, LIMITS) * coverage_part(120, times, 30)
    assert product == pytest.approx(value, abs=5e-5)


@given(st.lists(st.floats(0, 200)), st.floats(0, 200), st.floats(1, 200))
def test_an_update_more_covers_no_less(times, more, length):
    before, after = (coverage_part(length, ts, 30) for ts in (times, [*times, more]))
    assert 0 <= before <= after + 1e-9
    assert after <= 1 + 1e-9
    assert first_update_part(times, LIMITS) <= first_update_part([*times, more], LIMITS)


def test_updates_in_time():
    """The breach lasts from 34 to 60."""
    result = measured(inform(story(INFORM), 40, 55))
    assert result.value == pytest.approx(1)
    assert result.why == "2 updates in 26 min, the first 4 min after the first page"
    events = inform(story(INFORM), 40, 55).run().events
    assert [events[line - 2].kind for line in result.events] == ["order", "action"] * 2


def test_no_update_at_all():
    result = measured(story(INFORM))
    assert (result.value, result.why) == (0, "no update in 26 min")
    assert (
        Grading(Timeline(story(INFORM).run()), rubric_of()).scored("communication").marked is False
    )


def test_updates_to_others_do_not_count():
    assert measured(story(INFORM).order(40, "status_update", to=["legal"], text="look")).value == 0


def test_an_update_before_the_breach_is_in_time_and_one_before_the_fault_is_none():
    assert measured(inform(story(INFORM), 32)).parts["first"] == 1
    assert measured(inform(story(INFORM), 20)).value == 0


def test_a_late_first_update_in_a_long_incident():
    """The players saw the first page at 36, and nothing could be known before."""
    late = measured(inform(answered(110, needs=[INFORM]), 56))
    # 20 of 10 to 30 min; gaps of 22 and 54 min in 76.
    assert late.parts == pytest.approx(
        {"first": 0.3691, "coverage": 52 / 76, "true": 1.0}, abs=1e-4
    )


def test_false_facts_cost_their_share():
    facts = {"severity": "SEV3", "impact": "accuracy is low", "since": "10m", "suspect": "store"}
    result = measured(inform(story(INFORM), 40, **facts))
    assert result.parts["true"] == true_part(3, 1) == 0.75
    assert result.why.endswith("3 of 4 stated facts true")


@pytest.mark.parametrize("happened", [story(), answered(34, needs=[INFORM])])
def test_nobody_had_to_be_informed(happened):
    assert measured(happened).why == "nobody had to be informed"
