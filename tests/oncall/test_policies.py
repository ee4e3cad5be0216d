"""Pages over escalation policies: channels, sleepers, levels and their conditions."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from simulator.responders import drive
from simulator.run import Player, Run
from simulator.run.events import MessageEvent, PageEvent
from simulator.session import Session
from tests.small.playing import LATE, MINUTE, SLOW, Orders, action_outcomes, play_orders

ACK = (14, "acknowledge", {})
AT_ONCE = {"fixed": "0s"}


def organisation(levels: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """An on-call file whose team ml has a policy; times are fixed, the drill is at noon UTC."""
    people = {name: {"notices": AT_ONCE} for name in ("ana", "ben", "chi")}
    file: dict[str, Any] = {
        "oncall": 1,
        "name": "small",
        "people": people,
        "schedules": {"primary": {"layers": [{"people": ["ana"]}]}},
        "channels": {"push": {"fixed": "5s"}},
        "teams": {
            "ml": {"policy": "way"},
            "data": {"members": ["dee"], "owns": ["feed", "feed-key", "store", "store-key"]},
            "command": {"members": ["jo"], "acknowledge": {"fixed": "2m"}, "notify": AT_ONCE},
        },
        "receivers": {"pager": {"policy": "way"}, "tickets": {"team": "ml", "page": False}},
        "inform": ["product"],
    }
    file |= more
    for name, traits in file.pop("traits", {}).items():
        file["people"][name] = {**file["people"][name], **traits}
    file["policies"] = {"way": {"levels": levels, **file.pop("way", {})}}
    return file


def level(*people: str, **more: Any) -> dict[str, Any]:
    return {"page": [{"person": name} for name in people], "after": "3m", **more}


def way(run: Run) -> list[tuple[str, str]]:
    """The states of pages and their people, the sending by the first channel left out."""
    states = ("delivered", "resolved")
    return [(e.state, e.person) for e in run.of(PageEvent) if e.state not in states]


def test_a_page_goes_level_by_level_and_starts_again(drill):
    oncall = organisation([level("ana"), level("ben")], way={"repeat": 1})
    run = play_orders(drill(SLOW, oncall=oncall))
    assert way(run) == [
        ("sent", "ana"), ("seen", "ana"), ("not taken", "ana"),
        ("escalated", "ben"), ("seen", "ben"), ("not taken", "ben"),
        ("escalated", "ana"), ("seen", "ana"), ("not taken", "ana"),
        ("escalated", "ben"), ("seen", "ben"), ("not taken", "ben"), ("exhausted", ""),
    ]  # fmt: skip
    starts = [e.t for e in run.of(PageEvent) if e.state in ("sent", "escalated", "exhausted")]
    assert [b - a for a, b in itertools.pairwise(starts)] == [3 * MINUTE] * 4


def test_everybody_of_a_level_is_paged_and_the_first_to_take_it_has_it(drill):
    run = play_orders(drill(SLOW, oncall=organisation([level("ana", "ben")])), ACK)
    assert [e.person for e in run.of(PageEvent) if e.state == "sent"] == ["ana", "ben"]
    assert [e.state for e in run.of(PageEvent)].count("acknowledged") == 1


def test_a_player_takes_a_page_as_the_person_who_saw_it_first(drill):
    slow = {"ana": {"notices": {"fixed": "1m"}}}
    oncall = organisation([level("ana", "ben", "chi")], traits=slow)
    assert way(play_orders(drill(SLOW, oncall=oncall), ACK))[-1] == ("acknowledged", "ben")


def test_the_log_has_the_level_of_a_policy(drill):
    levels = [
        {"page": [{"schedule": "empty"}]},
        level("ana", days=["Sun"]),
        level("ben"),
        level("chi"),
    ]
    hole = {"empty": {"layers": [{"people": ["ana"], "days": ["Sat"]}]}}
    run = play_orders(drill(SLOW, oncall=organisation(levels, schedules=hole)), (18, *ACK[1:]))
    assert [(e.state, e.person, e.level) for e in run.of(PageEvent) if e.level] == [
        ("lost", "", 1), ("sent", "ben", 3), ("escalated", "chi", 4),
    ]  # fmt: skip


def test_who_sleeps_through_every_channel_leaves_it_to_the_next(drill):
    """At noon in UTC it is 8 in the morning in New York, where ana sleeps until ten."""
    sleeper = {"ana": {"zone": "America/New_York", "asleep": "02:00-10:00"}}
    channels = {"push": {"fixed": "5s", "wakes": 0.0}, "call": {"fixed": "1m", "wakes": 0.0}}
    oncall = organisation([level("ana"), level("ben")], traits=sleeper, channels=channels)
    run = play_orders(drill(SLOW, oncall=oncall), (16, "acknowledge", {}))
    assert [e.channel for e in run.of(PageEvent) if e.person == "ana"] == [
        "push", "call", "push", "call", "",
    ]  # fmt: skip
    missed = next(e for e in run.of(PageEvent) if e.state == "not taken")
    assert (missed.person, missed.why) == ("ana", "asleep")
    assert [e.person for e in run.of(PageEvent) if e.state in ("seen", "acknowledged")] == [
        "ben", "ben",
    ]  # fmt: skip


def test_a_sleeper_who_wakes_sees_the_page_after_a_while(drill):
    sleeper = {"ana": {"asleep": "11:00-13:00"}}
    channels = {"call": {"fixed": "5s", "wakes": 1.0}}
    oncall = organisation([level("ana", after="20m")], traits=sleeper, channels=channels)
    run = play_orders(drill(SLOW, oncall=oncall))
    delivered, seen = (
        next(e.t for e in run.of(PageEvent) if e.state == state) for state in ("delivered", "seen")
    )
    assert seen - delivered > 30_000
    assert [e.why for e in run.of(PageEvent) if e.state == "seen"] == ["woken"]
    tireless = organisation(
        [level("ana")], traits={"ana": {"asleep": "11:00-13:00", "tireless": True}}
    )
    run = play_orders(drill(SLOW, oncall=tireless))
    delivered, seen = (
        next(e.t for e in run.of(PageEvent) if e.state == state) for state in ("delivered", "seen")
    )
    assert seen == delivered


def test_who_is_busy_does_not_see_the_page(drill):
    oncall = organisation([level("ana"), level("ben")], traits={"ana": {"busy": 1.0}})
    run = play_orders(drill(SLOW, oncall=oncall), (17, "acknowledge", {}))
    assert ("seen", "ana") not in way(run)
    assert [e.why for e in run.of(PageEvent) if e.state == "not taken"] == ["busy"]
    assert ("acknowledged", "ben") in way(run)


def test_a_later_channel_reaches_whom_the_first_lost(drill):
    channels = {"push": {"fixed": "5s", "loss": 1.0}, "call": {"fixed": "10s", "after": "1m"}}
    oncall = organisation([level("ana", after="10m")], channels=channels)
    events = [(e.state, e.channel) for e in play_orders(drill(SLOW, oncall=oncall)).of(PageEvent)]
    assert events[:5] == [
        ("sent", "push"), ("lost", "push"), ("sent", "call"), ("delivered", "call"), ("seen", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "people"),
    [
        ({"between": "08:00-18:00"}, ["ana", "ben"]),
        ({"between": "18:00-08:00"}, ["ben"]),
        ({"days": ["Mon"]}, ["ana", "ben"]),
        ({"days": ["Sat", "Sun"]}, ["ben"]),
        ({"more_than": {"alerts": 0, "within": "10m"}}, ["ana", "ben"]),
        ({"more_than": {"alerts": 1, "within": "10m"}}, ["ben"]),
    ],
)
def test_a_level_is_skipped_outside_its_conditions(drill, condition, people):
    """The drill is on a Monday at noon; one alert fires."""
    oncall = organisation([level("ana", **condition), level("ben")])
    run = play_orders(drill(SLOW, oncall=oncall))
    assert [e.person for e in run.of(PageEvent) if e.state in ("sent", "escalated")] == people


def test_round_robin_gives_each_page_to_the_next(drill):
    target = {"page": [{"round_robin": ["ana", "ben", "chi"]}], "after": "30m"}
    # Pages to others take no turns.
    page = (11, "page", {"team": "command"})
    run = play_orders(drill(SLOW, LATE, oncall=organisation([target])), page)
    sent = [e.person for e in run.of(PageEvent) if e.state == "sent" and e.who == "ml"]
    assert sent == ["ana", "ben"]


def test_whoever_escalates_beyond_the_last_level_pages_it_again(drill):
    run = play_orders(drill(oncall=organisation([level("ana")])), (7, "escalate", {}))
    assert way(run) == [("sent", "ana"), ("seen", "ana"), ("not taken", "ana"), ("exhausted", "")]
    assert run.of(PageEvent)[0].level == 1


def test_a_level_pages_a_person_once_for_the_first_team_that_it_names(drill):
    both = {"page": [{"person": "ana"}, {"team": "command"}], "after": "3m"}
    members = {"command": {"members": ["ana"]}}
    oncall = organisation([both])
    oncall["teams"] |= members
    run = play_orders(drill(oncall=oncall), (7, "page", {"team": "ml"}))
    assert [(e.person, e.reached_team) for e in run.of(PageEvent) if e.state == "sent"] == [
        ("ana", "ml")
    ]


def test_who_is_alone_on_call_cannot_page_themselves(drill):
    session = Session(drill(oncall=organisation([level("ana")])), 1, players=[Player("ana", "ml")])
    drive(session, {"ana": Orders((7, "page", {"team": "ml"}))})
    lost, exhausted = session.finish().of(PageEvent)
    assert (lost.why, exhausted.state) == ("nobody but its sender is on call", "exhausted")


def test_a_hole_in_a_schedule_is_passed_at_once(drill):
    hole = {"primary": {"layers": [{"people": ["ana"], "days": ["Sat"]}]}}
    levels = [{"page": [{"schedule": "primary"}]}, level("ben")]
    run = play_orders(drill(SLOW, oncall=organisation(levels, schedules=hole)))
    lost, sent = [e for e in run.of(PageEvent) if e.state in ("lost", "sent")]
    assert (lost.person, lost.why, sent.person) == ("", "nobody is on call", "ben")
    assert lost.t == sent.t


def test_a_level_of_another_team_is_answered_by_its_people(drill):
    levels = [level("ana"), {"page": [{"team": "command"}], "after": "10m"}]
    run = play_orders(drill(SLOW, oncall=organisation(levels)))
    taken = next(e for e in run.of(PageEvent) if e.state == "acknowledged")
    assert (taken.who, taken.person, taken.by, taken.reached_team) == ("ml", "jo", "jo", "command")
    assert {e.reached_team for e in run.of(PageEvent) if e.person == "ana"} == {"ml"}


def test_people_of_another_team_act_in_its_name(drill):
    levels = [level("ana"), {"page": [{"team": "data"}], "after": "10m"}]
    oncall = organisation(levels)
    oncall["teams"]["data"] |= {"acknowledge": AT_ONCE, "notify": AT_ONCE, "work": {"fixed": "1m"}}
    run = play_orders(drill(SLOW, oncall=oncall))
    assert [(e.who, e.to) for e in run.of(MessageEvent)] == [("data", "ml")]
    run = play_orders(drill(SLOW, {**LATE, "at": "6m"}, oncall=oncall))
    assert action_outcomes(run, "data") == [("fix_upstream", "done")]


def test_a_page_of_one_group_is_not_silenced_by_another(drill):
    """Two groups of alerts: whoever takes the first still has to take the second."""
    run = play_orders(drill(SLOW, LATE, oncall=organisation([level("ana"), level("ben")])), ACK)
    first, second = sorted({e.page for e in run.of(PageEvent)})
    states = {
        page: [e.state for e in run.of(PageEvent) if e.page == page] for page in (first, second)
    }
    assert "acknowledged" in states[first]
    assert "acknowledged" not in states[second]
    assert "escalated" in states[second]


def test_a_policy_that_reaches_nobody_starts_again_in_its_time(drill):
    """At noon nobody is on call; ten minutes later, when ana begins, the policy starts again."""
    later = {"primary": {"layers": [{"people": ["ana"], "between": "12:20-20:00"}]}}
    levels = [{"page": [{"schedule": "primary"}], "after": "10m"}]
    oncall = organisation(levels, schedules=later, way={"repeat": 1})
    run = play_orders(drill(SLOW, oncall=oncall))
    lost, sent = [e for e in run.of(PageEvent) if e.state in ("lost", "sent")]
    assert (lost.person, sent.person) == ("", "ana")
    assert sent.t - lost.t == 10 * MINUTE
