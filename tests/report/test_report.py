"""The tellings of a run: each says what happened, and none says more than a page can hold."""

import io
import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from simulator.report import (
    captions,
    html,
    plot_lanes,
    plots,
    postmortem,
    series,
    story,
    terminal,
)
from simulator.report.lanes import Mark, lanes
from simulator.report.svg import INK
from simulator.run import Event, Run, write_series
from simulator.score import grade
from simulator.telemetry.store import SeriesStore, labels_of
from tests.score.story import MINUTE, Story, answered, with_twins

RULES = """groups:
- name: data
  rules:
  - {alert: FeatureDrift, expr: max by (feature) (ml_feature_psi) > 0.25}
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run with everything in it that reports tell."""
    told = answered(title="Delays <b>in</b> $hours$").order(40, "declare", severity="SEV3")
    told.order(45, "diagnose", cause="data.unit_change", component="")
    told.order(47, "page", team="data-engineering", about="feed", text="help")
    told.page(48, page=2, team="data-engineering", via="person", alerts=[])
    told.at(50, "message", "product", to="primary", text="Are we <off>?").order(75, "close")
    for minute in range(30, 60):
        told.at(minute, "line", "validate", level="WARN", text=f"{minute} of 300 rows failed")
        told.at(minute, "look", "ml-platform", expr="ml_feature_psi")
    made = with_twins(told, folder=tmp_path)
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "data.yml").write_text(RULES)
    store = SeriesStore()
    names = [labels_of(__name__="ml_feature_psi", feature=f) for f in ("dep_delay", "distance")]
    table = store.table("monitors", names)
    for t in range(15_000, 120 * MINUTE, 15_000):
        table.append(t, np.array([1.0 if 30 * MINUTE < t < 60 * MINUTE else 0.1, 0.05]))
    write_series(tmp_path, store.arrays(), made.truth_times, made.truth)
    found = Run.open(tmp_path)
    found.twins = made.twins
    return found


def printed(run: Run, width: int = 110, **console) -> str:
    out = io.StringIO()
    on = Console(file=out, width=width, highlight=False, **console)
    terminal.timeline(run, on)
    terminal.scorecard(run, grade(run), on)
    return out.getvalue()


def test_a_question_that_had_no_answer_is_told(run: Run):
    unanswered = Event(60 * MINUTE, "look", "ml-platform", {"expr": "a * b", "error": "duplicates"})
    run.events.append(unanswered)
    told = [(entry.text, entry.tone) for entry in story.story(run)[0] if "a * b" in entry.text]
    assert told == [("looks at a * b: no answer: duplicates", "bad")]


def test_the_timeline_tells_the_story_in_order(run: Run):
    told = [(entry.who, entry.text) for entry in story.story(run)[0]]
    assert told == [
        ("fault", "unit_change on feed"),
        ("ml-platform", "looks at ml_feature_psi"),
        ("validate", "30 of 300 rows failed"),
        ("accuracy", "breached: .7, min .84"),
        ("FeatureDrift", "firing"),
        ("ml-platform", "the page about FeatureDrift reaches ana after 30 s"),
        ("ml-platform", "ana acknowledges"),
        ("ml-platform", "declares SEV3"),
        ("ml-platform", "says the cause is data.unit_change"),
        ("ml-platform", "pages data-engineering about feed: “help”"),
        ("data-engineering", "the page reaches ana"),
        ("product", "to primary: “Are we <off>?”"),
        ("accuracy", "back inside after 26 min"),
        ("FeatureDrift", "resolved after 30 min"),
        ("ml-platform", "closes the incident"),
        ("director", "the drill ends: its time is over"),
    ]


def test_repetitions_are_folded(run: Run):
    entries, left_out = story.story(run)
    [line] = [entry for entry in entries if entry.who == "validate"]
    assert (line.count, line.told) == (30, "30 of 300 rows failed (×30, last at 00:59:00)")
    assert len([entry for entry in entries if "looks at" in entry.text]) == 1
    assert left_out == 0


