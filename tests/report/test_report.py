"""Reports of a run: complete, and no longer than a page."""

import io
import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from simulator.analysis import Timeline
from simulator.report import (
    captions,
    html,
    plot_axes,
    plot_lanes,
    plots,
    postmortem,
    series,
    shapes,
    story,
    terminal,
    terminal_scorecard,
)
from simulator.report.lanes import Marker, lanes
from simulator.report.svg import INK
from simulator.run import Run
from simulator.run.events import LookEvent
from simulator.score import grade
from simulator.telemetry.store import SeriesStore, labels_of
from tests.analysis.story import MINUTE, Story, answered, dip, with_twins

RULES = """groups:
- name: data
  rules:
  - {alert: FeatureDrift, expr: max by (feature) (ml_feature_psi) > 0.25}
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run with every kind of event that reports show."""
    events = answered(title="Delays <b>in</b> $hours$").order(40, "declare", severity="SEV3")
    events.order(45, "diagnose", cause="data.unit_change", component="")
    events.order(47, "page", team="data-engineering", about="feed", text="help")
    events.page(48, page=2, team="data-engineering", via="person", alerts=[])
    events.at(50, "message", "product", to="primary", text="Are we <off>?").order(75, "close")
    for minute in range(30, 60):
        events.at(minute, "line", "validate", level="WARN", text=f"{minute} of 300 rows failed")
        events.at(minute, "look", "ml-platform", expr="ml_feature_psi", count=0)
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "data.yml").write_text(RULES)
    store = SeriesStore()
    names = [
        labels_of(__name__=f"ml_feature_{metric}", feature=f)
        for metric in ("psi", "mean")
        for f in ("dep_delay", "distance")
    ]
    table = store.table("monitors", names)
    for t in range(15_000, 120 * MINUTE, 15_000):
        in_hours = 30 * MINUTE < t < 60 * MINUTE
        psi, mean = (1.0, 0.2) if in_hours else (0.1, 12.0)
        table.append(t, np.array([psi, 0.05, mean, 900.0 + t / MINUTE]))
    played = with_twins(events, folder=tmp_path, series=store.arrays())
    opened = Run.open(tmp_path)
    opened.twins = played.twins
    return opened


def printed(run: Run, width: int = 110, **console) -> str:
    out = io.StringIO()
    to = Console(file=out, width=width, highlight=False, **console)
    terminal.print_timeline(Timeline(run), to)
    terminal_scorecard.print_scorecard(Timeline(run), grade(Timeline(run)), to)
    return out.getvalue()


def test_a_query_without_a_result_is_shown(run: Run):
    unanswered = LookEvent(60 * MINUTE, "ml-platform", "a * b", error="duplicates")
    looked = Run([run.header, unanswered], {}, run.truth_times, run.truth, run.digest)
    entries = [(entry.text, entry.tone) for entry in story.story(Timeline(looked))[0]]
    assert ("looks at a * b -> no answer: duplicates", "bad") in entries


def test_the_story_is_in_order(run: Run):
    entries = [(entry.who, entry.text) for entry in story.story(Timeline(run))[0]]
    assert entries == [
        ("fault", "unit_change on feed"),
        ("ml-platform", "looks at ml_feature_psi -> nothing"),
        ("validate", "30 of 300 rows failed"),
        ("accuracy", "breached: .7, min .84"),
        ("FeatureDrift", "firing"),
        ("ml-platform", "the page about FeatureDrift reaches ana after 30 s"),
        ("ml-platform", "looks at ml_feature_psi -> nothing"),
        ("ml-platform", "ana acknowledges"),
        ("ml-platform", "declares SEV3"),
        ("ml-platform", "diagnoses data.unit_change"),
        ("ml-platform", "pages data-engineering about feed: “help”"),
        ("data-engineering", "the page reaches ana"),
        ("product", "to primary: “Are we <off>?”"),
        ("accuracy", "back inside after 26 min"),
        ("FeatureDrift", "resolved after 30 min"),
        ("ml-platform", "closes the incident"),
        ("director", "the drill ends: its duration is over"),
    ]


