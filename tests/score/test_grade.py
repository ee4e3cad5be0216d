"""The verdict, its reasons, and scores.json."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.analysis import Timeline
from simulator.run import Run, RunError
from simulator.scenario.rubric import Rubric
from simulator.score import Scores, grade, load_scores
from simulator.score.rubric import AUTOMATION, DEFAULT, rubric_of
from simulator.source.extends import load
from tests.analysis.story import MINUTE, Story, answered, dip, with_twins


def verdict(story: Story, **more) -> tuple[str, str]:
    scores = grade(Timeline(story.run(**more)))
    return scores.verdict, scores.why[0].text


def test_a_good_answer_passes():
    assert verdict(answered()) == (
        "pass", "every objective was back inside by 01:00 and stayed so"
    )  # fmt: skip


def test_without_a_fault_no_reason_is_about_one():
    scores = grade(Timeline(with_twins(Story(faults=[]))))
    assert scores.measures["time_to_mitigate"].why == "there was no fault"


def test_an_objective_outside_at_the_end_fails():
    assert verdict(answered(end=999)) == (
        "fail", "accuracy was .7 at the end, below .84, since 00:34"
    )  # fmt: skip


def test_back_inside_for_less_than_the_hold_fails():
    assert verdict(answered(end=115)) == (
        "fail", "accuracy was back inside for only 5 min at the end; it has to hold for 10 min"
    )  # fmt: skip


def test_dropping_all_traffic_does_not_hold_an_objective():
    story = answered()
    story.accuracy = lambda m: math.nan if m >= 40 else 0.9
    assert verdict(story) == (
        "fail",
        "accuracy was undefined at the end (no requests were served to measure it by), since 00:40",
    )


def test_an_unacknowledged_page_fails_even_if_waiting_was_right():
    waited = Story().fault().alert(35, 40).page(35.5, "sent").page(36)
    assert verdict(waited) == (
        "fail", "the page of 00:35 (FeatureDrift) to ml-platform was never acknowledged"
    )  # fmt: skip


def test_a_page_that_nobody_of_the_team_saw():
    """It was lost, then delivered to a sleeper; the drill ends after two hours."""

    def missed(minute: float, *states: str, **more) -> str:
        story = answered()
        for state in ("sent", "lost", "escalated"):
            story.page(minute, state, page=2)
        page = {"page": 2, "person": "ben", "by": "ben"}
        for state in ("delivered", *states):
            story.at(minute + 2, "page", "ml-platform", state=state, **page, **more)
        return verdict(story)[0]

    assert missed(80) == "fail"
    assert missed(80, "resolved") == "pass"
    # Another team of the policy took it, and hands it back.
    assert missed(80, "seen", "acknowledged", team="incident-command") == "pass"
    # The next level has had no time.
    assert missed(106) == "pass"
    assert missed(80, "seen") == "fail"


def test_a_page_of_the_last_minute_needs_no_acknowledgement():
    late = answered().page(119.3, "sent", page=2).page(119.5, page=2)
    assert verdict(late)[0] == "pass"


def test_too_slow_a_mitigation_fails():
    slow = answered(expect={"cause": ["data.unit_change"], "mitigate_within": 20 * MINUTE})
    assert verdict(slow) == ("fail", "mitigate of hours took 26 min, longer than 20 min")


def test_other_limits_of_expect():
    expect = {"must_page": ["data-engineering"], "must_not": ["silence"]}
    story = answered(expect=expect)
    assert verdict(story) == ("fail", "data-engineering was never paged, which this drill requires")
    story.page(41, "sent", page=2, team="data-engineering", via="person", alerts=[])
    story.order(42, "scale", to=4)
    assert verdict(story)[0] == "pass"
    story.order(43, "silence", matcher="x")
    assert verdict(story) == ("fail", "silence was ordered at 00:43, which this drill forbids")


def test_the_warm_up_does_not_count_for_a_budget():
    expect = {"cause": ["data.unit_change"], "budget": {"accuracy": 25 * MINUTE}}
    story = answered(expect=expect)
    assert verdict(story) == (
        "fail", "accuracy was breached for 26 min in all, longer than 25 min"
    )  # fmt: skip
    early = answered(end=58, expect=expect)
    accuracy = early.accuracy
    early.accuracy = lambda m: 0.7 if m < 10 else accuracy(m)  # all of the warm-up
    assert verdict(early)[0] == "pass"


def test_a_breach_before_any_fault_makes_the_drill_invalid():
    story = answered()
    story.accuracy = dip(20, 22)
    assert verdict(story) == (
        "invalid",
        "the steady state did not hold: accuracy was .7, below .84 at 00:20, before any fault began",
    )
    story.accuracy = dip(2, 5)
    assert verdict(story)[0] == "pass", "the warm-up is not graded"


def test_a_breach_after_an_order_does_not_make_the_drill_invalid():
    kinds = {"declare": {"effect": "talk"}, "retrain": {"effect": "world"}}
    sabotage = "accuracy was .7, below .84 at 00:50, after retrain at 00:45, without any fault"
    final = "accuracy was .7 at the end, below .84, since 00:50"
    for who, why in (("ml-platform", sabotage), ("cleo", final)):
        players = [{"name": "ml-platform"}, {"name": "cleo", "graded": False}]
        broken = Story(dip(50, 999), faults=[], actions=kinds, expect={}, players=players)
        declared = broken.order(30, "declare", who=who, severity="SEV3")
        assert verdict(declared)[0] == "invalid"
        assert verdict(broken.order(45, "retrain", who=who)) == ("fail", why)


def test_a_fault_that_never_landed_makes_the_drill_invalid():
    story = answered()
    story.lines = [line for line in story.lines if line[1] != "landed"]
    assert verdict(story) == (
        "invalid",
        "the fault hours never landed: it affected no unit of work",
    )
    story.at(30, "missed", "world", fault="hours", name="unit_change", why="no pod on node-1")
    assert verdict(story) == ("invalid", "the fault hours never landed: no pod on node-1")


def test_an_interrupted_run_fails_and_is_not_called_invalid():
    for reason, suffix in (("killed", ": killed"), ("interrupted", "")):
        story = answered().at(20, "interrupted", "run", reason=reason)
        story.lines = [line for line in story.lines if line[0] <= 20 * MINUTE]
        assert verdict(story, ends=None) == ("fail", f"the drill was interrupted at 02:00{suffix}")


def test_times_are_in_seconds_with_their_start_and_end():
    story = answered().look(44).order(45, "diagnose", cause="data.unit_change").order(75, "close")
    measures = grade(Timeline(with_twins(story))).measures
    times = [name for name in measures if name.startswith(("time", "silent"))]
    assert {name: measures[name].value for name in times} == {
        "time_to_detect": 120, "silent_time": 360, "time_to_acknowledge": 120,
        "time_to_diagnose": 540, "time_to_mitigate": 1560, "time_to_recover": 1560,
    }  # fmt: skip
    assert measures["time_to_mitigate"].why == "impact at 00:34, mitigation at 01:00"


def test_a_censored_time_has_no_value_and_a_lower_bound():
    story = Story(dip(34, 999), responder="none").fault().alert(35)
    measured = grade(Timeline(with_twins(story))).measures["time_to_mitigate"]
    assert measured.value is None
    assert "longer than 1 h 26 min" in measured.why


def test_an_early_close_is_reported():
    measured = grade(Timeline(with_twins(answered().order(50, "close")))).measures[
        "time_to_recover"
    ]
    assert measured.why.endswith("closed too early, at 00:50")
    both = Timeline(answered().fault(45, "rush").order(50, "close").run())
    why = grade(both).measures["time_to_recover"].why
    assert why.endswith("; hours closed too early, at 00:50; rush closed too early, at 00:50")


def test_a_fault_that_ended_by_itself_is_reported():
    def reasons(why: str, at: float, removed: float | None = None) -> dict:
        story = answered().at(at, "ended", "world", fault="hours", why=why)
        if removed is not None:
            story.at(removed, "ended", "world", fault="hours", why="fact")
        return {
            "time_to_mitigate": grade(Timeline(with_twins(story))).measures["time_to_mitigate"].why,
            "why": grade(Timeline(story.run())).why[0].text,
        }

    by_itself = reasons("for", 55)
    assert by_itself["time_to_mitigate"].endswith(
        "mitigation at 01:00; it ended by itself at 00:55"
    )
    assert by_itself["why"].endswith("stayed so; hours ended by itself at 00:55")
    for ordered in (reasons("fact", 55), reasons("for", 90), reasons("for", 55, removed=40)):
        assert "by itself" not in ordered["time_to_mitigate"] + ordered["why"]


def test_detection_before_the_harm_takes_no_time():
    early = answered().alert(31, 32).page(31.5, "sent", page=0).page(32, page=0)
    none = Story(dip(34, 999), twin="none").fault().alert(31).run()
    run = early.run({"no-fault": Story(twin="no-fault").run(), "none": none})
    measured = grade(Timeline(run)).measures["time_to_detect"]
    assert (measured.value, measured.why) == (0, "detection at 00:32, before the impact at 00:34")


def test_a_run_cut_off_has_unknown_measures():
    cut = answered()
    cut.lines = [line for line in cut.lines if line[0] < 37 * MINUTE]
    stopped = cut.run(ends=None)
    killed = Run([stopped.header, *stopped.events], {},
                 stopped.truth_times[:0], {}, stopped.digest)  # fmt: skip
    for name in ("time_to_detect", "time_to_mitigate", "time_to_recover"):
        why = grade(Timeline(killed)).measures[name].why
        assert why == "not known: the run was cut off and has no series"
        why = grade(Timeline(stopped)).measures[name].why
        assert why == "not known: the run was cut off and has no twins"


def test_scores_json_has_the_keys_of_its_format(tmp_path: Path):
    scores = grade(Timeline(with_twins(answered())))
    content = json.loads(scores.to_json())
    assert list(content) == [
        "format", "scenario", "version", "seed", "digest", "rubric", "verdict", "why", "incidents",
        "measures", "capabilities", "ratings", "weights", "index", "index_why", "worth",
        "observed",
    ]  # fmt: skip
    [incident] = content["incidents"]
    assert list(incident) == [
        "id", "fault", "marks_seconds", "measures", "capabilities", "ratings"
    ]  # fmt: skip
    assert list(incident["marks_seconds"]) == [
        "onset", "landed", "impact", "alert", "detect", "acknowledge", "declare", "diagnose",
        "cause_removed", "mitigate", "recover", "close",
    ]  # fmt: skip
    for measured in content["measures"].values():
        assert (measured["value"] is None) == bool(measured["reason"])
    assert Scores.from_json(scores.to_json()) == scores


@settings(deadline=None, max_examples=20)  # it writes and reads files
@given(
    end=st.integers(36, 130), declare=st.one_of(st.none(), st.integers(31, 119)),
    close=st.one_of(st.none(), st.integers(31, 119)),
)  # fmt: skip
def test_a_run_read_again_has_the_same_grade(
    tmp_path_factory: pytest.TempPathFactory, end: int, declare: int | None, close: int | None
):
    folder = tmp_path_factory.mktemp("run")
    story = answered(end)
    if declare is not None:
        story.order(declare, "declare", severity="SEV3")
    if close is not None:
        story.order(close, "close")
    run = with_twins(story, folder=folder)
    again = Run.open(folder)
    again.twins = run.twins
    assert grade(Timeline(again)) == grade(Timeline(run))


def test_scores_are_loaded_and_damaged_scores_refused(tmp_path: Path):
    run = answered().run(folder=tmp_path)
    scores = grade(Timeline(run))
    scores.write(tmp_path / "scores.json")
    assert load_scores(Timeline(Run.open(tmp_path))) == scores
    (tmp_path / "scores.json").write_text("{")
    with pytest.raises(RunError, match="not a valid scores file: it is damaged"):
        load_scores(Timeline(Run.open(tmp_path)))


def test_the_shipped_rubrics_are_those_that_grading_uses():
    folder = Path(__file__).parents[2] / "scenarios" / "rubrics"
    for name, content in (("default", DEFAULT), ("automation", AUTOMATION)):
        shipped = Rubric.model_validate(load(folder / f"{name}.yaml").plain())
        assert shipped == rubric_of(content)


TIMELINE = Timeline(with_twins(answered()))
NAMES = [name for name in DEFAULT["weights"] if name != "conformance"]


@settings(deadline=None, max_examples=40)
@given(parts=st.lists(st.integers(0, 9), min_size=len(NAMES), max_size=len(NAMES)).filter(sum))
def test_other_weights_change_the_index_and_nothing_else(parts):
    weights = dict(zip(NAMES, (part / sum(parts) for part in parts), strict=True))
    before, scores = grade(TIMELINE), grade(TIMELINE, {**DEFAULT, "weights": weights})
    assert (scores.verdict, scores.why) == (before.verdict, before.why)
    assert scores.measures == before.measures
    assert scores.capabilities == before.capabilities
    values = {n: s.value for n, s in scores.capabilities.items() if s.value is not None}
    share = sum(weights.get(name, 0.0) for name in values)
    expected = sum(weights.get(name, 0.0) * value for name, value in values.items())
    if share:
        assert scores.index == pytest.approx(100 * expected / share, abs=0.006)
    else:
        assert (scores.index, bool(scores.index_why)) == (None, True)


def test_a_grade_is_the_same_again():
    assert grade(Timeline(with_twins(answered()))) == grade(TIMELINE) == grade(TIMELINE)
