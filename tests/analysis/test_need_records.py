"""Whom a run needed: from when on, when they were reached, and over how many hops."""

import pytest

from simulator.analysis import Timeline
from simulator.analysis.progress import progress_times
from simulator.responders import drive
from simulator.run import Player
from simulator.session import Session
from tests.analysis.story import BOTH, MINUTE, Story, answered, dip
from tests.analysis.test_severity_path import LADDER
from tests.small.playing import NULLS, SLOW, Orders, play_orders

OWNER = {"reason": "owner", "fault": "hours", "teams": ["data"], "hops": 1}
APPROVAL = {"reason": "permission", "teams": ["lead"], "action": "retrain", "since": 0, "hops": 1}
POLICY = {"reason": "time_box", "teams": ["lead"], "after": 10 * MINUTE, "hops": 0}
TIME_BOX = {**POLICY, "after": 30 * MINUTE, "since": 0}
INFORM = {"reason": "inform", "teams": ["product", "support"], "since": 0}


def call(story, minute, team, page, by="ml-platform", takes=True, **more):
    """A page to a team: sent at a minute, seen half a minute later, taken after two."""
    entry = {"page": page, "by": by, "via": "person", "person": f"{team}-1", **more}
    for later, state in ((0, "sent"), (0.25, "delivered"), (0.5, "seen")):
        story.at(minute + later, "page", team, state=state, **entry)
    if takes:
        taker = {**entry, "by": entry["person"]}
        story.at(minute + 2, "page", team, state="acknowledged", **taker)
    return story


def records(story):
    return Timeline(story.run()).need_records


def minutes(ms):
    return None if ms is None else ms / MINUTE


def times(record):
    """From, until, met, called, taken in minutes."""
    return [minutes(t) for t in (record.t, record.until, record.met, record.called, record.taken)]


# -- owners ---------------------------------------------------------------------------------------


def test_an_owner_is_needed_from_landing_until_the_fault_is_over():
    story = call(answered(60, needs=[OWNER]), 42, "data", 7)
    story.at(58, "ended", "world", fault="hours", why="fact")
    (record,) = records(story)
    assert times(record) == [30.1, 58, 42.5, 42, 44]
    assert minutes(record.delay) == pytest.approx(12.4)
    assert (record.team, record.hops) == ("data", 1)
    run = story.run()
    states = [run.events[line - 2].state for line in record.lines]
    assert states == ["sent", "seen", "acknowledged"]


def test_nobody_calls_the_owner():
    (record,) = records(answered(60, needs=[OWNER]))
    assert times(record) == [30.1, 60, None, None, None]
    assert (record.hops, record.delay, record.lines) == (None, None, ())


def test_a_fault_that_never_landed_needs_nobody():
    assert records(Story(needs=[OWNER]).at(30, "inject", "director", id="hours", type="fault",
                                           name="unit_change")) == ()  # fmt: skip


def test_an_owner_who_is_called_about_another_fault_before_is_not_reached_for_this():
    other = {**OWNER, "fault": "rush"}
    story = call(answered(80, needs=[OWNER, other], faults=BOTH), 42, "data", 7)
    story.fault(50, "rush", "overload")
    assert [minutes(record.met) for record in records(story)] == [42.5, None]


def test_a_level_that_names_the_team_reaches_it_without_a_hop():
    story = answered(60, needs=[OWNER])
    page = {"page": 1, "person": "dee", "via": "alert", "by": "alertmanager", "team": "data"}
    story.at(40.5, "page", "ml-platform", state="escalated", **page)
    story.at(41, "page", "ml-platform", state="seen", **page)
    (record,) = records(story)
    assert (minutes(record.called), minutes(record.met), record.hops) == (40.5, 41, 0)
    assert (record.by, record.by_players) == ("alertmanager", False)


