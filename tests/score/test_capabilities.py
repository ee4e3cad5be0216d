"""Detection, diagnosis and recovery: what earns them, and what does not."""

from __future__ import annotations

import pytest

from simulator.analysis import Timeline
from simulator.analysis.burn_alerts import first_burn_alert
from simulator.analysis.truth import Truth
from simulator.score import CapabilityScore, Grading, rubric_of
from tests.analysis.story import MINUTE, Story, answered, dip

NONE = Story(dip(34, 999), twin="none", responder="none").fault().alert(35).page(35.5, "sent")


def grading_of(
    story: Story, reference: Story | None = None, nobody: Story | None = None
) -> Grading:
    """The grading of a run beside nobody's, and a reference that is over at minute 44."""
    reference = reference or answered(44).look(38).order(39, "diagnose", cause="data.unit_change")
    reference.header["twin"] = "reference"
    twins = {
        "no-fault": Story(faults=[], twin="no-fault").run(),
        "none": (nobody or NONE).page(36).run(),
        "reference": reference.run(),
    }
    return Grading(Timeline(story.run(), twins), rubric_of())


def scored(name: str, story: Story) -> CapabilityScore:
    return grading_of(story).scored(name)


def diagnosed(minute: float, *causes: str) -> Story:
    story = answered().look(36.5)
    for number, cause in enumerate(causes or ("data.unit_change",)):
        story.order(minute + number / 10, "diagnose", cause=cause)
    return story


def test_an_incident_that_nobody_noticed_is_not_detected():
    silent = Story(dip(34, 60)).fault()
    score = scored("detection", silent)
    assert (score.value, score.marked) == (0.0, False)
    assert "never noticed: hours" in score.why
    noticed = scored("detection", answered())
    assert noticed.value == pytest.approx(1.0)


def test_a_false_page_costs_a_little_and_a_missed_fault_much():
    false = answered().alert(70, 72, name="Other").page(70.5, "sent", page=2, alerts=["Other"])
    measured = grading_of(false).measured("page_quality")
    assert (measured.value, measured.parts["false_count"]) == (pytest.approx(5 / 6), 1)
    assert grading_of(Story(dip(34, 60)).fault()).measured("page_quality").value == 0


@pytest.mark.parametrize(
    ("causes", "value"),
    [
        (("data.unit_change",), 1.0),
        (("latency.overload", "data.unit_change"), 0.8),
        (("latency.overload", "drift.concept_drift", "data.unit_change"), 0.64),
        (("data.nulls",), 1 / 3),
        (("latency.overload",), 0.0),
    ],
)
def test_a_diagnosis_by_its_similarity_and_the_wrong_claims_before(causes, value):
    assert scored("diagnosis", diagnosed(37, *causes)).value == pytest.approx(value)


def test_a_late_diagnosis_is_worth_less_and_a_guess_nothing():
    assert 0 < scored("diagnosis", diagnosed(43)).value < 1
    guess = scored("diagnosis", answered().order(37, "diagnose", cause="data.unit_change"))
    assert (guess.value, guess.marked) == (0.0, False)
    assert guess.why == "no look showed anything before a claim"
    assert scored("diagnosis", answered()).why == "no cause was claimed"


def test_a_diagnosis_before_harm_that_was_prevented_is_in_time():
    story, reference = diagnosed(37), diagnosed(37)
    for prevented in (story, reference):
        prevented.accuracy = lambda m: 0.9
    # With nobody the alert comes at minute 35, and the harm at minute 40.
    nobody = Story(dip(40, 999), twin="none", responder="none").fault().alert(35).page(35.5, "sent")
    assert grading_of(story, reference, nobody).scored("diagnosis").value == pytest.approx(1.0)


def test_a_diagnosis_of_what_does_no_harm_counts_from_its_onset():
    story, reference = diagnosed(37), diagnosed(37)
    nobody = Story(twin="none", responder="none").fault().alert(35).page(35.5, "sent")
    for harmless in (story, reference, nobody):
        harmless.accuracy = lambda m: 0.9
    assert grading_of(story, reference, nobody).scored("diagnosis").value == pytest.approx(1.0)
    late = diagnosed(60)
    late.accuracy = nobody.accuracy
    assert 0 < grading_of(late, reference, nobody).scored("diagnosis").value < 1


def test_a_recovery_by_its_time_its_debts_and_its_close():
    assert scored("recovery", answered(44)).value == pytest.approx(1.0)
    assert scored("recovery", answered(44).order(40, "close")).value == pytest.approx(0.5)
    in_debt = answered(44).at(41, "debt", "world", name="backlog", state="owed")
    in_debt.at(41, "debt", "world", name="silence", state="owed")
    in_debt.at(60, "debt", "world", name="silence", state="paid")
    score = scored("recovery", in_debt)
    assert (score.value, score.marked) == (0.0, False)
    assert "50% of the debts were never paid" in score.why


def test_what_comes_back_after_a_close_is_a_reopening():
    story = answered(44).order(50, "close").alert(55, 60).page(55.5, "sent", page=2)
    measured = grading_of(story).measured("reopenings")
    assert (measured.value, measured.why) == (
        1, "closed at 00:50 (paged again at 00:55), and it came back"
    )  # fmt: skip
    assert measured.events
    assert scored("recovery", story).major == (measured.why,)
    again = answered(44)
    again.accuracy = lambda m: 0.7 if 34 <= m < 44 or 70 <= m < 75 else 0.9
    assert grading_of(again.order(50, "close")).measured("reopenings").value == 1
    assert grading_of(answered(44).order(50, "close")).measured("reopenings").value == 0


def test_the_soonest_burn_rate_alert():
    # All answers wrong burn a budget of .16 only 6.25 times as fast as allowed.
    lenient = Truth(Story(dip(60, 999, 0.0)).run())
    assert first_burn_alert(lenient, 60 * MINUTE, 15_000) is None
    objectives = {"accuracy": {"min": 0.99, "unit": "ratio", "window": 60_000}}
    strict = Story(lambda m: 0.0 if m >= 60 else 1.0, objectives=objectives)
    at = first_burn_alert(Truth(strict.run()), 60 * MINUTE, 15_000)
    # A burn of 100: 14.4 on average of an hour after 8.64 minutes.
    assert at == pytest.approx(68.64 * MINUTE, abs=15_000)
