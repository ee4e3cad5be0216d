"""What a story tells: looks and their answers, branches, waits, hand-offs, facilitators."""

import io

import pytest
from rich.console import Console

from simulator.analysis import Timeline
from simulator.report import html, postmortem, terminal
from simulator.report.story import ROWS, story
from simulator.run import Run
from simulator.score import grade
from simulator.telemetry.store import SeriesStore, labels_of
from tests.analysis.story import Story, answered

TEAM = "ml-platform"
PSI = {"__name__": "ml_feature_psi", "feature": "dep_delay", "job": "ml-monitor"}


def texts_of(run: Run, who: str = TEAM) -> list[str]:
    return [entry.counted_text for entry in story(Timeline(run), rows=None)[0] if entry.who == who]


def looked(expr: str = "ml_feature_psi", **answer) -> str:
    [text] = texts_of(Story().at(40, "look", TEAM, expr=expr, **answer).run())
    return text


@pytest.mark.parametrize(
    "answer, text",
    [
        ({"count": 0}, "nothing"),
        ({"count": 1, "labels": PSI, "value": 0.7134}, "dep_delay .713"),
        ({"count": 12, "labels": PSI, "value": 3}, "12 results, first dep_delay 3"),
        ({"count": 1, "value": 4e-5}, "4e-05"),
        ({"count": 1}, "undefined"),
        ({"error": "duplicate series"}, "no answer: duplicate series"),
    ],
)
def test_a_look_is_told_with_its_answer(answer, text: str):
    assert looked(**answer) == f"looks at ml_feature_psi -> {text}"


def test_a_log_search_is_told_with_its_last_line():
    last = {"part": "deploy", "text": "serving 9 deployed"}
    assert looked("log: serving .*", count=2, labels=last) == (
        "looks for “serving .*” in the logs -> 2 lines, last of deploy: serving 9 deployed"
    )
    assert looked("log: x", count=0) == "looks for “x” in the logs -> nothing"


def test_labels_that_all_series_of_the_metric_share_are_left_out():
    store = SeriesStore()
    model = {"model_name": "flight-delay", "job": "ml-monitor"}
    names = [labels_of(model, __name__="ml_feature_psi", feature=f) for f in ("carrier", "origin")]
    store.table("monitors", [*names, labels_of(__name__="up", job="feast")])
    sample = dict(names[1])
    run = Story().at(40, "look", TEAM, expr="a", count=1, labels=sample, value=1).run()
    ratio = {name: value for name, value in sample.items() if name != "__name__"}
    joined = Story().at(40, "look", TEAM, expr="a / b", count=1, labels=ratio, value=1).run()
    for played in (run, joined):
        played.series = store.arrays()
        assert texts_of(played)[0].endswith(" -> origin 1")


def test_equal_looks_are_one_entry_until_a_page_an_onset_or_a_close():
    def polled(events: Story) -> list[str]:
        for minute in range(40, 50):
            value = 0.5 + minute / 1e9 if minute < 49 else 0.1
            events.at(minute, "look", TEAM, expr="max(x)", count=1, value=value)
        return [text for text in texts_of(events.run()) if "looks" in text]

    assert polled(Story()) == ["looks at max(x) -> .5, later .1 (×10, last at 00:49:00)"]
    for between in (
        Story().page(45.5, "sent"), Story().order(45.5, "close"), Story().fault(45.5, "second"),
    ):  # fmt: skip
        assert len(polled(between)) == 2


def test_an_answer_and_none_are_two_entries():
    events = Story().at(40, "look", TEAM, expr="x", count=0)
    events.at(41, "look", TEAM, expr="x", count=1, value=1).at(42, "look", TEAM, expr="x", count=0)
    assert texts_of(events.run()) == [
        "looks at x -> nothing (×2, last at 00:42:00)", "looks at x -> 1"
    ]  # fmt: skip


def step(minute: float, verb: str, state: str, why: str, **data) -> Story:
    events = Story().at(minute, "step", TEAM, playbook="x", path="steps[2]", verb=verb,
                        state=state, why=why, **data)  # fmt: skip
    return events


