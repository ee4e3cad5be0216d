"""Postmortems: what people wrote, against the log."""

import pytest

from simulator.analysis import Timeline
from simulator.analysis.key_moments import key_moments
from simulator.analysis.postmortem_sections import TEMPLATE, TO_FILL
from simulator.report import postmortem
from simulator.score import Grading, grade, rubric_of
from tests.analysis.story import MINUTE
from tests.score.test_escalations import story

ITEMS = """| action | owner | due | type |
|---|---|---|---|
| alert on units | data-engineering | 2026-04-01 | detect |
| a contract with the feed | ml-platform | in 2 weeks | prevent |"""
ROWS = """| T+ | who | what |
|---|---|---|
| 00:34 | world | accuracy too low |
| 00:38:00 | ml-platform | took the page |
| 00:41 | ml-platform | rolled back |
| 01:00 | world | over |"""


def measured(run):
    return Grading(Timeline(run), rubric_of()).measured("documentation_quality")


@pytest.fixture
def run(tmp_path):
    return story(declared=None).order(40, "rollback", target="model").run(folder=tmp_path)


@pytest.fixture
def draft(run):
    timeline = Timeline(run)
    path = run.folder / "postmortem.md"
    postmortem.write(timeline, grade(timeline), path)
    return path


def document(**sections):
    texts = {**dict.fromkeys(TEMPLATE, "Written."), **sections}
    return "# Postmortem\n\n" + "\n".join(
        f"## {title}\n\n{text}\n" for title, text in texts.items()
    )


FULL = {"Timeline": ROWS, "Action items": ITEMS, "Impact": "accuracy was low for 26 min."}


def test_the_moments_that_matter(run):
    minutes = [t / MINUTE for t in key_moments(Timeline(run))]
    assert minutes == [34, 38, 40, 60]


def test_nobody_has_written_anything(run, tmp_path):
    assert measured(run).why == "nobody has written a postmortem"
    in_memory = measured(story().run())
    assert (in_memory.value, in_memory.reason) == (None, "nothing_to_measure")


def test_the_draft_as_it_was_is_no_document(run, draft):
    assert measured(run).why == "nobody has written a postmortem"
    draft.write_bytes(draft.read_bytes().replace(b"\n", b"\r\n"))
    assert measured(run).value is None
    assert Grading(Timeline(run), rubric_of()).scored("documentation").value is None


def test_a_word_more_makes_no_document(run, draft):
    draft.write_text(draft.read_text().replace("## Summary\n", "## Summary\n\nSo it was.\n"))
    result = measured(run)
    assert result.parts["timeline"] is None
    assert (result.parts["impact"], result.parts["action_items"]) == (0, 0)
    assert result.value < 0.1


def test_a_draft_that_people_finished(run, draft):
    text = draft.read_text()
    head, items, rows = (
        text.partition("## Action items")[0],
        ITEMS,
        text.partition("## Timeline")[2],
    )
    text = f"{head.replace(TO_FILL, 'done')}## Action items\n\n{items}\n\n## Timeline{rows}"
    draft.write_text(text)
    result = measured(run)
    assert result.parts == {"template": 1, "timeline": None, "impact": 1, "action_items": 1}
    assert result.value == 1


def test_a_document_of_their_own(run):
    path = run.folder / "postmortem.md"
    path.write_text(document(**FULL))
    result = measured(run)
    assert result.parts == dict.fromkeys(("template", "timeline", "impact", "action_items"), 1)
    assert result.why == "template 1.00; timeline 1.00; impact 1.00; action_items 1.00"


@pytest.mark.parametrize(
    ("title", "text", "part", "value"),
    [
        ("Detection", "", "template", 0.9),
        ("Detection", f"By a page. {TO_FILL}", "template", 0.9),
        ("Timeline", ROWS.replace("00:34", "00:26"), "timeline", 0.75),
        ("Timeline", "It went fast.", "timeline", 0),
        ("Impact", "accuracy was low for 40 min.", "impact", 0),
        ("Impact", "accuracy was low for 28 min.", "impact", 1),
        ("Action items", ITEMS.replace("2026-04-01", "soon"), "action_items", 0.5),
        ("Action items", ITEMS.replace("prevent", "hope"), "action_items", 0.5),
        ("Action items", "We shall be careful.", "action_items", 0),
    ],
)
def test_what_costs(run, title, text, part, value):
    path = run.folder / "postmortem.md"
    path.write_text(document(**{**FULL, title: text}))
    assert measured(run).parts[part] == pytest.approx(value)
