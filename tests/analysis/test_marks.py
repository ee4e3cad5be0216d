"""The marks of incidents, from the log and from the twins."""

import math
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.analysis import Timeline
from simulator.analysis.marks import Marks
from simulator.run import Run
from simulator.score.endings import closed_early
from tests.analysis.story import MINUTE, Story, answered, dip, with_twins


def minutes(run: Run) -> dict[str, float | None]:
    [incident] = Timeline(run).incidents
    return {k: None if t is None else t / MINUTE for k, t in asdict(incident.marks).items()}


def test_an_incident_from_its_onset_to_its_close():
    story = answered().order(40, "declare", severity="SEV3").look(44)
    story.order(45, "diagnose", cause="data.unit_change").order(75, "close")
    assert minutes(with_twins(story)) == {
        "onset": 30, "landed": 30.1, "impact": 34, "alert": 35.5, "detect": 36,
        "acknowledge": 38, "declare": 40, "diagnose": 45, "cause_removed": None, "mitigate": 60,
        "recover": 60, "close": 75,
    }  # fmt: skip


def test_the_cause_is_removed_when_its_fact_changed_last_or_its_duration_ended():
    timed = answered().at(59, "ended", "world", fault="hours", why="for")
    assert minutes(timed.run())["cause_removed"] == 59
    timed.at(50, "ended", "world", fault="hours", why="fact")
    assert minutes(timed.run())["cause_removed"] == 50, "its duration went on without it"
    timed.at(55, "ended", "world", fault="hours", why="fact")
    assert minutes(timed.run())["cause_removed"] == 55, "the build was deployed again"


def test_without_twins_the_counterfactual_marks_are_unknown():
    marks = minutes(answered().run())
    assert marks["impact"] is marks["alert"] is marks["detect"] is None
    assert (marks["acknowledge"], marks["mitigate"]) == (38, 60)


def test_a_breach_that_the_no_fault_twin_has_too_is_not_the_impact():
    no_fault = Story(dip(31, 33), faults=[]).run()
    none = Story(dip(34, 999)).fault().run()
    run = Story(lambda m: 0.7 if 31 <= m < 33 or 34 <= m < 50 else 0.9).fault()
    assert minutes(run.run({"no-fault": no_fault, "none": none}))["impact"] == 34


def test_an_alert_that_fires_anyway_is_not_attributed():
    no_fault = Story(faults=[]).alert(33, 40).run()
    none = Story().fault().alert(33).run()
    run = Story().fault().alert(33, 40).page(33.5, "sent").page(34)
    marks = minutes(run.run({"no-fault": no_fault, "none": none}))
    assert marks["alert"] is marks["detect"] is None


def test_the_same_alert_at_another_time_is_attributed():
    no_fault = Story(faults=[]).alert(15, 20).run()
    none = Story().fault().alert(15, 20).alert(33).run()
    run = Story().fault().alert(15, 20).alert(33, 50).run({"no-fault": no_fault, "none": none})
    assert minutes(run)["alert"] == 33.5


def test_an_alert_in_this_run_only_is_not_attributed():
    run = Story().fault().order(40, "scale", replicas=0).alert(41, name="NoReplicas")
    no_fault, none = Story(faults=[]).run(), Story().fault().run()
    assert minutes(run.run({"no-fault": no_fault, "none": none}))["alert"] is None


def test_a_declaration_before_the_page_is_the_detection():
    assert minutes(with_twins(answered().order(33, "declare", severity="SEV4")))["detect"] == 33


def test_the_declaration_of_a_simulated_team_is_not_the_responders():
    story = answered().page(37, page=2, team="data-engineering", via="person")
    story.order(39, "declare", who="data-engineering", severity="SEV3")
    assert minutes(story.run())["declare"] is None


def test_a_later_claim_withdraws_a_diagnosis():
    story = answered().order(40, "diagnose", cause="data.unit_change")
    assert minutes(story.run())["diagnose"] == 40
    story.order(50, "diagnose", cause="latency.overload")
    assert minutes(story.run())["diagnose"] is None
    story.order(55, "diagnose", cause="unit_change")
    assert minutes(story.run())["diagnose"] == 55