def test_what_matters_least_is_left_out_first():
    busy = answered()
    for number in range(60):
        word = chr(97 + number % 26) * (1 + number // 26)
        busy.at(31 + number, "line", "api", level="WARN", text=f"word {word}")
    entries, left_out = story.story(busy.run())
    assert len(entries) <= story.ROWS
    assert left_out > 20
    assert any("breached" in entry.text for entry in entries)


def test_an_objective_at_its_limit_is_one_entry():
    edge = Story().fault()
    for number in range(10):
        state = "breached" if number % 2 == 0 else "held"
        edge.at(40 + number / 4, "objective", "world", name="accuracy", state=state, value=0.83)
    entries = [entry for entry in story.story(edge.run())[0] if entry.who == "accuracy"]
    assert [(entry.text.split(":")[0], entry.count) for entry in entries] == [
        ("breached", 5), ("back inside after 2 min 15 s", 1)
    ]  # fmt: skip


def test_no_colour_where_there_is_no_terminal_and_colour_on_one(run: Run):
    assert "\x1b[" not in printed(run)
    assert "\x1b[" in printed(run, force_terminal=True, color_system="standard")


@pytest.mark.parametrize("width", [60, 80, 140])
def test_the_terminal_keeps_to_its_width(run: Run, width: int):
    assert max(len(line) for line in printed(run, width).splitlines()) <= width


def test_the_scorecard_says_why(run: Run):
    text = printed(run)
    assert re.search(r"PASSED\s+every objective was back inside by 01:00", text)
    assert "time to mitigate" in text
    assert "T+01:15:00" in text


def test_the_page_is_one_file_that_opens_offline(run: Run, tmp_path: Path):
    html.write(run, grade(run), tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text()
    assert len(text) < 1_500_000
    without_names = re.sub(r'xmlns(:xlink)?="[^"]+"', "", text)
    assert not re.search(r"https?://|<script|<link|@import|url\((?!#)", without_names)
    assert "Delays &lt;b&gt;in&lt;/b&gt; $hours$" in text
    assert "Are we &lt;off&gt;?" in text
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids)), "an id twice"
    assert set(re.findall(r"url\(#([^)]+)\)", text)) <= set(ids)
    assert "ml_feature_psi" in text


def test_the_page_is_the_same_for_the_same_run(run: Run):
    assert html.page(run, grade(run)) == html.page(run, grade(run))


def test_every_colour_of_the_figure_follows_the_page(run: Run):
    text = plots.figure_svg(run, grade(run))
    assert set(re.findall(r"#[0-9a-f]{6}\b", text)) <= {"#000000", "#ffffff"}
    assert "<title>" in text, "tooltips"


