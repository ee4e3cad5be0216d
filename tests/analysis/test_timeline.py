"""A timeline: what follows from a run, computed once."""

import io
from collections import Counter

import pytest
from rich.console import Console

from simulator.analysis import Timeline, run_record
from simulator.analysis import timeline as timeline_module
from simulator.analysis.attribution import Attribution
from simulator.report import html, postmortem, terminal, terminal_scorecard
from simulator.run import Run
from simulator.score import grade
from tests.analysis.story import BOTH, MINUTE, Story, answered, dip, with_twins

ROSTER = [
    {"name": "ana", "team": "ml-platform"},
    {"name": "bot", "team": "ml-platform", "kind": "automation"},
    {"name": "guest", "team": "ml-platform", "graded": False},
    {"name": "eva", "role": "facilitator"},
    {"name": "olga", "role": "observer"},
]


def two_faults() -> Run:
    """Two faults with all their twins."""

    def story(accuracy, twin: str = "", rush: bool = True) -> Story:
        begun = Story(accuracy, faults=BOTH, twin=twin).fault().alert(35, 75)
        begun.page(35.5, "sent").page(36).page(38, "acknowledged")
        return begun.fault(50, "rush", "overload") if rush else begun

    quiet = Story(faults=BOTH[1:], twin="without-hours").fault(50, "rush", "overload")
    runs = [Story(faults=[], twin="no-fault"), story(dip(34, 999), "none"), quiet,
            story(dip(34, 50), "without-rush", rush=False)]  # fmt: skip
    twins = {twin.header["twin"]: twin.run() for twin in runs}
    return story(dip(34, 70)).order(40, "rollback").order(75, "close").run(twins)


# -- once --------------------------------------------------------------------------------------


def test_one_graded_and_reported_run_is_attributed_once_and_its_alerts_are_scanned_once(
    monkeypatch: pytest.MonkeyPatch,
):
    scanned: Counter[str] = Counter()
    attributed: Counter[str] = Counter()
    scan, harm = run_record.alert_spans, timeline_module.HarmByFault.of

    def count_scan(run: Run):
        scanned[run.header.twin] += 1
        return scan(run)

    def count_harm(*records):
        attributed["harm"] += 1
        return harm(*records)

    class CountedAttribution(Attribution):
        def __init__(self, *records) -> None:
            super().__init__(*records)
            of = records[0].header.twin
            attributed[f"alerts {of}".strip() if self.has_twins else "without twins"] += 1

    monkeypatch.setattr(run_record, "alert_spans", count_scan)
    monkeypatch.setattr(timeline_module.HarmByFault, "of", count_harm)
    monkeypatch.setattr(timeline_module, "Attribution", CountedAttribution)
    run = two_faults()
    timeline, console = Timeline(run), Console(file=io.StringIO(), width=110)
    scores = grade(timeline)
    html.render(timeline, scores)
    postmortem.draft(timeline, scores)
    terminal.print_timeline(timeline, console)
    terminal_scorecard.print_scorecard(timeline, scores, console)
    # The run's own, and nobody's, which its time limits come from; the last is for the verdict.
    expected = {"alerts": 1, "alerts none": 1, "harm": 1, "without twins": 1}
    assert attributed == expected
    # Nobody's run is a twin, and a yardstick with twins.
    assert {twin: n for twin, n in scanned.items() if n != 1} == {"none": 2}
    assert {"", "no-fault", "none", "without-hours"} <= set(scanned)


def test_the_twins_do_not_change_what_follows_from_the_log_alone():
    run = with_twins(answered())
    alone = Timeline(run).without_twins
    assert alone.twins == {}
    assert alone.incidents == Timeline(run, {}).incidents
    assert alone.incidents[0].marks.impact is None


def test_a_twin_has_a_timeline_of_its_own_once():
    timeline = Timeline(with_twins(answered()))
    none = timeline.of_twin("none")
    assert none is timeline.of_twin("none")
    assert none is not None
    assert none.truth.breached() == ["accuracy"]
    assert timeline.of_twin("reference") is None


