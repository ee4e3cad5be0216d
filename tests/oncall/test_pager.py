"""Delivery and escalation of pages, and the work of simulated teams."""

import pytest

from simulator.responders import drive
from simulator.run.events import (
    ActionEvent,
    AlertEvent,
    EndedEvent,
    LineEvent,
    MessageEvent,
    OrderEvent,
    PageEvent,
)
from simulator.session import Session
from tests.small.playing import (
    LATE,
    MINUTE,
    SLOW,
    Orders,
    action_outcomes,
    page_states,
    play_orders,
)

ACK = (14, "acknowledge", {})


def test_a_page_is_sent_delivered_and_acknowledged(drill):
    run = play_orders(drill(SLOW), ACK)
    assert page_states(run) == ["sent", "delivered", "acknowledged"]
    sent, delivered, seen, acknowledged = run.of(PageEvent)
    assert seen.t == delivered.t
    assert sent.t < delivered.t < acknowledged.t == 14 * MINUTE
    assert sent.alerts == ("Slow",)
    assert {event.person for event in (sent, delivered)} == {acknowledged.person}


def test_a_rotation_begins_with_the_first_of_the_team(drill):
    """The drill is on 9 March 2026, a Monday."""
    first = {
        day: play_orders(drill(SLOW, oncall__teams__ml__starts=day)).of(PageEvent)[0].person
        for day in ("2026-03-09", "2026-03-02", "2026-03-10")
    }
    assert first == {"2026-03-09": "ana", "2026-03-02": "ben", "2026-03-10": "chi"}


def test_an_unacknowledged_page_escalates(drill):
    run = play_orders(drill(SLOW))
    assert page_states(run) == [
        "sent",
        "delivered",
        "escalated",
        "delivered",
        "escalated",
        "delivered",
    ]
    events = [e for e in run.of(PageEvent) if e.state in ("sent", "delivered", "escalated")]
    people = [event.person for event in events]
    assert people[::2] == people[1::2]
    assert len(set(people)) == 3
    sent, _, second, _, third, _ = (event.t for event in events)
    assert second - sent == pytest.approx(5 * MINUTE, abs=15_000)
    assert third - second == pytest.approx(5 * MINUTE, abs=15_000)


def test_an_undelivered_page_escalates(drill):
    setting = drill(SLOW, oncall__teams__ml__unreachable=1.0)
    session, loop = Session(setting, 1), Orders(ACK, (15, "acknowledge", {"page": 1}))
    drive(session, {session.plays: loop})
    run = session.finish()
    assert page_states(run) == [
        "sent",
        "lost",
        "escalated",
        "lost",
        "escalated",
        "lost",
    ]
    # A page that was not delivered cannot be acknowledged, and is no news to the responder.
    assert action_outcomes(run) == [("acknowledge", "failed")] * 2
    assert "page" not in [news.kind for news in loop.news]


def test_a_page_is_acknowledged_by_number(drill):
    run = play_orders(drill(SLOW), (14, "acknowledge", {"page": 7}), (15, "acknowledge", {"page": 1}),
                 (16, "acknowledge", {"page": 1}))  # fmt: skip
    assert [state for _, state in action_outcomes(run)] == ["failed", "done", "done"]
    notes = [event.note for event in run.of(ActionEvent) if event.note]
    assert notes == ["there is no page 7", "took page 1", "already took page 1"]
    assert page_states(run).count("acknowledged") == 1


def test_acknowledging_twice_is_done(drill):
    run = play_orders(drill(SLOW, LATE), (28, *ACK[1:]), (29, *ACK[1:]))
    assert action_outcomes(run) == [("acknowledge", "done")] * 2


def test_a_group_with_an_open_page_sends_no_further_one(drill):
    """Alertmanager notifies of a firing group every five minutes; only one page is sent."""
    run = play_orders(drill(SLOW, LATE), ACK)
    sent = [event for event in run.of(PageEvent) if event.state == "sent"]
    assert [event.alerts for event in sent] == [("Slow",), ("Stale",)]


def test_a_resolved_page_escalates_no_further(drill):
    short = {**SLOW, "for": "4m"}
    run = play_orders(drill(short, oncall__teams__ml__escalate__after="15m"))
    assert page_states(run) == ["sent", "delivered"]
    assert [event.state for event in run.of(AlertEvent)][-1] == "resolved"