def test_repetitions_are_folded(run: Run):
    entries, left_out = story.story(Timeline(run))
    [line] = [entry for entry in entries if entry.who == "validate"]
    assert (line.count, line.counted_text) == (30, "30 of 300 rows failed (×30, last at 00:59:00)")
    looks = [entry.count for entry in entries if "looks at" in entry.text]
    assert looks == [6, 24], "before the page, and after it"
    assert left_out == 0


def test_the_least_important_entries_are_left_out_first():
    busy = answered()
    for number in range(60):
        word = chr(97 + number % 26) * (1 + number // 26)
        busy.at(31 + number, "line", "api", level="WARN", text=f"word {word}")
    entries, left_out = story.story(Timeline(busy.run()))
    assert len(entries) <= story.ROWS
    assert left_out > 20
    assert any("breached" in entry.text for entry in entries)


def test_an_objective_at_its_limit_is_one_entry():
    edge = Story().fault()
    for number in range(10):
        state = "breached" if number % 2 == 0 else "held"
        edge.at(40 + number / 4, "objective", "world", name="accuracy", state=state, value=0.83)
    entries = [entry for entry in story.story(Timeline(edge.run()))[0] if entry.who == "accuracy"]
    assert [(entry.text.split(":")[0], entry.count) for entry in entries] == [
        ("breached", 5), ("back inside after 2 min 15 s", 1)
    ]  # fmt: skip


def test_colour_only_on_a_terminal(run: Run):
    assert "\x1b[" not in printed(run)
    assert "\x1b[" in printed(run, force_terminal=True, color_system="standard")


@pytest.mark.parametrize("width", [60, 80, 140])
def test_the_terminal_keeps_to_its_width(run: Run, width: int):
    assert max(len(line) for line in printed(run, width).splitlines()) <= width


def test_the_scorecard_has_the_reasons(run: Run):
    text = printed(run)
    assert re.search(r"PASSED\s+every objective was back inside by 01:00", text)
    assert "time to mitigate" in text
    assert "T+01:15:00" in text


def test_the_page_is_one_file_that_opens_offline(run: Run, tmp_path: Path):
    html.write(Timeline(run), grade(Timeline(run)), tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text()
    assert len(text) < 1_500_000
    without_names = re.sub(r'xmlns(:xlink)?="[^"]+"', "", text)
    assert not re.search(r"https?://|<script|<link|@import|url\((?!#)", without_names)
    assert "Delays &lt;b&gt;in&lt;/b&gt; $hours$" in text
    assert "Are we &lt;off&gt;?" in text
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids)), "duplicate ids"
    assert set(re.findall(r"url\(#([^)]+)\)", text)) <= set(ids)
    assert "ml_feature_psi" in text


def test_the_page_is_the_same_for_the_same_run(run: Run):
    assert html.render(Timeline(run), grade(Timeline(run))) == html.render(
        Timeline(run), grade(Timeline(run))
    )


def test_the_legend_has_the_twins_that_are_drawn():
    nobody = answered(responder="none").run({"no-fault": Story(faults=[]).run()})
    page = html.render(Timeline(nobody), grade(Timeline(nobody)))
    assert "the same seed without the fault" in page
    assert "the same seed without a responder" not in page


def test_every_colour_of_the_figure_follows_the_page(run: Run):
    text, _ = plots.figure_svgs(Timeline(run), grade(Timeline(run)))
    assert set(re.findall(r"#[0-9a-f]{6}\b", text)) <= {"#000000", "#ffffff"}
    assert "<title>" in text, "tooltips"


