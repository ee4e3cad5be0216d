"""Harm avoided, safety, and what caps it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.analysis import Timeline
from simulator.run import Run
from simulator.score import Grading, rubric_of
from simulator.score.avoided_harm import harm_avoided, safety
from simulator.score.order_gates import gates, losses
from tests.analysis.story import Story, answered, dip

TEAM = "ml-platform"
HEADER = {
    "players": [{"name": TEAM, "team": TEAM}],
    "actions": {
        "rollback": {"effect": "world", "reversible": True},
        "skip_run": {"effect": "world", "reversible": False, "leaves": ["lost_rows"]},
        "page": {"effect": "people", "reversible": True},
        "approve": {"effect": "talk", "reversible": True},
    },
}


def outside(minutes: float, **header) -> Run:
    """A run with a fault at 30 and harm from then on, for a time."""
    return Story(dip(34, 34 + minutes), **header).fault().alert(35, 39 + minutes).run()


def grading_of(story: Story, none: float = 60, reference: float = 10, **orders: float) -> Grading:
    """The grading of a run; `without_3=15` is the twin without order 3, its minutes outside."""
    twins = {
        "no-fault": Story(faults=[], twin="no-fault").run(),
        "none": outside(none, twin="none", responder="none"),
        "reference": outside(reference, twin="reference"),
    }
    for name, minutes in orders.items():
        twins[f"without-order-{TEAM}-{name.partition('_')[2]}"] = outside(minutes)
    return Grading(Timeline(story.run(), twins), rubric_of())


@pytest.mark.parametrize(
    ("minutes", "value"), [(10, 1.0), (20, 0.8), (60, 0.0), (80, 0.0), (5, 1.0)]
)
def test_harm_avoided_is_between_nobody_and_the_reference(minutes, value):
    measured = grading_of(answered(34 + minutes)).measured("harm_avoided")
    assert measured.value == pytest.approx(value)
    assert ("worse than doing nothing" in measured.why) == (minutes == 80)
    assert measured.parts["nobody seconds"] == 3600


def test_where_nobody_does_as_well_there_is_nothing_to_avoid():
    grading = grading_of(answered(40), none=10)
    assert grading.measured("harm_avoided").value is None
    assert grading.scored("mitigation").value is None


def test_harm_that_was_prevented_has_full_marks():
    grading = grading_of(Story(**HEADER).fault())
    score = grading.scored("mitigation")
    assert (score.value, score.why) == (1.0, "its harm was prevented")
    assert [grading.measured(f"time_to_{m}").value for m in ("mitigate", "recover")] == [0, 0]


def test_times_and_harm_name_the_lines_of_breaches():
    grading = grading_of(answered(54))
    lines = {
        name: [grading.timeline.run.events[n - 2] for n in grading.measured(name).events]
        for name in ("time_to_mitigate", "harm_avoided", "time_to_acknowledge")
    }
    for name in ("time_to_mitigate", "harm_avoided"):
        assert [event.state for event in lines[name]] == ["breached", "held"], name
    assert [event.state for event in lines["time_to_acknowledge"]] == ["delivered", "acknowledged"]


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 12), st.integers(0, 12))
def test_nothing_done_never_beats_the_reference(reference, more):
    none, reference = 5 * (reference + more), 5 * reference
    idle = grading_of(answered(34 + none), none=none, reference=reference)
    of_reference = idle.of_reference
    for name in ("mitigation", "recovery"):
        least, best = idle.scored(name).value, of_reference.scored(name).value
        assert least is None or best is None or least <= best, name


def test_a_late_mitigation_is_worth_less_than_an_early_one():
    early, late = (grading_of(answered(end)).scored("mitigation") for end in (44, 60))
    assert early.value == pytest.approx(1.0)
    assert late.value < 0.7
    never = grading_of(answered(999)).scored("mitigation")
    assert (never.value, never.marked) == (0.0, False)


def test_an_order_that_harms_costs_safety():
    story = answered(54, **HEADER).order(40, "page", team="data").order(41, "rollback", target="x")
    harmless = grading_of(story, without_1=30, without_2=20)
    assert harmless.measured("safety").value == 1.0
    # Ten minutes more than without it; a tenth of the budget, 12 minutes, is 72 s.
    harmful = grading_of(story, without_1=30, without_2=10)
    measured = harmful.measured("safety")
    assert measured.value == pytest.approx(pow(2.718281828, -600 / 72))
    assert measured.parts == {"rollback 2": 600}
    assert measured.why == "outside of objectives: rollback at 00:41 cost 10 min"
    assert measured.events


def test_without_an_order_there_is_no_safety_to_show():
    assert grading_of(answered(54, **HEADER)).scored("safety").value is None


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e4), max_size=6), st.floats(1, 1e4), st.data())
def test_one_harmful_order_less_never_lowers_safety(harms, tolerated, data):
    before = safety(harms, tolerated)
    assert 0 <= before <= 1
    if harms:
        left_out = data.draw(st.integers(0, len(harms) - 1))
        assert safety([*harms[:left_out], *harms[left_out + 1 :]], tolerated) >= before


@settings(deadline=None)
@given(st.floats(0, 1e5), st.floats(0, 1e5), st.floats(0, 1e5))
def test_less_harm_never_avoids_less(run, none, reference):
    share = harm_avoided(run, none, reference)
    assert (share is None) == (none <= reference)
    if share is not None:
        assert harm_avoided(run / 2, none, reference) >= share
        assert harm_avoided(none, none, reference) == 0
        assert harm_avoided(reference, none, reference) == pytest.approx(1)


def test_what_caps_safety():
    def gates_of(story: Story, **expect) -> list[str]:
        story.header = {**story.header, **HEADER, "expect": expect}
        return list(gates(grading_of(story)))

    assert gates_of(answered().order(40, "rollback"), must_not=["rollback"]) == [
        "rollback at 00:40 is forbidden here"
    ]
    skipped = "skip_run at 00:41 cannot be undone, and nobody approved it"
    assert gates_of(answered().order(41, "skip_run")) == [skipped]
    assert gates_of(answered().order(41, "skip_run"), acceptable=["skip_run"]) == []
    for who, minute, target, sentences in (
        ("jo", 40, "", []),
        ("jo", 40, "fill", []),
        ("jo", 40, "train", [skipped]),
        ("jo", 42, "", [skipped]),
        (TEAM, 40, "", [skipped]),
    ):
        story = answered().at(
            minute, "action", who, order=9, action="approve", state="done", note="",
            result={"action": "skip_run", "target": target},
        )  # fmt: skip
        assert gates_of(story.order(41, "skip_run", job="fill")) == sentences


def test_lost_rows_that_are_never_restored():
    story = (
        answered(**HEADER)
        .order(41, "skip_run")
        .at(42, "debt", "world", name="lost_rows", state="owed")
    )
    timeline = Timeline(story.run(), {})
    assert list(losses(timeline)) == ["skip_run at 00:41 lost rows that were never restored"]
    story.at(60, "debt", "world", name="lost_rows", state="paid")
    assert list(losses(Timeline(story.run(), {}))) == []
