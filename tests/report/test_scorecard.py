"""The scorecard: index, ratings with their reasons, measures beside par, what people observed."""

import io

import msgspec
import pytest
from rich.console import Console

from simulator.analysis import Timeline
from simulator.report import html, postmortem, terminal_scorecard
from simulator.report.scorecard import (
    capability_rows,
    incident_ratings,
    index_sentence,
    measure_rows,
    other_notes,
)
from simulator.score import Scores, grade
from simulator.score.capability_score import CapabilityScore
from simulator.score.evaluator_note import EvaluatorNote
from simulator.score.measurement import Measurement
from simulator.score.verdict.reason import VerdictReason
from tests.analysis.story import answered, with_twins

QUALITY = Measurement(
    0.5012,
    "ratio",
    {"decision": 1.0, "target": 0.8333, "timeliness": 0.4, "severity": None, "handoff": 0.01,
     "hops": 1.0, "acceptance": 1.0},
    "paged data-engineering 12 min late",
    par=1.0,
)  # fmt: skip
CAPABILITIES = {
    "detection": CapabilityScore(0.83, "2 min after the harm", marked=True),
    "recovery": CapabilityScore(0.9, "paid", True, major=("closed 5 min before it was over",)),
    "safety": CapabilityScore(0.1, "a drain", lost=("the training set was lost",)),
    "documentation": CapabilityScore.not_shown("nobody has written any"),
}


@pytest.fixture
def timeline() -> Timeline:
    both = answered().fault(50, "rush", "overload").order(45, "close")
    return Timeline(with_twins(both))


@pytest.fixture
def scores(timeline: Timeline) -> Scores:
    """Graded by hand: every kind of thing that a scorecard has."""
    graded = grade(timeline)
    incidents = tuple(
        msgspec.structs.replace(
            incident, capabilities={"detection": CapabilityScore(0.5 + n / 4)},
            ratings={"detection": "S"},
        )
        for n, incident in enumerate(graded.incidents)
    )  # fmt: skip
    return msgspec.structs.replace(
        graded,
        verdict="fail",
        why=(VerdictReason("data was never paged, which this drill requires", "must_page", (3,)),),
        incidents=incidents,
        measures={**graded.measures, "escalation_quality": QUALITY},
        capabilities=CAPABILITIES,
        ratings={"detection": "P", "recovery": "M", "safety": "U", "documentation": None},
        weights={"detection": 0.5, "recovery": 0.3, "safety": 0.1, "documentation": 0.1},
        index=66.2,
        index_why="",
        observed=(
            EvaluatorNote("Kim", "asked <who>", "S", "detection", t_seconds=2220.0),
            EvaluatorNote("Ana", "it was loud"),
        ),
    )


def printed(timeline: Timeline, scores: Scores, width: int = 120) -> str:
    out = io.StringIO()
    terminal_scorecard.print_scorecard(timeline, scores, Console(file=out, width=width))
    return out.getvalue()


def test_a_capability_has_its_rating_with_the_reasons(scores):
    rows = {row.name: row for row in capability_rows(scores)}
    assert [(row.rating, row.value, row.weight) for row in rows.values()] == [
        ("P", "0.83", 0.5), ("M", "0.90", 0.3), ("U", "0.10", 0.1), ("N/A", "–", 0.1)
    ]  # fmt: skip
    assert rows["recovery"].limits == ["at most M: closed 5 min before it was over"]
    assert rows["safety"].limits == ["U: the training set was lost"]
    assert rows["detection"].observed == ["Kim rates S at 00:37: asked <who>"]
    assert other_notes(scores) == ["Ana observes: it was loud"]


def test_a_measure_stands_beside_par_with_all_its_parts(scores):
    row = next(row for row in measure_rows(scores.measures) if row.name == "escalation_quality")
    assert (row.value, row.par) == ("0.50", "1.00")
    assert dict(row.parts) == {
        "decision": "1.00", "target": "0.83", "timeliness": "0.40", "severity": "–",
        "handoff": "0.01", "hops": "1.00", "acceptance": "1.00",
    }  # fmt: skip


def test_the_index_or_why_there_is_none(scores, timeline):
    assert index_sentence(scores) == (
        "Index 66.2 of 100, by the rubric default; 3 of 4 capabilities rated."
    )
    alone = grade(timeline.without_twins)
    assert index_sentence(alone) == f"No index: {alone.index_why}."
    assert "without the twins" in index_sentence(alone)


def test_several_incidents_are_graded_each(scores):
    assert incident_ratings(scores) == {
        "hours": [("detection", "S", "0.50")], "rush": [("detection", "S", "0.75")]
    }  # fmt: skip
    single = msgspec.structs.replace(scores, incidents=scores.incidents[:1])
    assert incident_ratings(single) == {}


def test_all_reports_have_it(scores, timeline):
    text, page = printed(timeline, scores), html.render(timeline, scores)
    draft = postmortem.draft(timeline, scores)
    assert "data was never paged, which this drill requires  (must page)" in text
    assert "requires <small>must page</small>" in page
    for wanted in ("at most M: closed 5 min before it was over", "U: the training set was lost",
                   "Ana observes: it was loud", "nobody has written any"):  # fmt: skip
        assert wanted in text
        assert wanted in page
        assert wanted in draft
    assert "S 0.75" in text
    assert "Kim rates S at 00:37: asked <who>" in text
    assert "Kim rates S at 00:37: asked &lt;who&gt;" in page
    assert "Kim rates S at 00:37: asked &lt;who&gt;" in draft
    for part in QUALITY.parts:
        assert f"<dt>{part}</dt>" in page
        assert f"\n  {part}" in text
    assert "par 1.00" in page


def test_what_was_rated_low_went_less_well(scores, timeline):
    section = postmortem.draft(timeline, scores).partition("## What went less well")[2]
    assert "- Safety: unable to be performed; U: the training set was lost." in section
    assert "Detection:" not in section.partition("## ")[0]


@pytest.mark.parametrize("width", [60, 80, 140])
def test_the_terminal_keeps_to_its_width(scores, timeline, width):
    assert max(map(len, printed(timeline, scores, width).splitlines())) <= width
