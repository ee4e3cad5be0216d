"""Claims, and what their players had seen; declarations, and what they noticed."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.analysis import Timeline
from simulator.analysis.diagnoses import Cause, Claim, diagnosis
from simulator.analysis.incident_marks import diagnosis_of
from simulator.run.run import Run
from simulator.telemetry.store import SeriesStore, labels_of
from tests.analysis.story import MINUTE, Story, answered, with_twins

TRUE = Cause("unit_change", "data", "feed")
causes = st.sampled_from(
    [TRUE, Cause("nulls", "data", "feed"), Cause("overload", "latency", "serving")]
)


def claimed(story: Story, minute: float, cause: str = "data.unit_change") -> Story:
    return story.order(minute, "diagnose", cause=cause)


def marks_of(story: Story):
    return Timeline(with_twins(story)).incidents[0].marks


def test_a_guess_is_no_diagnosis_until_it_is_repeated_with_evidence():
    assert marks_of(claimed(answered(), 40)).diagnose is None
    assert marks_of(claimed(answered().look(39), 40)).diagnose == 40 * MINUTE
    later = claimed(claimed(answered().look(45), 40), 50)
    assert marks_of(later).diagnose == 50 * MINUTE


def test_the_finding_of_a_specialist_is_evidence_and_a_denial_is_none():
    for text, t in (
        ("feed: mended after 1 look", 40 * MINUTE),
        ("nothing wrong that is ours", None),
    ):
        story = answered().at(39, "message", "eli", to="ml-platform", text=text)
        assert marks_of(claimed(story, 40)).diagnose == t


def test_every_cause_claimed_is_none_diagnosed():
    story = answered().look(39)
    for cause in ("data.unit_change", "latency.overload", "drift.concept_drift"):
        claimed(story, 40, cause)
    assert marks_of(story).diagnose is None


def test_wrong_claims_before_are_counted_once_each():
    story = answered().look(39)
    for minute, cause in enumerate(["latency.overload", "latency.overload", "data.nulls"], 40):
        claimed(story, minute, cause)
    standing = diagnosis_of(Timeline(claimed(story, 50).run(), {}), "hours")
    assert (standing.similarity, standing.wrong_before, standing.claim.t) == (1, 1, 50 * MINUTE)


def with_series(value: float, times: np.ndarray) -> dict:
    store = SeriesStore()
    table = store.table("feed", [labels_of(__name__="delay_mean")])
    for t in times.tolist():
        table.append(t, np.array([value]))
    return store.arrays()


def test_a_look_is_evidence_if_the_twin_answers_otherwise():
    times = np.arange(15_000, 120 * MINUTE + 1, 15_000)
    quiet = Story(faults=[], twin="no-fault").run()
    no_fault = Run(
        [quiet.header, *quiet.events], with_series(10.0, times), quiet.truth_times, quiet.truth,
        quiet.digest, {}, None,
    )  # fmt: skip
    for value, seen in ((10.0, False), (10.3, False), (11.0, True)):
        story = answered().look(40, "delay_mean", value=value)
        story.lines[-1][3]["labels"] = {"__name__": "delay_mean"}
        timeline = Timeline(story.run({"no-fault": no_fault}))
        assert bool(timeline.evidence) == seen, value


def test_a_search_is_evidence_if_it_finds_lines_that_the_twin_lacks():
    def evidence(pattern: str):
        story = answered().at(35, "line", "serving", level="ERROR", text="out of memory")
        return Timeline(with_twins(story.look(40, f"log: {pattern}"))).evidence

    assert evidence("out of mem")
    assert not evidence("deployed")


@given(st.lists(causes, max_size=6), causes)
def test_the_last_claim_stands(earlier, last):
    claims = [Claim(t, cause) for t, cause in enumerate([*earlier, last])]
    standing = diagnosis(claims, [TRUE])
    assert standing.claim.cause == last
    assert standing.wrong_before <= len({*earlier})
    assert diagnosis(claims, [TRUE], has_evidence=lambda t: False) is None


def test_a_right_claim_about_another_incident_withdraws_nothing():
    claims = [Claim(1, TRUE), Claim(2, Cause("overload", "latency"))]
    assert diagnosis(claims, [TRUE], ["overload"]).similarity == 1
    assert diagnosis(claims, [TRUE]).similarity == 0


def test_a_declaration_before_the_onset_notices_nothing():
    early = answered().order(20, "declare", severity="SEV1")
    assert marks_of(early).declare is None
    wolf = answered()
    for minute in range(1, 60):
        wolf.order(minute, "declare", severity="SEV1")
    assert marks_of(wolf).declare is None
    # After a close it says something again.
    assert (
        marks_of(early.order(22, "close").order(33, "declare", severity="SEV1")).declare
        == 33 * MINUTE
    )


def test_a_declaration_between_onset_and_landing_counts_from_the_landing():
    story = answered().order(30.05, "declare", severity="SEV3")
    assert marks_of(story).declare == 30.1 * MINUTE
