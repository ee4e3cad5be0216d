"""Pages on their way to people, and teams at work, told as stories."""

import pytest

from simulator.responders import drive
from simulator.session import Session
from tests.small.story import LATE, MINUTE, SLOW, Orders, actions, pages, played

ACK = (14, "acknowledge", {})


def test_a_page_is_sent_delivered_and_acknowledged(drill):
    run = played(drill(SLOW), ACK)
    assert pages(run) == ["sent", "delivered", "acknowledged"]
    sent, delivered, taken = run.of("page")
    assert sent.t < delivered.t < taken.t == 14 * MINUTE
    assert sent.data["alerts"] == ["Slow"]
    assert {event.data["person"] for event in (sent, delivered)} == {taken.data["person"]}


def test_a_rotation_begins_with_the_first_of_the_team(drill):
    """The drill is on 9 March 2026, a Monday."""
    first = {
        day: next(played(drill(SLOW, oncall__teams__ml__starts=day)).of("page")).data["person"]
        for day in ("2026-03-09", "2026-03-02", "2026-03-10")
    }
    assert first == {"2026-03-09": "ana", "2026-03-02": "ben", "2026-03-10": "chi"}


def test_a_page_that_nobody_takes_goes_up_the_policy(drill):
    run = played(drill(SLOW))
    assert pages(run) == ["sent", "delivered", "escalated", "delivered", "escalated", "delivered"]
    people = [event.data["person"] for event in run.of("page")]
    assert people[::2] == people[1::2]
    assert len(set(people)) == 3
    sent, _, second, _, third, _ = (event.t for event in run.of("page"))
    assert second - sent == pytest.approx(5 * MINUTE, abs=15_000)
    assert third - second == pytest.approx(5 * MINUTE, abs=15_000)


def test_a_page_that_reaches_nobody(drill):
    setting = drill(SLOW, oncall__teams__ml__unreachable=1.0)
    session, loop = Session(setting, 1), Orders(ACK)
    drive(session, loop)
    run = session.finish()
    assert pages(run) == ["sent", "unreached", "escalated", "unreached", "escalated", "unreached"]
    # Who was not reached cannot take it, and heard nothing.
    assert actions(run) == [("acknowledge", "failed")]
    assert "page" not in [news.kind for news in loop.news]


def test_a_page_by_its_number(drill):
    run = played(drill(SLOW), (14, "acknowledge", {"page": 7}), (15, "acknowledge", {"page": 1}),
                 (16, "acknowledge", {"page": 1}))  # fmt: skip
    assert [state for _, state in actions(run)] == ["failed", "done", "done"]
    notes = [event.data["note"] for event in run.of("action") if event.data["note"]]
    assert notes == ["there is no page 7", "took page 1", "already took page 1"]
    assert pages(run).count("acknowledged") == 1


def test_what_the_first_glance_took_need_not_be_taken_again(drill):
    run = played(drill(SLOW, LATE), (28, *ACK[1:]), (29, *ACK[1:]))
    assert actions(run) == [("acknowledge", "done")] * 2


def test_a_group_that_is_open_pages_nobody_again(drill):
    """Alertmanager tells of a firing group every five minutes; one page was sent."""
    run = played(drill(SLOW, LATE), ACK)
    assert [e.data["alerts"] for e in run.of("page") if e.data["state"] == "sent"] == [
        ["Slow"], ["Stale"]]  # fmt: skip


def test_once_it_is_resolved_a_page_goes_no_further_up(drill):
    short = {**SLOW, "for": "4m"}
    run = played(drill(short, oncall__teams__ml__escalate__after="15m"))
    assert pages(run) == ["sent", "delivered"]
    assert [event.data["state"] for event in run.of("alert")][-1] == "resolved"


def test_a_ticket_pages_nobody(drill):
    setting = drill(SLOW, oncall__receivers__pager__page=False)
    session, loop = Session(setting, 1), Orders(ACK)
    drive(session, loop)
    assert pages(session.finish()) == []
    assert loop.news[0].kind == "ticket"