def test_who_sleeps_and_who_does_the_work_of_another_team_are_not_reached():
    """The page to data comes to a sleeper, then to a level that names the platform."""
    story = answered(60, needs=[OWNER, {**OWNER, "teams": ["platform"]}])
    page = {"page": 7, "via": "person", "by": "ml-platform"}
    for minute, state in ((40, "sent"), (40.5, "delivered")):
        story.at(minute, "page", "data", state=state, person="dee", **page)
    for minute, state in ((45, "escalated"), (45.5, "seen"), (47, "acknowledged")):
        story.at(minute, "page", "data", state=state, person="pia", team="platform", **page)
    data, platform = records(story)
    assert times(data)[2:] == [None, 40, None]
    assert times(platform)[2:] == [45.5, 45, 47]
    assert [(r.hops, r.by_players) for r in (data, platform)] == [(None, True), (1, True)]


def test_who_sees_a_fault_coming_calls_before_it_lands():
    story = Story(dip(50, 60), needs=[OWNER]).at(30, "inject", "director", id="hours", type="fault",
                                                 name="unit_change", target="feed", args={})  # fmt: skip
    prevented = Timeline(call(story, 35, "data", 7).run())
    assert (prevented.need_records, prevented.needless_calls) == ((), {})
    story.at(45, "landed", "world", fault="hours", name="unit_change", units=3)
    (record,) = records(story)
    assert (times(record), record.delay) == ([45, 60, 35.5, 35, 37], 0)


def test_wrong_teams_before_are_hops_and_needed_ones_are_not():
    story = answered(60, needs=[OWNER, {**OWNER, "teams": ["security"]}, INFORM])
    for page, team in enumerate(["infra", "storage", "infra", "security", "product", "data"], 7):
        call(story, 36 + page, team, page)
    call(story, 55, "network", 20)
    hops = {record.team: record.hops for record in records(story)}
    assert hops == {"data": 3, "security": 3, "product": None, "support": None}


@pytest.mark.parametrize("by", ["platform", "platform-1"])
def test_a_team_that_hands_on_is_a_hop_of_the_way(by):
    """A team with members calls under its own name, people call under theirs."""
    story = answered(60, needs=[{**OWNER, "hops": 2}])
    call(call(story, 40, "platform", 7), 45, "data", 8, by=by)
    (record,) = records(story)
    assert (record.hops, record.by, record.by_players) == (2, by, True)


def test_what_the_director_sends_is_no_call_of_the_players():
    story = call(call(answered(60, needs=[OWNER]), 40, "infra", 7, by="director"), 42, "data", 8)
    call(call(story, 43, "command", 9), 44, "network", 10)
    story.header["hops"] = {"ml-platform": 0, "command": 0, "infra": 1, "network": 1}
    timeline = Timeline(story.run())
    assert [record.hops for record in timeline.need_records] == [1]
    # Their own policy pages the command.
    assert {team: minutes(t) for team, t in timeline.needless_calls.items()} == {"network": 44}


# -- approvers ------------------------------------------------------------------------------------


def test_an_approver_is_needed_from_the_impact_on():
    (record,) = records(call(answered(60, needs=[APPROVAL]), 40, "lead", 7))
    assert times(record) == [34, 60, 40.5, 40, 42]


def test_an_incident_that_is_over_needs_nobody():
    assert records(answered(60, needs=[{**APPROVAL, "since": 26 * MINUTE}])) == ()


def test_an_approval_meets_the_need():
    story = answered(60, needs=[APPROVAL])
    for minute, action, team in ((35, "release", "ml-platform"), (36, "retrain", "data"),
                                 (37, "retrain", "ml-platform")):  # fmt: skip
        result = {"action": action, "team": team}
        story.at(minute, "action", "kim", order=1, action="approve", state="done", result=result)
    (record,) = records(story)
    assert times(record) == [34, 60, 37, None, None]


# -- time-box -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("progress", "start"),
    [
        (lambda story: story, 65.5),  # the page is sent at 35.5
        (lambda story: story.order(50, "diagnose", cause="data.unit_change"), 80),
        (lambda story: story.order(50, "diagnose", cause="data.nulls"), 65.5),
        (lambda story: story.at(40, "debt", "world", name="cap", state="paid"), 70),
        (lambda story: story.at(70, "debt", "world", name="cap", state="paid"), 65.5),  # too late
    ],
    ids=["none", "claim", "wrong claim", "debt", "late"],
)
def test_a_time_box_runs_out_without_progress(progress, start):
    (record,) = records(progress(answered(100, needs=[TIME_BOX])))
    assert times(record) == [start, 100, None, None, None]