def test_a_run_cut_off_has_reports_too(tmp_path: Path):
    cut = answered()
    cut.lines = [line for line in cut.lines if line[0] < 37 * MINUTE]
    whole = cut.run(ends=None)
    bare = Run([whole.header, *whole.events], {}, whole.truth_times[:0], {}, whole.digest)
    timeline = Timeline(bare)
    scores = grade(timeline)
    html.write(timeline, scores, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert "The run has no series" in page
    assert "ml-platform" in page.partition("<svg")[2], "the lanes do not need series"
    unknown = "its effect is unknown, because the run has no series"
    assert unknown in postmortem.draft(timeline, scores)
    postmortem.write(timeline, scores, tmp_path / "postmortem.md")
    assert "the log ends before the drill" in printed(bare)


@given(
    st.lists(st.text(alphabet="predictor-0123456789", max_size=28), max_size=5),
    st.floats(3, 9),
    st.sampled_from(["", "per second", "increase in 5 minutes; 7 more moved less"]),
)
def test_labels_above_a_plot_do_not_overlap(names: list[str], inches: float, note: str):
    metric = "kube_pod_container_status_restarts_total"
    rows = captions.caption(metric, note, names, inches)
    for row in rows:
        for (x, label), (next_x, _) in itertools.pairwise(row):
            assert x + label.inches < next_x
        assert len(row) == 1 or row[-1][0] + row[-1][1].inches <= inches
    texts = [label.text for row in rows for _, label in row]
    assert texts == [metric] + [note] * bool(note) + [f"— {name}" for name in names if name]


@given(st.lists(st.tuples(st.integers(0, 600), st.sampled_from(["run", "bad"])), max_size=20))
def test_order_numbers_do_not_overlap(orders: list[tuple[int, str]]):
    times = enumerate(sorted(orders), 1)
    marks = [Marker(t, "order", tone, "", str(number)) for number, (t, tone) in times]
    clusters = plot_lanes.clustered(marks, ms_per_inch=100.0)
    for left, right in itertools.pairwise(clusters):
        assert right.t - left.t >= 100 * (0.13 + 0.06 * len(left.label.partition("–")[0]))
    ends = [number for mark in clusters for number in mark.label.split("–")]
    assert not marks or (ends[0], ends[-1]) == ("1", str(len(marks)))


def test_a_cluster_with_different_outcomes_is_mixed():
    marks = [Marker(n, "order", tone, "", str(n)) for n, tone in enumerate(("run", "bad"), 1)]
    [cluster] = plot_lanes.clustered(marks, ms_per_inch=100.0)
    assert (cluster.label, cluster.tone) == ("1–2", "mixed")


def test_each_of_several_faults_has_a_lane_and_its_marks_a_name():
    assert lanes(Timeline(answered().run()))[0].name == "fault"
    both = answered().fault(50, "rush", "overload").order(45, "close")
    run = both.run()
    assert [lane.name for lane in lanes(Timeline(run))][:2] == ["fault hours", "fault rush"]
    texts = [
        name.label.text
        for name in plot_lanes.mark_names(Timeline(run), grade(Timeline(run)), 120 * MINUTE, 8.0)
    ]
    assert texts[:2] == ["hours: onset", "hours: close, too early"]
    assert texts[-1] == "mitigate, recover", "both"


def test_a_rare_counter_is_shown_as_an_increase():
    def panel_of(rise: float) -> tuple[str, float]:
        table = SeriesStore().table("x", [labels_of(__name__="restarts_total")])
        for t in range(0, 60 * MINUTE, 15_000):
            table.append(t, np.array([rise * (t >= 30 * MINUTE)]))
        panel = series.panel("restarts_total", [({}, table, 0)], warm_up=0)
        return panel.note, float(np.nanmax(panel.lines[0].values))

    assert panel_of(3) == ("increase in 5 minutes", 3)
    assert panel_of(3000) == ("per second", 10)


def test_every_colour_is_distinct():
    assert len(set(INK.values())) == len(INK)


def test_key_series_are_those_of_the_fired_rules(run: Run):
    drift, _ = series.key_series(Timeline(run))
    assert drift.metric == "ml_feature_psi"
    assert [line.label for line in drift.lines] == ["dep_delay", "distance"], (
        "the series that moved is first"
    )


def test_an_alert_about_a_column_brings_the_mean_of_that_column(run: Run):
    """The mean of the distance moved by more, in miles, and no alert is about it."""
    _, mean = series.key_series(Timeline(run))
    assert mean.metric == "ml_feature_mean"
    [line] = mean.lines
    assert line.label == "dep_delay"
    assert np.nanmax(line.values) / np.nanmin(line.values) == 60


def test_the_postmortem_is_filled_from_the_log(run: Run, tmp_path: Path):
    postmortem.write(Timeline(run), grade(Timeline(run)), tmp_path / "postmortem.md")
    text = (tmp_path / "postmortem.md").read_text()
    headings = re.findall(r"^## (.+)$", text, flags=re.M)
    assert headings == [
        "Summary", "Impact", "Root cause", "Detection", "Response",
        "Grade", "Whom it needed", "Who was paged", "What went well", "What went less well",
        "Where we were lucky", "Action items", "Timeline",
    ]  # fmt: skip
    assert "harmed accuracy from T+00:34:00 on" in text
    assert "| accuracy | min .84 | 26 min | .7 | .9 |" in text
    assert text.count("_to fill_ | _to fill_ | _to fill_ |") == 4
    assert "Are we &lt;off&gt;?" in text
    assert not re.search(r"<(?!!)", text), "texts of players are escaped"


def went(run: Run, title: str) -> str:
    """A section of the postmortem."""
    text = postmortem.draft(Timeline(run), grade(Timeline(run)))
    return text.partition(f"## {title}")[2].partition("\n##")[0]


def beside_par(story: Story, par: Story) -> Run:
    """A run with its twins, and what the reference did."""
    run = with_twins(story)
    run.twins["reference"] = par.run()
    return run


def test_the_postmortem_does_not_praise_what_ended_by_itself():
    def section(why: str, title: str) -> str:
        events = answered().at(55, "ended", "world", fault="hours", why=why).order(50, "close")
        return went(beside_par(events, answered(end=70, twin="reference")), title)

    assert "Time to mitigate was 26 min (par 36 min)." in section("fact", "What went well")
    assert "Time to mitigate" not in section("for", "What went well")
    assert "ended by itself" not in section("fact", "Where we were lucky")
    assert "`hours` ended by itself at T+00:55:00" in section("for", "Where we were lucky")
    early = "**`hours` was closed too early**, at T+00:50:00, 10 min before it was over"
    assert early in section("for", "What went less well").splitlines()[2]


def test_nothing_is_praised_without_a_yardstick():
    quick = answered(end=40)
    assert "Time to" not in went(with_twins(quick), "What went well"), "without par"
    slower = beside_par(answered(end=70), answered(end=40, twin="reference"))
    assert "Time to mitigate" not in went(slower, "What went well")
    assert "Time to mitigate was 36 min (par 6 min)." in went(slower, "What went less well")
    # The alert is as soon for the reference: it is no merit of the team that it came.
    assert "Time to detect" not in went(slower, "What went well")
    own = answered(end=40, reference=True)
    assert "Time to" not in went(beside_par(own, answered(end=40)), "What went well")


def test_a_failed_run_that_was_silent_does_not_praise_its_detection():
    """Nothing was harmed when the page came, 27 minutes after the onset: a detection after 0 s."""
    late = Story(dip(60, 999)).fault(30).alert(57).page(57.5, "sent").page(58)
    run = beside_par(late, answered(end=70, twin="reference"))
    scores = grade(Timeline(run))
    assert scores.verdict == "fail"
    assert "Time to detect" not in went(run, "What went well")


def test_a_picture_for_the_readme(run: Run, tmp_path: Path):
    plots.save_png(Timeline(run), grade(Timeline(run)), tmp_path / "run.png", dpi=40)
    assert (tmp_path / "run.png").read_bytes().startswith(b"\x89PNG")


@given(st.lists(st.floats(0, 80), min_size=1, max_size=300))
def test_a_line_in_the_page_keeps_its_ends_and_its_extremes(heights: list[float]):
    y = np.array(heights)
    xs, ys = shapes.simplify(np.linspace(0, 4, len(y)), y)
    assert len(xs) <= 4 * 5
    assert (np.diff(xs) >= 0).all()
    ends = {y[0], y[-1], y.min(), y.max()}
    assert all(abs(ys - end).min() <= 0.0501 for end in ends)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.booleans())
def test_ticks_are_few_and_inside(low: float, width: float, seconds: bool):
    values = plot_axes.ticks(low, low + width, seconds)
    assert 1 <= len(values) <= 5
    assert all(low - 0.001 * width <= value <= low + 1.001 * width for value in values)


def test_an_inject_that_did_not_take_place_has_its_reason():
    directed = Story().fault().at(50, "dropped", "director", id="who", why="mitigated")
    entries = [entry.text for entry in story.story(Timeline(directed.run()), rows=None)[0]]
    assert "who does not take place: mitigated" in entries