def test_another_week_wakes_another_person(drill, quiet):
    members = quiet.oncall.teams["ml"].members
    woken = []
    for day in ("09", "16", "23", "30"):
        run = played(drill(SLOW, duration="14m", starts_at=f"2026-03-{day}T12:00:00Z"))
        woken.append(members.index(next(run.of("page")).data["person"]))
    assert [(person - woken[0]) % 3 for person in woken] == [0, 1, 2, 0]


# -- other teams --------------------------------------------------------------------------


def called(about="", at=12, **more):
    return (at, "page", {"team": "data", "about": about, "text": "please look", **more})


def test_the_owner_is_called_and_mends_it(drill):
    run = played(drill(LATE), called("store-key"))
    assert pages(run, "data") == ["sent", "delivered", "acknowledged"]
    assert actions(run, "data") == [("fix_upstream", "done")]
    (ended,) = run.of("ended")
    (fixed,) = (e for e in run.of("action") if e.who == "data" and e.data["state"] == "done")
    assert ended.data["why"] == "fact"
    assert 0 <= ended.t - fixed.t <= 15_000
    assert "Materializing" in [e for e in run.of("line") if e.who == "fill"][-1].data["text"]


def test_an_owner_who_is_told_only_that_something_is_wrong_finds_it(drill):
    assert actions(played(drill(LATE), called()), "data") == [("fix_upstream", "done")]


@pytest.mark.parametrize("about", ["feed", "serving", ""])
def test_nothing_wrong_is_the_answer_of_those_with_whom_nothing_is_wrong(drill, about):
    """A slow build is ml's own: data looks, finds nothing of theirs, and says so."""
    run = played(drill(SLOW), called(about))
    assert actions(run, "data") == []
    (message,) = run.of("message")
    assert (message.who, message.data["to"]) == ("data", "ml")
    assert "nothing wrong that is ours" in message.data["text"]


def test_a_team_asked_about_another_thing_of_theirs_looks_at_that_thing(drill):
    run = played(drill(LATE), called("feed"))
    assert actions(run, "data") == []
    assert "feed: nothing wrong" in next(run.of("message")).data["text"]


def test_nobody_works_unless_asked(drill):
    run = played(drill(LATE))
    assert {event.who for event in run.of("page")} == {"ml"}
    assert list(run.of("order", "ended")) == []


def test_only_the_owner_can_mend_it(drill):
    run = played(drill(LATE), (12, "fix_upstream", {"target": "store-key"}))
    assert actions(run) == [("fix_upstream", "failed")]
    note = [e.data["note"] for e in run.of("action")][-1]
    assert note == "store-key is not ml's; its owner is data"
    assert list(run.of("ended")) == []


def test_an_unknown_team_is_no_team(quiet):
    run = played(quiet, (6, "page", {"team": "dat"}), (6, "escalate", {"to": "boss"}))
    assert actions(run) == [("page", "failed"), ("escalate", "failed")]
    assert list(run.of("page")) == []


def test_going_up_calls_the_next_person(quiet):
    run = played(quiet, (6, "escalate", {}), (6, "escalate", {"to": "command"}))
    assert actions(run) == [("escalate", "done"), ("escalate", "done")]
    ml, command = pages(run, "ml"), pages(run, "command")
    assert ml[:2] == command[:2] == ["sent", "delivered"]


def test_how_long_people_take_depends_on_whom_and_for_what_alone(drill):
    """An order more or less, a page to somebody else: data take as long as they took."""

    def times(*orders):
        run = played(drill(LATE), called("store-key"), *orders)
        return [event.t for event in run.of("page") if event.who == "data"]

    usual = times()
    assert times((11, "page", {"team": "command"}), (11, "declare", {"severity": "SEV2"})) == usual
    assert times((13, "acknowledge", {}), (14, "escalate", {})) == usual
