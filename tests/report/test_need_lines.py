"""Whom a run needed, in the terminal, on the page and in the postmortem."""

import io

import pytest
from rich.console import Console

from simulator.analysis import Timeline
from simulator.report import html, postmortem, terminal_scorecard
from simulator.report.lanes import lanes
from simulator.report.need_lines import need_lines, need_sentences, needs_in_short
from simulator.report.severity_sentences import severity_sentences
from simulator.score import grade
from tests.analysis.story import MINUTE, Story, answered
from tests.analysis.test_need_records import APPROVAL, INFORM, OWNER, POLICY, TIME_BOX, call
from tests.analysis.test_severity_path import LADDER

FEED = {"reason": "inform", "teams": ["lead"], "severity": "SEV3", "every": 10 * MINUTE}


@pytest.fixture
def timeline():
    """The owner is reached at the second call, the approver never; nobody tells support."""
    story = answered(60, needs=[OWNER, APPROVAL, INFORM], ladder=[LADDER[-1]])
    call(call(story, 40, "infra", 7), 42, "data", 8, takes=False)
    story.order(36, "declare", severity="SEV2").order(50, "status_update", to=["product"])
    return Timeline(story.run())


def test_a_line_for_everybody_who_was_needed(timeline):
    assert [tuple(line) for line in need_lines(timeline)] == [
        ("data", "alone can end hours", "T+00:30:06",
         "T+00:42:30 (12 min 24 s later, not taken)", "2 (fewest 1)", "good"),
        ("lead", "has to approve retrain", "T+00:34:00", "never", "– (fewest 1)", "bad"),
        ("product", "has to be informed", "T+00:34:00", "T+00:50:00 (16 min later)", "", "good"),
        ("support", "has to be informed", "T+00:34:00", "never", "", "bad"),
    ]  # fmt: skip
    assert list(need_sentences(timeline)) == [
        "Called without a need: infra (T+00:40:00).",
        "Right severity: SEV3 from T+00:34:00 and none from T+01:00:00. "
        "Declared: SEV2 from T+00:36:00.",
        "Over 26 min it was too high for 24 min and not declared for 2 min.",
    ]


def test_the_terminal_has_them_in_short(timeline):
    assert list(needs_in_short(timeline))[:3] == [
        "Needed: data (alone can end hours) from T+00:30:06, reached T+00:42:30 (12 min 24 s later, "
        "not taken) over 2 hops, 1 would do; lead (has to approve retrain) from T+00:34:00, never "
        "reached.",
        "To be informed: product from T+00:34:00, informed T+00:50:00 (16 min later); "
        "support from T+00:34:00, never informed.",
        "Called without a need: infra.",
    ]
    out = io.StringIO()
    terminal_scorecard.print_scorecard(timeline, grade(timeline), Console(file=out, width=200))
    assert "Called without a need: infra.\nRight severity: SEV3 from T+00:34:00" in out.getvalue()


def test_the_page_and_the_postmortem_have_them_too(timeline):
    page = html.render(timeline, grade(timeline))
    assert '<td><span class="ko">never</span></td><td>– (fewest 1)</td>' in page
    text = postmortem.draft(timeline, grade(timeline))
    assert "| data | alone can end hours | T+00:30:06 |" in text
    assert "Called without a need: infra (T+00:40:00)." in text


def test_the_figure_has_the_right_severity_above_the_declared_one(timeline):
    bars = {lane.name: [(s.start, s.end, s.tone) for s in lane.spans] for lane in lanes(timeline)}
    assert bars["right severity"] == [(34 * MINUTE, 60 * MINUTE, "s5")]
    assert bars["declared"] == [(36 * MINUTE, 120 * MINUTE, "none")]


@pytest.mark.parametrize(
    ("need", "why"),
    [
        (POLICY, "nobody took the page for 10 min"),
        (TIME_BOX, "no progress for 30 min"),
        (FEED, "has to be informed of SEV3, every 10 min"),
    ],
)
def test_why_somebody_was_needed(need, why):
    story = Story(lambda m: 0.7 if m >= 34 else 0.9, needs=[need], ladder=[LADDER[-1]])
    run = story.fault().page(35.5, "sent").page(36).order(50, "status_update", to=["lead"]).run()
    assert [line.why for line in need_lines(Timeline(run))] == [why]


def test_a_long_wait_is_in_the_line_of_a_reader():
    story = answered(60, needs=[FEED], ladder=[LADDER[-1]])
    (line,) = need_lines(Timeline(story.order(36, "status_update", to=["lead"]).run()))
    assert line.reached == "T+00:36:00 (2 min later; once not for 24 min)"


def test_a_team_on_the_way_is_not_called_without_a_need():
    story = call(answered(60, needs=[{**OWNER, "hops": 2, "via": ["infra"]}]), 40, "infra", 7)
    assert list(need_sentences(Timeline(story.run()))) == []


def test_nobody_is_needed():
    timeline = Timeline(answered(60).run())
    assert list(need_sentences(timeline)) == ["Nobody had to be called."]
    assert list(needs_in_short(timeline)) == []


def test_a_severity_that_changes_all_the_time_is_described_by_its_worst():
    story = Story(lambda m: 0.6 if 34 <= m < 50 and m % 2 < 1 else 0.8, ladder=LADDER).fault()
    sentence = next(severity_sentences(Timeline(story.run())))
    assert sentence == (
        "Right severity: SEV1 at worst, first at T+00:34:00, in 17 changes from T+00:10:00 on. "
        "Declared: none."
    )
    right = Story(lambda m: 0.8 if m >= 34 else 0.9, ladder=LADDER).order(34, "declare",
                                                                         severity="SEV3")  # fmt: skip
    assert list(severity_sentences(Timeline(right.run())))[-1] == (
        "Over 1 h 26 min it was right throughout."
    )
    nobody = Story(lambda m: 0.8 if m >= 34 else 0.9, ladder=LADDER)
    assert list(severity_sentences(Timeline(nobody.run())))[-1] == (
        "Over 1 h 26 min it was not declared at all."
    )


def test_a_level_that_reaches_a_team_is_no_hop():
    story = Story(lambda m: 0.6 if m >= 34 else 0.9, needs=[POLICY]).fault().alert(31)
    for minute, state, team in (
        (31, "sent", ""),
        (42, "escalated", "lead"),
        (43, "seen", "lead"),
    ):
        story.at(minute, "page", "ml-platform", page=1, state=state, person="jo", team=team,
                 alerts=["FeatureDrift"], by="alertmanager")  # fmt: skip
    assert next(needs_in_short(Timeline(story.run()))) == (
        "Needed: lead (nobody took the page for 10 min) from T+00:41:00, reached T+00:43:00 "
        "(2 min later, not taken) without a call."
    )
