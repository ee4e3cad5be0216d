"""Escalations of stories: whom they needed, whom they called, with which facts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.analysis import Timeline
from simulator.score import Grading, grade, rubric_of
from simulator.score.escalation_rates import escalation_rates
from tests.analysis.story import MINUTE, answered
from tests.analysis.test_need_records import APPROVAL, INFORM, OWNER, POLICY, call

ACTIONS = {
    "rollback": {"effect": "world"}, "retrain": {"effect": "world"}, "acknowledge": {"effect": "talk"},
    "page": {"effect": "people"},
}  # fmt: skip
SEVERE = {"reason": "severity", "since": 0, "severity": "SEV3"}
FACTS = {
    "impact": "accuracy: predictions are worse", "since": "10m", "severity": "SEV3",
    "suspect": "feed", "need": "feed as it was",
}  # fmt: skip
PARTS = ("decision", "target", "timeliness", "severity", "handoff", "hops", "acceptance")


def story(*needs, declared=34, **header):
    """A breach from 34 to 60 with a page that is seen at 36; SEV3 is declared from 34 on."""
    header = {"actions": ACTIONS, "hops": {"data": 1, "network": 1, "ml-platform": 0}, **header}
    planned = {"id": "hours", "name": "unit_change", "type": "data", "target": "feed",
               "at": 30 * MINUTE, "owner": "data", "component": "feed"}  # fmt: skip
    happened = answered(60, needs=[SEVERE, *needs], faults=[planned], **header)
    return happened if declared is None else happened.order(declared, "declare", severity="SEV3")


def measured(happened, name="escalation_quality"):
    return Grading(Timeline(happened.run()), rubric_of()).measured(name)


def quality(happened):
    return measured(happened).value


def test_an_ideal_escalation():
    happened = call(story(OWNER), 38, "data", 7, facts=FACTS)
    result = measured(happened)
    assert tuple(result.parts) == PARTS
    assert result.parts == dict.fromkeys(PARTS, 1.0)
    assert result.value == pytest.approx(1)
    assert all(f"{name} 1.00: " in result.why for name in PARTS)
    events = happened.run().events
    assert [events[line - 2].state for line in result.events] == ["sent", "seen", "acknowledged"]


def test_nobody_was_needed_and_nobody_was_called():
    assert measured(story()).parts == dict.fromkeys(PARTS, 1.0)


def test_the_capability_names_the_weak_parts_only():
    late = call(story(OWNER), 48, "data", 7, facts={**FACTS, "since": "15m"})
    reasons = [
        Grading(Timeline(happened.run()), rubric_of()).scored("escalation").why
        for happened in (late, story())
    ]
    assert reasons == ["timeliness 0.51: 12 min after the need", "nobody was needed"]


def test_the_time_counts_from_the_first_page_that_the_players_saw():
    """The fault landed at 30.1; nobody could know before 36."""
    late = measured(call(story(OWNER), 48, "data", 7, facts={**FACTS, "since": "15m"}))
    assert late.parts == pytest.approx(
        {**dict.fromkeys(PARTS, 1.0), "timeliness": 0.5114}, abs=1e-4
    )
    assert "12 min after the need" in late.why


def test_whom_nobody_called():
    result = measured(story(OWNER))
    nothing = dict.fromkeys(
        ("decision", "target", "timeliness", "handoff", "hops", "acceptance"), 0
    )
    assert result.parts == {**nothing, "severity": 1.0}
    assert "data was needed, and nobody called" in result.why
    assert measured(story(OWNER), "calls_missed").value == 1


def test_the_wrong_team_alone_is_no_escalation():
    wrong = call(story(OWNER), 38, "network", 7, facts=FACTS)
    assert quality(wrong) == pytest.approx(quality(story(OWNER)))
    assert measured(wrong, "needless_pages").value == 1


def test_a_team_too_many_costs_little_and_fails_nothing():
    right = call(story(OWNER), 38, "data", 7, facts=FACTS)
    result = measured(call(right, 45, "network", 8))
    assert result.parts["target"] == pytest.approx(5 / 6)
    assert 0.95 < result.value < 1
    assert "data right, network too many" in result.why
    assert grade(Timeline(right.run())).verdict == "pass"


def test_a_wrong_team_first_is_a_hop_too_many():
    happened = call(call(story(OWNER), 37, "network", 6), 38, "data", 7, facts=FACTS)
    assert measured(happened).parts["hops"] == pytest.approx(0.7)


def test_whoever_sleeps_is_not_reached():
    happened = story(OWNER)
    happened.at(
        38, "page", "data", page=7, state="sent", via="person", by="ml-platform", facts=FACTS
    )
    parts = measured(happened).parts
    assert (parts["decision"], parts["target"], parts["acceptance"]) == (1, 1, 0)


def test_whoever_sees_it_and_does_not_take_it():
    happened = call(story(OWNER), 38, "data", 7, takes=False, facts=FACTS)
    result = measured(happened)
    assert result.parts["acceptance"] == 0
    assert "data did not take it" in result.why


def test_a_needless_call_of_the_owner():
    happened = call(story(), 38, "data", 7, facts=FACTS)
    assert measured(happened).parts == {**dict.fromkeys(PARTS, 1.0), "decision": 0.5}


def test_a_needless_call_of_somebody_else():
    happened = call(story(), 38, "network", 7, facts=FACTS)
    parts = measured(happened).parts
    assert (parts["decision"], parts["target"], parts["timeliness"]) == (0.5, 0, 1)


def test_the_time_box_of_a_policy_is_nobodys_escalation():
    """At 45.5 the policy pages the next level by itself, because nobody took the page in time."""
    happened = answered(60, needs=[POLICY], hops={"ml-platform": 0, "lead": 0})
    happened.lines = [line for line in happened.lines if line[3].get("state") != "acknowledged"]
    entry = {"page": 1, "via": "alert", "by": "alertmanager", "team": "lead", "person": "zoe"}
    happened.page(50, "acknowledged")
    for minute, state in ((45.5, "escalated"), (46, "seen")):
        happened.at(minute, "page", "ml-platform", state=state, **entry)
    assert [record.team for record in Timeline(happened.run()).need_records] == ["lead"]
    result = measured(happened)
    assert result.parts["decision"] == 1
    assert "nobody was called" in result.why


def test_an_early_right_declaration_is_fine():
    early, late = (measured(story(declared=t)).parts["severity"] for t in (31, 47))
    assert early == 1
    assert late == pytest.approx(0.5)  # half of the time nothing was declared, which is SEV5


def test_a_severity_too_high_costs_half_as_much_as_one_too_low():
    high, low = (
        measured(story(declared=None).order(34, "declare", severity=severity)).parts["severity"]
        for severity in ("SEV2", "SEV4")
    )
    assert (high, low) == (pytest.approx(0.75), pytest.approx(0.5))


def test_an_incident_is_rightly_open_until_its_debts_are_paid():
    """The objectives hold from 60 on; the ladder then has no incident, and a debt is owed till 80."""
    ladder = [{"severity": "SEV3", "any_of": [{"outside": 0}]}]

    def severity(declared):
        happened = answered(60, ladder=ladder).order(34, "declare", severity="SEV3")
        happened.order(62, "declare", severity=declared)
        for minute, state in ((40, "owed"), (80, "paid")):
            happened.at(minute, "debt", "world", name="paused_releases", state=state)
        return measured(happened).parts["severity"]

    assert [severity("SEV3"), severity("SEV4"), severity("SEV5")] == [1, 1, 1]
    # 18 of 46 minutes two too high.
    assert severity("SEV1") == pytest.approx(1 - 18 / 46 / 2, abs=0.01)


def test_where_harm_was_prevented_the_incident_ends_with_its_cause():
    happened = answered(34, needs=[SEVERE]).order(37, "declare", severity="SEV3").order(40, "close")
    happened.at(39, "ended", "world", fault="hours", why="fact")
    # From the page at 35.5 to 39, undeclared for a minute and a half.
    assert measured(happened).parts["severity"] == pytest.approx(2 / 3.5)


# -- facts of the hand-off ------------------------------------------------------------------------


def handoff(facts, happened=None):
    return measured(call(happened or story(OWNER), 40, "data", 7, facts=facts)).parts["handoff"]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("since", "2h"), ("severity", "SEV1"), ("suspect", "store"), ("need", "retrain"),
        ("since", "soon"),
    ],
)  # fmt: skip
def test_a_false_fact_is_worse_than_a_missing_one(field, text):
    missing = handoff({name: fact for name, fact in FACTS.items() if name != field})
    assert missing == pytest.approx(8 / 9)
    assert handoff({**FACTS, field: text}) == pytest.approx(8 / 10)


def test_words_alone_earn_nothing():
    words = {"impact": "everybody suffers badly", "need": "please help us at once"}
    assert handoff(words) == 0


@pytest.mark.parametrize(
    ("field", "text"),
    [("impact", "accuracy, latency_p99, availability, freshness"), ("need", "feed store retrain")],
)
def test_whoever_names_everything_names_nothing(field, text):
    objectives = {
        name: {"min": 0.8, "window": 900_000, "unit": "ratio"}
        for name in ("accuracy", "availability")
    }
    happened = story(OWNER, related={"feed": [], "store": []}, objectives=objectives)
    happened.lines = [line for line in happened.lines if line[1] != "objective"]
    run = call(happened, 40, "data", 7, facts={**FACTS, field: text}).run()
    run.truth["availability"] = np.ones(len(run.truth_times))
    parts = Grading(Timeline(run), rubric_of()).measured("escalation_quality").parts
    assert parts["handoff"] == pytest.approx(8 / 10)


def test_an_empty_hand_off():
    assert handoff({}) == 0
    happened = call(story(OWNER), 38, "data", 7)
    assert quality(happened) == pytest.approx(0.5012, abs=1e-4)


def test_evidence_is_what_the_players_looked_at():
    def happened():
        seen = story(OWNER)
        for n, (expr, value) in enumerate({"max(ml_feature_psi)": 0.3581, "up == 0": 0.0}.items()):
            seen.at(37 + n, "look", "ml-platform", expr=expr, count=1, value=value)
        return seen

    evidence = [
        [], ["ml_feature_psi: 0.358"], ["ml_feature_psi: 0.358", "up: 0"],
        ["ml_feature_psi: 0.358", "the disk is full"],
    ]  # fmt: skip
    # Of seven facts five, six and seven; the last one states a false one.
    shares = [10 / 12, 12 / 13, 1.0, 12 / 14]
    assert [
        handoff({**FACTS, "evidence": texts}, happened()) for texts in evidence
    ] == pytest.approx(shares)


def test_attempts_are_own_orders_on_the_world_that_have_ended():
    def happened():
        return story(OWNER).order(37, "rollback", target="model").order(41, "retrain")

    # Order 1 is the declaration, 2 the rollback, 3 comes only after the page.
    values = [
        handoff({**FACTS, "tried": tried}, happened())
        for tried in ([2], [], [2, 3], ["rollback"], ["rollback, retrain"])
    ]
    assert values == pytest.approx([1.0, 10 / 11, 12 / 13, 1.0, 10 / 12])


# -- properties -----------------------------------------------------------------------------------

pages = st.lists(
    st.tuples(st.integers(31, 70), st.sampled_from(["data", "lead", "network"])), max_size=3
)


@settings(deadline=None, max_examples=40)
@given(
    needs=st.sampled_from([(), (OWNER,), (OWNER, APPROVAL), (INFORM,)]),
    pages=pages,
    useless=st.integers(31, 70),
    facts=st.sampled_from([{}, FACTS]),
)
def test_a_useless_page_never_helps(needs, pages, useless, facts):
    def happened():
        result = story(*needs)
        for number, (minute, team) in enumerate(pages, 7):
            call(result, minute, team, number, facts=FACTS if number % 2 else {})
        return result

    before, after = (
        measured(happened()),
        measured(call(happened(), useless, "security", 99, facts=facts)),
    )
    assert all(0 <= part <= 1 for part in (*before.parts.values(), *after.parts.values()))
    assert 0.01 <= after.value <= before.value + 1e-12


# -- over several runs ----------------------------------------------------------------------------


def test_recall_and_false_escalations_over_runs():
    def called(*needs):
        return call(story(*needs), 38, "data", 7, facts=FACTS)

    runs = [called(OWNER), called(OWNER), story(OWNER), story(), called()]
    rates = escalation_rates(grade(Timeline(happened.run())) for happened in runs)
    assert rates.recall == (2, 3)
    assert rates.false_escalation == (1, 2)
    low, high = rates.recall.interval
    assert (low, high) == (pytest.approx(0.2077, abs=1e-4), pytest.approx(0.9385, abs=1e-4))


def test_an_automation_is_rated_only_where_somebody_was_needed():
    rubric = {**rubric_of().model_dump(mode="json"), "rated_if_needed": ["escalation"]}
    scores = [
        Grading(Timeline(happened.run()), rubric_of(rubric)).scored("escalation").value
        for happened in (story(), story(OWNER))
    ]
    assert scores[0] is None
    assert scores[1] > 0