def test_who_is_called_before_the_time_is_over_is_there_in_time():
    (record,) = records(call(answered(100, needs=[TIME_BOX]), 50, "lead", 7))
    assert (times(record)[2:], record.delay) == ([50.5, 50, 52], 0)


def test_a_time_box_that_never_runs_out_is_no_need():
    assert records(answered(60, needs=[TIME_BOX])) == ()
    # Nothing is wrong: time runs out for nobody.
    quiet = Story(needs=[TIME_BOX, POLICY], faults=[]).page(36, "sent").page(36.5)
    assert records(quiet) == ()
    # All is well again; what is still owed needs nobody.
    owing = answered(60, needs=[TIME_BOX]).at(50, "debt", "world", name="cap", state="owed")
    assert records(owing) == ()


def test_an_hour_without_a_breach_is_not_without_progress():
    """A page at 33, before the breach; a second breach at 90, after an hour inside."""

    def accuracy(minute):
        return 0.7 if 34 <= minute < 40 or minute >= 90 else 0.9

    story = Story(accuracy, needs=[{**TIME_BOX, "after": 20 * MINUTE}]).fault().page(33, "sent")
    (record,) = records(story)
    assert times(record)[:2] == [110, 120]


@pytest.mark.parametrize(
    ("answer", "start"),
    [
        ((46, "acknowledged"), 45.5),  # sent at 35.5, a minute too late
        ((45, "acknowledged"), None),
        ((45, "resolved"), None),
    ],
)
def test_the_time_of_a_policy_ends_when_somebody_takes_the_page(answer, start):
    story = Story(dip(34, 100), needs=[POLICY]).fault().page(35.5, "sent").page(36).page(*answer)
    assert [times(record)[0] for record in records(story)] == ([start] if start else [])


def test_a_breach_eases_if_it_holds_or_if_the_severity_falls_for_the_hold():
    """Outside from 30 to 90, for 5 min inside; from 50 on it is no SEV1 any more."""

    def accuracy(minute):
        return 0.9 if not 30 <= minute < 90 or 60 <= minute < 65 else 0.6 if minute < 50 else 0.8

    story = Story(accuracy, ladder=LADDER).fault()
    assert [minutes(t) for t in progress_times(Timeline(story.run()))] == [50, 90, 90]


# -- severity and readers -------------------------------------------------------------------------


def test_the_severity_is_met_when_the_right_one_is_declared():
    story = answered(60, ladder=[LADDER[-1]]).order(36, "declare", severity="SEV2")
    story.order(45, "declare", severity="SEV3")
    (record,) = records(story)
    assert (times(record)[:3], record.need.severity) == ([34, 60, 45], "SEV3")
    assert story.run().events[record.lines[0] - 2].t == 45 * MINUTE


def test_readers_whom_the_author_names():
    story = answered(60, needs=[INFORM]).order(40, "status_update", to=["product"])
    product, support = records(story)
    assert (product.team, times(product)[:3]) == ("product", [34, 60, 40])
    assert (support.team, times(support)[:3]) == ("support", [34, 60, None])


def test_readers_of_a_severity_while_it_lasts():
    """SEV3 from 34 to 60: updates at 36, 50 and, too late, 70; before it none counts."""
    inform = {"reason": "inform", "teams": ["lead"], "severity": "SEV3", "every": 10 * MINUTE}
    story = answered(60, needs=[inform], ladder=[LADDER[-1]])
    for minute in (33, 36, 50, 70):
        story.order(minute, "status_update", to=["lead"])
    severity, record = records(story)
    assert severity.need.reason == "severity"
    assert (times(record)[:3], minutes(record.longest_wait)) == ([34, 60, 36], 14)
    assert len(record.lines) == 3