@pytest.mark.parametrize(
    "state, why, text",
    [
        ("begun", "x > 1 -> 3", "takes the branch of x > 1 -> 3"),
        ("begun", "otherwise: x > 1 -> nothing",
         "takes the last branch, as no other is true: x > 1 -> nothing"),
        ("skipped", "nothing matched: x > 1 -> nothing", "takes no branch: x > 1 -> nothing"),
    ],
)  # fmt: skip
def test_a_branch_is_told_with_its_reason_and_its_query_once(state: str, why: str, text: str):
    events = step(40, "branch", state, why).at(40, "look", TEAM, expr="x > 1", count=0)
    assert texts_of(events.run()) == [text]


def test_a_branch_in_a_branch_is_told_with_its_query_once():
    events = step(40, "branch", "begun", "x > 1 -> 3").at(40, "look", TEAM, expr="x > 1", count=1)
    events.at(40, "step", TEAM, playbook="x", path="steps[2].branch[0]", verb="branch",
              state="begun", why="y > 1 -> 2").at(40, "look", TEAM, expr="y > 1", count=1)  # fmt: skip
    assert texts_of(events.run()) == ["takes the branch of x > 1 -> 3",
                                      "takes the branch of y > 1 -> 2"]  # fmt: skip


def test_steps_have_an_entry_if_they_failed():
    why = "${worst.feature}: the look 'worst' had no result"
    assert texts_of(step(40, "page", "failed", why).run()) == [
        f"step steps[2] (page) failed: {why}"
    ]
    late = step(40, "verify", "timed out", "not within 45 min", name="Is it over?")
    assert texts_of(late.run()) == ["step “Is it over?” timed out: not within 45 min"]
    assert texts_of(step(40, "look", "done", "-> nothing").run()) == []


def test_a_step_whose_order_failed_is_told_once():
    events = step(40, "act", "failed", "no such pod").at(
        40, "order", TEAM, id=1, action="restart", args={"target": "x"}
    )
    events.at(40, "action", TEAM, order=1, action="restart", state="failed", note="no such pod")
    assert texts_of(events.run()) == ["orders restart: target x: failed: no such pod"]


def waiting(*states: tuple[float, str]) -> str:
    events = Story().at(40, "order", TEAM, id=1, action="restart", args={})
    for minute, state in states:
        events.at(minute, "action", TEAM, order=1, action="restart", state=state)
    return " / ".join(texts_of(events.run()))


def test_an_order_waits_for_hands():
    waits = "orders restart: waits 5 min, hands are full"
    assert waiting((40, "waiting")) == "orders restart: waits to the end, hands are full"
    assert waiting((40, "waiting"), (45, "started"), (46, "done")) == f"{waits}: done in 1 min"
    assert waiting((40, "waiting"), (45, "started"), (55, "done")) == (
        f"{waits} / restart done after 10 min"
    )
    assert waiting((40, "waiting"), (45, "started")) == f"{waits}: not done by the end"


def test_a_hand_off_is_told_with_its_facts():
    events = Story().order(40, "rollback", target="serving")
    events.order(
        41, "page", team="data-engineering", text="help", impact="late predictions", since="90s",
        severity="SEV2", suspect="feed", evidence=["PSI .36", "no nulls"], tried=[1, "a restart"],
        need="a look at the feed",
    )  # fmt: skip
    events.order(42, "status_update", text="no news", next_update="30m", incident="rows")
    assert texts_of(events.run())[1:] == [
        "pages data-engineering: “help”; impact: late predictions; for 1 min 30 s; SEV2; "
        "suspect: feed; evidence: PSI .36 and no nulls; tried: rollback and a restart; "
        "need: a look at the feed",
        "updates everybody (incident rows): “no news”; next update in 30 min",
    ]


def test_orders_name_their_incident():
    events = Story().order(40, "declare", severity="SEV3", incident="rows")
    events.order(41, "diagnose", cause="data.nulls", component="feed", incident="rows")
    events.order(42, "close", incident="rows").order(43, "escalate")
    assert texts_of(events.run()) == [
        "declares SEV3 (incident rows)", "diagnoses data.nulls in feed (incident rows)",
        "closes the incident rows", "escalates to the next level",
    ]  # fmt: skip