def test_a_ticket_pages_nobody(drill):
    setting = drill(SLOW, oncall__receivers__pager__page=False)
    session, loop = Session(setting, 1), Orders(ACK)
    drive(session, {session.plays: loop})
    assert page_states(session.finish()) == []
    assert loop.news[0].kind == "ticket"


def test_another_week_pages_another_person(drill, quiet):
    members = quiet.oncall.teams["ml"].members
    primaries = []
    for day in ("09", "16", "23", "30"):
        run = play_orders(drill(SLOW, duration="14m", starts_at=f"2026-03-{day}T12:00:00Z"))
        primaries.append(members.index(run.of(PageEvent)[0].person))
    assert [(person - primaries[0]) % 3 for person in primaries] == [0, 1, 2, 0]


# -- other teams --------------------------------------------------------------------------


def page_data(about="", at=12, **more):
    return (at, "page", {"team": "data", "about": about, "text": "please look", **more})


def test_the_paged_owner_fixes_the_fault(drill):
    run = play_orders(drill(LATE), page_data("store-key"))
    assert page_states(run, "data") == ["sent", "delivered", "acknowledged"]
    assert action_outcomes(run, "data") == [("fix_upstream", "done")]
    (ended,) = run.of(EndedEvent)
    (fixed,) = (e for e in run.of(ActionEvent) if e.who == "data" and e.state == "done")
    assert ended.why == "fact"
    assert 0 <= ended.t - fixed.t <= 15_000
    assert "Materializing" in [e for e in run.of(LineEvent) if e.who == "fill"][-1].text


def test_an_owner_paged_without_a_component_finds_the_fault(drill):
    run = play_orders(drill(LATE), page_data(), seed=2)
    assert action_outcomes(run, "data") == [("fix_upstream", "done")]


@pytest.mark.parametrize("about", ["feed", "serving", ""])
def test_a_team_without_a_faulty_component_answers_that_nothing_is_wrong(drill, about):
    """A slow build belongs to ml: the team data investigates and finds nothing of its own."""
    run = play_orders(drill(SLOW), page_data(about), seed=2)
    assert action_outcomes(run, "data") == []
    (message,) = run.of(MessageEvent)
    assert (message.who, message.to) == ("data", "ml")
    assert "nothing wrong that is ours" in message.text


def test_a_team_paged_about_a_component_checks_only_that_one(drill):
    run = play_orders(drill(LATE), page_data("feed"))
    assert action_outcomes(run, "data") == []
    assert "feed: nothing wrong" in run.of(MessageEvent)[0].text


def test_nobody_works_unless_paged(drill):
    run = play_orders(drill(LATE))
    assert {event.who for event in run.of(PageEvent)} == {"ml"}
    assert [*run.of(OrderEvent), *run.of(EndedEvent)] == []


def test_only_the_owner_can_fix_a_component(drill):
    run = play_orders(drill(LATE), (12, "fix_upstream", {"target": "store-key"}))
    assert action_outcomes(run) == [("fix_upstream", "failed")]
    note = [e.note for e in run.of(ActionEvent)][-1]
    assert note == "store-key is not ml's; its owner is data"
    assert list(run.of(EndedEvent)) == []


def test_an_unknown_team_cannot_be_paged(quiet):
    run = play_orders(quiet, (6, "page", {"team": "dat"}), (6, "escalate", {"to": "boss"}))
    assert action_outcomes(run) == [("page", "failed"), ("escalate", "failed")]
    assert list(run.of(PageEvent)) == []


def test_escalating_pages_the_next_person(quiet):
    run = play_orders(quiet, (6, "escalate", {}), (6, "escalate", {"to": "command"}))
    assert action_outcomes(run) == [("escalate", "done"), ("escalate", "done")]
    ml, command = page_states(run, "ml"), page_states(run, "command")
    assert ml[:2] == command[:2] == ["sent", "delivered"]


def test_peoples_times_depend_only_on_team_and_subject(drill):
    """Other orders and pages to other teams do not change the times of the team data."""

    def times(*orders):
        run = play_orders(drill(LATE), page_data("store-key"), *orders)
        return [event.t for event in run.of(PageEvent) if event.who == "data"]

    usual = times()
    assert times((11, "page", {"team": "command"}), (11, "declare", {"severity": "SEV2"})) == usual
    assert times((13, "acknowledge", {}), (14, "escalate", {})) == usual
