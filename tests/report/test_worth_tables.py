"""The worth of orders in the terminal, on the page and in the postmortem."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from simulator.analysis import Timeline
from simulator.cli import call
from simulator.report import html, postmortem, terminal_scorecard
from simulator.report.worth_tables import worth_sentences, worth_tables
from simulator.score import grade
from simulator.score.scores import Scores
from tests.analysis.story import Story, dip

TEAM = "ml-platform"
HEADER = {
    "players": [{"name": TEAM, "team": TEAM}],
    "actions": {"pause_releases": {"effect": "world"}, "page": {"effect": "people"}},
}


@pytest.fixture
def timeline() -> Timeline:
    """A page that saves 40 minutes, and a pause that costs 5."""

    def outside(minutes: float) -> Story:
        return Story(dip(30, 30 + minutes), **HEADER).fault()

    run = outside(20).order(32, "page", team="data", text="<help>").order(33, "pause_releases")
    twins = {"none": 80, "reference": 10, f"without-order-{TEAM}-1": 60,
             f"without-order-{TEAM}-2": 15}  # fmt: skip
    return Timeline(run.run({name: outside(minutes).run() for name, minutes in twins.items()}))


def test_the_terminal_has_a_line_for_every_order(timeline: Timeline):
    out = io.StringIO()
    terminal_scorecard.print_scorecard(timeline, grade(timeline), Console(file=out, width=110))
    lines = [" ".join(line.split()) for line in out.getvalue().splitlines() if "─" not in line]
    assert lines[-7:] == [
        "Outside of the objective for 20 min, with nobody for 1 h 20 min: the run saves 1 h.",
        "Par, the scenario's own playbook: 10 min.",
        "",
        "order against a run without it",
        "T+00:32:00 page data saves 40 min",
        "T+00:33:00 pause_releases costs 5 min",
        "together saves 25 min",
    ]  # fmt: skip


def test_the_page_and_the_postmortem_have_them_too(timeline: Timeline):
    scores = grade(timeline)
    page = html.render(timeline, scores)
    assert '<td class="saves">saves 40 min<i class="bar" style="width: 100.0%"></i>' in page
    assert '<td class="costs">costs 5 min<i class="bar" style="width: 12.5%"></i>' in page
    text = postmortem.draft(timeline, scores)
    assert "- T+00:32:00 page data: saves 40 min\n- T+00:33:00 pause_releases: costs 5 min" in text
    assert "- together: saves 25 min" in text
    went_well, went_less_well = (text.split("## ")[number] for number in (9, 10))
    assert "- T+00:32:00 page data saved 40 min outside of objectives." in went_well
    assert "- T+00:33:00 pause_releases cost 5 min outside of objectives." in went_less_well


def test_without_twins_there_is_no_table(timeline: Timeline):
    alone = Timeline(timeline.run, {})
    assert grade(alone).worth is None
    assert "What it was worth" not in html.render(alone, grade(alone))


def test_scores_json_has_the_worth(timeline: Timeline):
    scores = grade(timeline)
    again = Scores.from_json(scores.to_json())
    assert again.worth == scores.worth
    assert [(order.action, order.seconds) for order in again.worth.orders] == [
        ("page", 2400), ("pause_releases", -300)
    ]  # fmt: skip


def test_what_several_lines_count_is_taken_off():
    """Both orders are needed: without either the run is as bad as with nobody."""

    def outside(minutes: float) -> Story:
        return Story(dip(30, 30 + minutes), **HEADER)

    run = outside(20).order(32, "page", team="data").order(33, "pause_releases")
    names = ("none", f"without-order-{TEAM}-1", f"without-order-{TEAM}-2")
    timeline = Timeline(run.run({name: outside(80).run() for name in names}))
    [table] = worth_tables(timeline, timeline.worth)
    assert [line.words for line in table.lines] == [
        "saves 1 h", "saves 1 h", "less 1 h, which several lines count"
    ]  # fmt: skip


def test_of_many_orders_without_a_twin_only_the_first_are_named():
    run = Story(dip(30, 50), **HEADER)
    for number in range(1, 21):
        run.order(30 + number, "page", team=f"team-{number}")
    timeline = Timeline(run.run({"none": Story(dip(30, 50)).run()}))
    sentence = list(worth_sentences(timeline, timeline.worth))[-1]
    assert sentence.startswith("Not tried: page team-1 (T+00:31:00), page team-2 (")
    assert sentence.endswith("page team-6 (T+00:36:00) and 14 more.")


@pytest.mark.slow
def test_the_call_for_help_is_worth_the_whole_run(tmp_path: Path):
    """In delays-in-hours the owner of the feed mends it; what is filled anew is soon fresh."""
    assert call(["run", "delays-in-hours", "--out", str(tmp_path / "run")]) == 0
    scores = Scores.from_json((tmp_path / "run" / "scores.json").read_bytes())
    assert scores.worth is not None
    seconds = {order.action: order.seconds for order in scores.worth.orders}
    assert (scores.worth.run, scores.worth.none, scores.worth.saved) == (2760, 14_295, 11_535)
    assert (seconds["page"], seconds["materialize"]) == (11_535, 0)
    page = (tmp_path / "run" / "report.html").read_text()
    assert '<td class="saves">saves 3 h 12 min' in page