def test_what_a_facilitator_does_is_the_directors():
    cleo = {"name": "cleo", "role": "facilitator"}
    events = Story(players=[cleo, {"name": "ana", "team": TEAM}])
    events.at(40, "order", "cleo", id=1, action="hint", args={"to": "ana", "text": "look again"})
    events.at(41, "order", "cleo", id=2, action="inject", args={"fault": "overload"})
    events.at(41, "action", "cleo", order=2, action="inject", state="done", result={"id": "more"})
    run = events.fault(41, "more", "overload").run()
    assert "hint to ana by cleo: “look again”" in texts_of(run, "director")
    assert texts_of(run, "fault") == ["overload on feed (injected by cleo)"]
    assert texts_of(run, "cleo") == []


def test_a_hint_to_nobody_failed():
    events = Story(players=[{"name": "cleo", "role": "facilitator"}])
    events.at(40, "order", "cleo", id=1, action="hint", args={"to": "jo", "text": "look"})
    note = "nobody is called 'jo'"
    events.at(40, "action", "cleo", order=1, action="hint", state="failed", note=note)
    assert f"hint to jo by cleo: “look”: failed: {note}" in texts_of(events.run(), "director")


def test_a_fault_that_had_not_landed_when_the_log_ends():
    story = Story().at(30, "inject", "director", id="a", type="fault", name="overload")
    assert "a never landed" in texts_of(story.run(), "fault")
    assert "a had not landed when the log ends" in texts_of(story.run(ends=None), "fault")


def test_a_flood_of_orders_is_one_entry():
    events = Story()
    for number in range(100):
        events.at(40 + number // 50, "order", TEAM, id=number, action="restart", args={})
        events.at(
            41 + number // 50, "action", TEAM, order=number, action="restart", state="failed",
            note="no pod",
        )  # fmt: skip
    run = events.run()
    assert texts_of(run) == ["orders restart: failed: no pod (×100, last at 00:41:00)"]
    draft = postmortem.draft(Timeline(run), grade(Timeline(run)))
    assert draft.count("no pod") == 3, "its response, its weaknesses and its timeline"


def test_an_invalid_order_that_is_repeated_is_one_entry():
    events = Story()
    for number in range(100):
        events.at(40 + number / 100, "refused", TEAM, action="scale", why="replicas: is missing")
    text = "gives an invalid order: replicas: is missing (×100, last at 00:40:59)"
    assert texts_of(events.run()) == [text]


def test_a_crowded_timeline_keeps_what_matters():
    events = answered(100)
    for number in range(30):
        events.at(30 + number, "debt", "world", name=f"debt-{number}", state="owed")
        events.at(40 + number, "look", TEAM, expr=f"x{number}", count=0)
    texts = [entry.text for entry in story(Timeline(events.run()))[0]]
    assert len(texts) == ROWS
    assert "looks at x0 -> nothing" in texts, "what the diagnosis rests on"
    assert "warm-up: not graded" not in texts
    assert [text for text in texts if "breached" in text]


def test_an_acknowledgement_is_told_once():
    events = Story(players=[{"name": "bot", "team": TEAM, "kind": "automation"}]).page(35, "sent")
    page = {"page": 1, "state": "acknowledged", "person": "ana"}
    events.at(36, "page", TEAM, **page, by="ana").order(36, "restart", who="bot")
    assert "ana acknowledges" in texts_of(events.run())
    events.at(37, "page", TEAM, **page, by="bot").order(37, "acknowledge", who="bot")
    assert texts_of(events.run()).count("ana acknowledges") == 1
    assert "acknowledges the page" in texts_of(events.run(), "bot")


def test_orders_of_one_moment_have_their_own_numbers():
    events = Story().order(40, "restart", stage="a").order(40, "restart", stage="a")
    numbers = [entry.number for entry in story(Timeline(events.run()))[0] if entry.who == TEAM]
    assert numbers == [1, 2]


def test_several_players_are_listed():
    players = [{"name": "ana", "team": TEAM}, {"name": "bot", "team": TEAM, "kind": "automation"}]
    run = Story(players=players).order(40, "declare", who="ana", severity="SEV3").run()
    assert texts_of(run, "ana") == ["declares SEV3"]
    listed = "ana (person), bot (automation)"
    assert f"<dt>Players</dt><dd>{listed}</dd>" in html.render(Timeline(run), grade(Timeline(run)))
    assert f"players: {listed}; " in postmortem.draft(Timeline(run), grade(Timeline(run)))
    out = io.StringIO()
    terminal.print_timeline(Timeline(run), Console(file=out, width=110))
    assert f"story · seed 7 · players: {listed}" in out.getvalue()