def test_updates_before_the_breach_is_severe_count():
    """Outside from 34 on; for 10 min, and so severe, at 44."""
    inform = {"reason": "inform", "teams": ["lead"], "severity": "SEV3", "every": 5 * MINUTE}
    ladder = [{"severity": "SEV3", "any_of": [{"outside": 10 * MINUTE}]}]
    story = answered(60, needs=[inform], ladder=ladder)
    story.order(33, "status_update", to=["lead"]).order(40, "status_update", to=["lead"])
    record = records(story)[-1]
    assert (times(record)[:3], record.delay) == ([44, 60, 40], 0)
    assert minutes(record.longest_wait) == 16


def test_who_knows_of_a_severity_need_not_be_told_that_it_is_less_severe():
    """SEV3 from 30, SEV1 from 40, SEV3 from 50, none from 60."""

    def accuracy(minute):
        return 0.6 if 40 <= minute < 50 else 0.8 if 30 <= minute < 60 else 0.9

    needs = [
        {"reason": "inform", "teams": ["lead"], "severity": "SEV1"},
        {"reason": "inform", "teams": ["lead", "product"], "severity": "SEV3"},
    ]
    story = Story(accuracy, needs=needs, ladder=LADDER).order(35, "status_update", to=["lead"])
    spans = [(r.team, r.need.severity, *times(r)[:3]) for r in records(story)[1:]]
    assert spans == [
        ("lead", "SEV1", 40, 50, None),
        ("lead", "SEV3", 30, 60, 35),
        ("product", "SEV3", 30, 60, None),
    ]
    worst_first = Story(lambda m: accuracy(max(m, 40)), needs=needs, ladder=LADDER)
    assert [(r.team, r.need.severity) for r in records(worst_first)[1:]] == [
        ("lead", "SEV1"), ("product", "SEV3"),
    ]  # fmt: skip


def test_a_page_informs_a_team():
    inform = {"reason": "inform", "teams": ["lead"], "since": 0}
    (record,) = records(call(answered(60, needs=[inform]), 50, "lead", 7))
    assert minutes(record.met) == 50.5


def test_a_quiet_run_needs_nobody():
    inform = {"reason": "inform", "teams": ["lead"], "severity": "SEV3"}
    needs = [OWNER, APPROVAL, TIME_BOX, INFORM, inform]
    assert records(Story(dip(999, 999), needs=needs, ladder=LADDER, faults=[])) == ()


# -- a drill that is simulated --------------------------------------------------------------------


def test_the_needs_of_a_drill_are_met_by_its_pages(drill):
    """The players page data, and take no page of their own: the policy reaches the command."""
    oncall = {
        "oncall__people": {"ana": {}},
        "oncall__policies": {"up": {"levels": [
            {"page": [{"person": "ana"}], "after": "3m"},
            {"page": [{"team": "command"}], "after": "3m"},
        ]}},
        "oncall__teams__ml": {"policy": "up"},
        "oncall__severities": {"SEV3": {"when": {"any": [{"outside": "1m"}]}, "inform": ["product"]}},
    }  # fmt: skip
    setting = drill(SLOW, NULLS, **oncall)
    orders = [(14, "page", {"team": "data"}), (15, "declare", {"severity": "SEV3"})]
    timeline = Timeline(play_orders(setting, *orders))
    met = {r.need.reason: (r.team, r.hops, r.met is not None) for r in timeline.need_records}
    assert met == {
        "owner": ("data", 1, True),
        "time_box": ("command", 0, True),
        "severity": ("", None, True),
        "inform": ("product", None, False),
    }


def test_the_owner_of_a_live_inject_is_needed(drill):
    """A facilitator lets values go missing, which only data can end."""
    players = [Player("ml", "ml"), Player("gm", role="facilitator")]
    session = Session(drill(duration="16m"), 1, players=players)
    nulls = {key: NULLS[key] for key in ("fault", "args")}
    ml = [(10, "page", {"team": "data"}), (11, "page", {"team": "command"})]
    drive(session, {"gm": Orders((8, "inject", nulls)), "ml": Orders(*ml)})
    timeline = Timeline(session.finish())
    (record,) = timeline.need_records
    assert (record.need.reason, record.team, record.by, record.hops) == ("owner", "data", "ml", 1)
    assert [*timeline.needless_calls] == ["command"]
