"""The pages of a run: whom each reached, who took it, and what its sender left out."""

from simulator.analysis import Timeline
from simulator.report import html, postmortem
from simulator.report.page_entries import pages
from simulator.report.page_lines import MAX_PAGES, page_lines, page_sentences
from simulator.score import grade
from tests.analysis.story import Story


def page(story, minute, state, person="", number=1, team="ml-platform", **data):
    data = {"alerts": ["Late"], "by": "alertmanager", **data}
    return story.at(minute, "page", team, page=number, state=state, person=person, **data)


def night():
    """Ana sleeps through the page, nobody is on call at level 2, ben is woken at level 3."""
    story = Story().fault().alert(31)
    page(story, 31, "sent", "ana", channel="push", level=1)
    page(story, 31.1, "delivered", "ana", channel="push")
    page(story, 36, "not taken", "ana", why="asleep")
    page(story, 36, "lost", why="nobody is on call", level=2)
    page(story, 36, "escalated", "ben", channel="push", level=3)
    page(story, 36, "escalated", "chi", channel="push", level=3)
    page(story, 36.1, "lost", "chi", channel="push")
    page(story, 36.1, "delivered", "ben", channel="push")
    page(story, 36.5, "seen", "ben", why="woken")
    return page(story, 37, "acknowledged", "ben", by="ben")


def call(story, *, about="feed", **facts):
    """A person pages the owner, who does not answer; then the policy is at an end."""
    data = {"number": 2, "team": "data", "via": "person", "by": "ben", "alerts": [], "about": about}
    page(story, 40, "sent", "dee", facts=facts, channel="push", level=1, **data)
    page(story, 40.1, "delivered", "dee", channel="push", **data)
    page(story, 50, "not taken", "dee", **data)
    return page(story, 50, "exhausted", **data)


def test_a_line_has_the_levels_that_a_page_came_to():
    [line] = page_lines(Timeline(night().run()))
    assert line == (
        "ml-platform", "Late", "T+00:31:00",
        "level 1: ana slept through it; level 2: nobody is on call; "
        "level 3: ben was woken and chi not reached",
        "ben after 6 min", "–", "good",
    )  # fmt: skip


def test_a_line_has_what_a_hand_off_left_out():
    _, line = page_lines(Timeline(call(night(), impact="late", severity="SEV3", tried=[]).run()))
    assert (line.to, line.about, line.reached, line.taken, line.tone) == (
        "data", "feed", "level 1: dee", "nobody", "bad"
    )  # fmt: skip
    assert line.not_stated == "since, evidence, tried, need"


def test_a_page_may_be_taken_by_somebody_of_another_team():
    story = page(Story(), 31, "sent", "jo", channel="push", level=3, team="ml-platform")
    story.at(33, "page", "ml-platform", page=1, state="acknowledged", person="jo", team="command",
             alerts=["Late"], by="jo")  # fmt: skip
    assert page_lines(Timeline(story.run()))[0].taken == "jo of command after 2 min"


def test_a_page_without_an_answer_may_be_over_by_itself():
    story = page(page(Story(), 31, "sent", "ana", channel="push", level=1), 40, "resolved", "ana")
    [line] = page_lines(Timeline(story.run()))
    assert (line.reached, line.taken, line.tone) == (
        "level 1: ana not reached", "nobody; its alerts were over after 9 min", ""
    )  # fmt: skip


def test_a_policy_that_repeats_is_cut():
    story = Story()
    for n in range(20):
        page(story, 31 + n, "escalated" if n else "sent", "ana", channel="push", level=1)
    [line] = page_lines(Timeline(story.run()))
    assert line.reached.endswith("level 1: ana not reached; and 14 more calls")


def test_a_flood_is_cut():
    story = Story()
    for n in range(MAX_PAGES + 3):
        page(story, 31, "sent", "ana", number=n, channel="push", level=1)
    timeline = Timeline(story.run())
    assert len(page_lines(timeline)) == MAX_PAGES
    assert list(page_sentences(timeline)) == ["These are the first 50 of 53 pages."]
    assert list(page_sentences(Timeline(Story().run()))) == ["Nobody was paged."]


def test_the_page_and_the_postmortem_have_them():
    timeline = Timeline(call(night()).run())
    assert '<td><span class="ok">ben after 6 min</span></td><td>–</td>' in html.render(
        timeline, grade(timeline)
    )
    text = postmortem.draft(timeline, grade(timeline))
    assert "| data | feed | T+00:40:00 | level 1: dee | nobody | impact, since," in text


def test_the_story_has_a_level_as_one_entry():
    texts = [entry.text for entry in pages(Timeline(night().run()))]
    assert texts == [
        "the page about Late reaches ana after 6 s",
        "level 2 reaches nobody: nobody is on call",
        "ana sleeps through it: the page escalates to ben and chi (level 3)",
        "the push to chi is lost",
        "the page about Late reaches ben after 5 min 6 s",
        "ben is woken and sees the page after 24 s",
        "ben acknowledges",
    ]