# -- alerts, pages and orders ------------------------------------------------------------------


def test_an_alert_is_pending_then_fires_then_is_over():
    def change(story: Story, minute: float, state: str, feature: str = "dep_delay") -> Story:
        labels = {"alertname": "Drift", "feature": feature}
        return story.at(minute, "alert", "prometheus", alert="Drift", labels=labels, state=state)

    story = change(change(change(Story(), 20, "pending"), 25, "firing"), 30, "resolved")
    change(change(story, 21, "pending", "carrier"), 22, "inactive", "carrier")
    change(story, 40, "firing")
    spans = [
        (
            dict(span.labels)["feature"],
            *(t and t / MINUTE for t in (span.pending, span.firing, span.end)),
        )
        for span in Timeline(story.run()).alert_spans
    ]
    assert spans == [
        ("dep_delay", 20, 25, 30), ("carrier", 21, None, 22), ("dep_delay", None, 40, None),
    ]  # fmt: skip
    assert [span.firing for span in Timeline(story.run()).firings] == [25 * MINUTE, 40 * MINUTE]


def test_an_alert_fires_at_both_its_edges():
    [span] = Timeline(Story().alert(33, 40).run()).firings
    assert [span.fires_at(minute * MINUTE) for minute in (32.9, 33, 40, 40.1)] == [
        False, True, True, False,
    ]  # fmt: skip


def test_a_page_to_two_teams_is_two():
    story = answered().page(40, "sent", team="data-engineering").page(41, team="data-engineering")
    own, other = Timeline(story.run()).page_histories
    assert (own.team, own.delivered, own.acknowledged) == (
        "ml-platform",
        36 * MINUTE,
        38 * MINUTE,
    )
    assert (other.delivered, other.acknowledged) == (41 * MINUTE, None)


def test_an_order_that_waits_for_hands_begins_later():
    def action(minute: float, order: int, state: str) -> None:
        story.at(minute, "action", "ana", order=order, action="restart", state=state)

    story = Story()
    for number in (1, 2, 3):
        story.at(20, "order", "ana", id=number, action="restart")
        action(20, number, "started" if number == 1 else "waiting")
    action(22, 1, "done")
    action(22, 2, "started")
    action(25, 2, "failed")
    action(120, 3, "failed")  # the drill ended
    records = Timeline(story.run()).order_records
    assert [(order.id, order.state, order.started, order.done) for order in records] == [
        (1, "done", None, 22 * MINUTE),
        (2, "failed", 22 * MINUTE, 25 * MINUTE),
        (3, "waiting", None, None),
    ]


# -- whose orders count ------------------------------------------------------------------------


def test_the_orders_of_graded_responders_count_for_their_team():
    story = answered(players=ROSTER)
    for who in ("ana", "bot", "guest", "eva", "olga", "data-engineering"):
        story.order(40, "declare", who=who, severity="SEV3")
    timeline = Timeline(story.run())
    assert timeline.header.graded_players == {"ana", "bot"}
    assert [order.who for order in timeline.graded_orders] == ["ana", "bot"]
    assert "eva" not in {order.who for order in timeline.order_records}, "they are injects"


def test_a_simulated_persons_order_is_no_players():
    story = answered()
    story.at(37, "order", "ml-platform", id=1, action="declare", simulated=True)
    story.at(37, "action", "ml-platform", order=1, action="declare", state="done")
    [incident] = Timeline(story.run()).incidents
    assert incident.marks.declare is None
    assert Timeline(story.run()).header.graded_players == {"ml-platform"}


@pytest.mark.parametrize("who, verdict", [("guest", "pass"), ("ana", "fail")])
def test_what_is_forbidden_is_forbidden_to_graded_players(who: str, verdict: str):
    story = answered(players=ROSTER, expect={"must_not": ["silence"]})
    assert grade(Timeline(story.order(45, "silence", who=who).run())).verdict == verdict
