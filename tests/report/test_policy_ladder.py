"""The ladder of the policy for each page: every level, and what became of it."""

from simulator.analysis import Timeline
from simulator.report import html
from simulator.report.policy_ladder import MAX_STEPS, page_ladders
from simulator.score import grade
from tests.analysis.story import Story
from tests.report.test_page_lines import call, night, page

POLICIES = {
    "ml-platform": [
        {"page": [name], "after": 300_000} for name in ("primary", "secondary", "duty", "command")
    ]
}


def steps(story: Story) -> list[list[tuple[str, str, str]]]:
    story.header["policies"] = POLICIES
    return [
        [tuple(step) for step in ladder.steps] for ladder in page_ladders(Timeline(story.run()))
    ]


def test_each_level_has_its_people_and_times():
    assert steps(night()) == [[
        ("level 1 (primary)", "00:31:00 ana by push, slept through it until 00:36:00", ""),
        ("level 2 (secondary)", "00:36:00 nobody is on call", "bad"),
        ("level 3 (duty)", "00:36:00 ben by push, woken and seen 00:36:30, taken 00:37:00; "
         "chi by push (lost), not reached", "good"),
        ("level 4 (command)", "not called", ""),
    ]]  # fmt: skip


def test_a_further_channel_is_of_the_same_level():
    story = page(Story(), 31, "sent", "ana", channel="push", level=1)
    page(story, 31.1, "lost", "ana", channel="push")
    page(story, 32, "sent", "ana", channel="call")
    page(story, 33, "acknowledged", "ana", by="ana")
    assert steps(story)[0][0] == (
        "level 1 (primary)", "00:31:00 ana by push (lost) and call, taken 00:33:00", "good"
    )  # fmt: skip


def test_a_policy_at_its_end_and_a_page_that_is_over():
    # The on-call file names no levels of the team `data`.
    assert steps(call(night()))[1] == [
        ("level 1", "00:40:00 dee by push, not taken until 00:50:00", ""),
        ("", "00:50:00 nobody took it: the policy is at an end", "bad"),
    ]
    over = page(page(Story(), 31, "sent", "ana", channel="push", level=1), 40, "resolved", "ana")
    assert steps(over)[0][1] == ("", "00:40:00 its alerts were over", "")


def test_a_policy_that_repeats_is_cut():
    story = Story()
    for n in range(20):
        page(story, 31 + n, "escalated" if n else "sent", "ana", channel="push", level=1 + n % 2)
    ladder = steps(story)[0]
    assert len(ladder) == MAX_STEPS + 1
    assert ladder[-1][1].startswith("and 14 more levels were called")


def test_the_page_has_it():
    story = night()
    story.header["policies"] = POLICIES
    timeline = Timeline(story.run())
    text = html.render(timeline, grade(timeline))
    assert '<li><span>level 4 (command)</span><b class="">not called</b></li>' in text