def test_a_facilitators_fault_has_a_diagnosis_beside_the_planned_one():
    story = answered().fault(50, "more", "overload").order(51, "diagnose", cause="unit_change")
    story.order(55, "diagnose", cause="latency.overload")
    planned, more = Timeline(story.run()).incidents
    assert (planned.marks.diagnose, more.marks.diagnose) == (51 * MINUTE, 55 * MINUTE)
    story.order(60, "diagnose", cause="data.nulls")
    assert [i.marks.diagnose for i in Timeline(story.run()).incidents] == [None, None]


def test_mitigation_is_the_start_of_the_final_segment():
    relapse = Story(lambda m: 0.7 if 34 <= m < 50 or 70 <= m < 80 else 0.9).fault()
    assert minutes(relapse.run())["mitigate"] == 80
    late = Story(dip(34, 115)).fault()
    assert minutes(late.run())["mitigate"] is None, "5 minutes are less than the hold of 10"


def test_there_is_no_mitigation_without_a_breach():
    marks = minutes(Story().fault().run())
    assert marks["mitigate"] is marks["recover"] is None


def test_a_fault_stopped_before_it_harmed_is_not_closed_too_early():
    run = Story().fault().order(50, "close").run()
    [incident] = Timeline(run).incidents
    assert not closed_early(Timeline(run), incident)


def test_recovery_waits_for_the_debts():
    story = answered().at(40, "debt", "world", name="backlog", state="owed")
    assert minutes(story.run())["recover"] is None
    story.at(80, "debt", "world", name="backlog", state="paid")
    assert minutes(story.run())["recover"] == 80
    story.order(70, "close")
    [incident] = Timeline(story.run()).incidents
    assert closed_early(Timeline(story.run()), incident)


def test_the_debt_of_a_later_incident_does_not_delay_the_first_recovery():
    story = answered().at(40, "debt", "world", name="paused_releases", state="owed")
    story.at(70, "debt", "world", name="paused_releases", state="paid").order(75, "close")
    story.at(90, "debt", "world", name="paused_releases", state="owed")
    assert minutes(story.run())["recover"] is None, "a debt is owed at the end"
    story.at(95, "debt", "world", name="paused_releases", state="paid")
    assert minutes(story.run())["recover"] == 70


def test_debts_are_paid_when_the_last_is_paid():
    story = answered().at(40, "debt", "world", name="backlog", state="owed")
    story.at(70, "debt", "world", name="backlog", state="paid")
    story.at(70, "debt", "world", name="silence", state="owed")
    story.at(85, "debt", "world", name="silence", state="paid")
    assert minutes(story.run())["recover"] == 85


def test_an_objective_over_no_traffic_does_not_hold():
    dropped = Story(lambda m: math.nan if m >= 40 else 0.9).fault()
    assert minutes(dropped.run())["mitigate"] is None


def test_an_incident_that_ended_before_the_next_began_keeps_its_mitigation():
    both = [{"id": "hours", "name": "unit_change", "at": 30 * MINUTE},
            {"id": "slow", "name": "overload", "at": 80 * MINUTE}]  # fmt: skip
    values = lambda m: 0.7 if 34 <= m < 50 or 84 <= m < 100 else 0.9  # noqa: E731
    run = Story(values, faults=both).fault().fault(80, "slow", "overload").run()
    first, second = Timeline(run).incidents
    assert (first.marks.mitigate, second.marks.mitigate) == (50 * MINUTE, 100 * MINUTE)


@given(
    minute=st.floats(76, 119),
    later=st.sampled_from(["alert", "page", "declare", "close", "acknowledge"]),
)
def test_a_later_event_never_changes_an_earlier_mark(minute: float, later: str):
    """Only a claim can be withdrawn."""
    before = {"onset": 30, "landed": 30.1, "impact": 34, "alert": 35.5, "detect": 36,
              "acknowledge": 38, "declare": 40, "close": 75}  # fmt: skip
    more = answered().order(40, "declare", severity="SEV3").order(75, "close")
    if later == "alert":
        more.alert(minute)
    elif later in {"page", "acknowledge"}:
        more.page(minute, "sent" if later == "page" else "acknowledged", page=9)
    else:
        more.order(minute, later, severity="SEV1")
    after = minutes(with_twins(more))
    assert {name: after[name] for name in before} == before


def test_marks_come_in_the_order_of_an_incident():
    assert [name for name, _ in Marks().items()][:3] == ["onset", "landed", "impact"]
    with pytest.raises(AttributeError):
        Marks().onset = 3  # type: ignore[misc]