def test_a_run_cut_off_is_told_too(tmp_path: Path):
    cut = answered()
    cut.lines = [line for line in cut.lines if line[0] < 37 * MINUTE]
    whole = cut.run(ends=None)
    bare = Run([_header(whole), *whole.events], {}, whole.truth_times[:0], {}, whole.digest)
    scores = grade(bare)
    html.write(bare, scores, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert "The run has no series" in page
    assert "ml-platform" in page.partition("<svg")[2], "who did what is known"
    assert "something changed that did nobody knows what" in postmortem.draft(bare, scores)
    postmortem.write(bare, scores, tmp_path / "postmortem.md")
    assert "the log ends here" in printed(bare)


def _header(run: Run):
    from simulator.run import Event

    return Event(0, "header", "run", run.header)


@given(
    st.lists(st.text(alphabet="predictor-0123456789", max_size=28), max_size=5),
    st.floats(3, 9),
    st.sampled_from(["", "per second", "rise in 5 minutes; 7 more moved less"]),
)
def test_no_word_above_a_plot_covers_another(names: list[str], inches: float, note: str):
    name = "kube_pod_container_status_restarts_total"
    rows = captions.caption(name, note, names, inches)
    for row in rows:
        for (x, word), (after, _) in itertools.pairwise(row):
            assert x + word.inches < after
        assert len(row) == 1 or row[-1][0] + row[-1][1].inches <= inches
    said = [word.text for row in rows for _, word in row]
    assert said == [name] + [note] * bool(note) + [f"— {one}" for one in names if one]


@given(st.lists(st.tuples(st.integers(0, 600), st.sampled_from(["run", "bad"])), max_size=20))
def test_order_numbers_do_not_cover_each_other(orders: list[tuple[int, str]]):
    times = enumerate(sorted(orders), 1)
    marks = [Mark(t, "order", tone, "", str(number)) for number, (t, tone) in times]
    found = plot_lanes.clustered(marks, inch=100.0)
    for one, other in itertools.pairwise(found):
        assert other.t - one.t >= 100 * (0.13 + 0.06 * len(one.label.partition("–")[0]))
    ends = [number for mark in found for number in mark.label.split("–")]
    assert not marks or (ends[0], ends[-1]) == ("1", str(len(marks)))


def test_orders_at_once_of_which_some_failed_are_marked_as_mixed():
    marks = [Mark(n, "order", tone, "", str(n)) for n, tone in enumerate(("run", "bad"), 1)]
    [found] = plot_lanes.clustered(marks, inch=100.0)
    assert (found.label, found.tone) == ("1–2", "mixed")


def test_each_of_several_faults_has_a_lane_and_its_marks_a_name():
    assert lanes(answered().run())[0].name == "fault"
    both = answered().fault(50, "rush", "overload").order(45, "close")
    run = both.run()
    assert [lane.name for lane in lanes(run)][:2] == ["fault hours", "fault rush"]
    told = [head.word.text for head in plot_lanes.heads(run, grade(run), 120 * MINUTE, 8.0)]
    assert told[:2] == ["hours: onset", "hours: close, too early"]
    assert told[-1] == "mitigate, recover", "both"


def test_a_counter_that_seldom_moves_is_told_as_a_count():
    def told(rise: float) -> tuple[str, float]:
        table = SeriesStore().table("x", [labels_of(__name__="restarts_total")])
        for t in range(0, 60 * MINUTE, 15_000):
            table.append(t, np.array([rise * (t >= 30 * MINUTE)]))
        found = series.panel("restarts_total", [({}, table, 0)], warm=0)
        return found.note, float(np.nanmax(found.lines[0].values))

    assert told(3) == ("rise in 5 minutes", 3)
    assert told(3000) == ("per second", 10)


def test_lines_that_labels_tell_apart_have_colours_of_their_own():
    assert len(set(INK.values())) == len(INK)


def test_key_series_are_those_that_the_fired_rules_read(run: Run):
    [panel] = series.key_series(run)
    assert panel.name == "ml_feature_psi"
    assert [line.label for line in panel.lines] == ["dep_delay", "distance"], "what moved, first"


def test_the_postmortem_is_filled_with_what_the_log_knows(run: Run, tmp_path: Path):
    postmortem.write(run, grade(run), tmp_path / "postmortem.md")
    text = (tmp_path / "postmortem.md").read_text()
    headings = re.findall(r"^## (.+)$", text, flags=re.M)
    assert headings == [
        "Summary", "Impact", "Root cause", "Detection", "Response", "What went well",
        "What went less well", "Where we were lucky", "Action items", "Timeline",
    ]  # fmt: skip
    assert "harmed accuracy from T+00:34:00 on" in text
    assert "| accuracy | min .84 | 26 min | .7 | .9 |" in text
    assert text.count("_to fill_ | _to fill_ | _to fill_ |") == 4
    assert "Are we &lt;off&gt;?" in text
    assert not re.search(r"<(?!!)", text), "what others wrote is no markup"


def test_the_postmortem_does_not_praise_what_ended_by_itself():
    def section(why: str, title: str) -> str:
        told = answered().at(55, "ended", "world", fault="hours", why=why).order(50, "close")
        found = with_twins(told)
        return postmortem.draft(found, grade(found)).partition(f"## {title}")[2].partition("##")[0]

    assert "time to mitigate was 26 min" in section("fact", "What went well")
    assert "time to mitigate" not in section("for", "What went well")
    assert "ended by itself" not in section("fact", "Where we were lucky")
    assert "`hours` ended by itself at T+00:55:00" in section("for", "Where we were lucky")
    early = "**`hours` was closed too early**, at T+00:50:00, 10 min before it was over"
    assert early in section("for", "What went less well").splitlines()[2]


def test_a_picture_for_the_readme(run: Run, tmp_path: Path):
    plots.save_png(run, grade(run), tmp_path / "run.png", dpi=40)
    assert (tmp_path / "run.png").read_bytes().startswith(b"\x89PNG")
