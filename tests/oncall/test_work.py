"""Simulated people at work in a run: what they do about pages that they took."""

import pytest

from simulator.actions import ACTIONS, ActionFailed
from simulator.responders import drive
from simulator.responders.replay import Replay
from simulator.run.events import (
    EndedEvent,
    LookEvent,
    MessageEvent,
    OrderEvent,
    PageEvent,
    RefusedEvent,
)
from simulator.session import Session
from tests.small.playing import MINUTE, Orders, page_states, play_orders

SLOW_STORE = {"id": "slow", "at": "6m", "fault": "slow_dependency", "target": "store",
              "args": {"factor": 3}}  # fmt: skip
BAD_KEY = {"id": "key", "at": "6m", "fault": "expired_credential", "target": "store-key"}
RIGHT = {"team": "data", "suspect": "store", "evidence": ["storage_read_seconds: 30 ms"]}


@pytest.fixture
def specialists(drill):
    """`specialists(inject, …)`: the small drill with the on-call file of specialists."""

    def specialists(*injects, **changes):
        return drill(*injects, oncall="specialists.yaml", duration="25m", **changes)

    return specialists


def looks(run):
    return [(event.t / MINUTE, event.who, event.expr) for event in run.of(LookEvent)]


def messages(run):
    return [(event.who, event.to, event.text) for event in run.of(MessageEvent)]


def test_a_specialist_looks_mends_and_answers(specialists):
    run = play_orders(specialists(SLOW_STORE), (7, "page", RIGHT))
    assert page_states(run, "data") == ["sent", "delivered", "acknowledged"]
    # Paged at 7:15 and acknowledged a minute later: a look of two minutes, a repair of three.
    assert looks(run) == [(10.25, "dee", "state of store")]
    [_, order] = run.of(OrderEvent)
    assert (order.t, order.who, order.action) == (13.25 * MINUTE, "dee", "fix_upstream")
    assert order.simulated
    assert [event.t for event in run.of(EndedEvent)] == [14.25 * MINUTE]
    assert messages(run) == [("dee", "ml", "store: mended after 1 look")]


def test_a_second_page_joins_the_work_at_once(specialists):
    orders = [(7, "page", {"team": "data"}), (11, "page", RIGHT)]
    run = play_orders(specialists(SLOW_STORE), *orders)
    sent, acknowledged = (event for event in run.of(PageEvent) if event.page == 2)
    assert (sent.state, acknowledged.state) == ("sent", "acknowledged")
    assert sent.t == acknowledged.t == 11.25 * MINUTE
    assert (acknowledged.by, acknowledged.why) == ("dee", "at work on page 1")
    assert [expr for _, _, expr in looks(run)] == [
        "state of lane",
        "state of bucket",
        "state of store",
    ]


def test_the_owner_answers_the_first_caller(specialists):
    """Data is paged for what is security's, and hands it on."""
    page = {"team": "data", "suspect": "store-key", "evidence": ["401"]}
    run = play_orders(specialists(BAD_KEY), (7, "page", page))
    [handed_on] = [e for e in run.of(PageEvent) if (e.who, e.state) == ("security", "sent")]
    assert (handed_on.by, handed_on.about, handed_on.facts["evidence"]) == (
        "dee",
        "store-key",
        ["401"],
    )
    assert [event.fault for event in run.of(EndedEvent)] == ["key"]
    assert ("hal", "ml", "store-key: mended after 1 look") in messages(run)
    [not_theirs] = [event for event in run.of(LookEvent) if event.error]
    assert not_theirs.error == "store-key is not data's to look into"


def test_a_refused_order_of_a_specialist_ends_no_run(specialists, monkeypatch):
    def check(self, site):
        raise ActionFailed("closed for the day")

    monkeypatch.setattr(ACTIONS.get("fix_upstream"), "check", check)
    run = play_orders(specialists(SLOW_STORE), (7, "page", RIGHT))
    [refused] = run.of(RefusedEvent)
    assert (refused.who, refused.action) == ("dee", "fix_upstream")
    assert run.events[-1].kind == "end"
    assert messages(run)[-1][2] == "store: at fault, not mended: fix_upstream: closed for the day"


def test_a_twin_acknowledges_the_same_alert_by_another_number(specialists):
    """Data hands the page on, as page 2; without the order, the alert's page has that number."""
    orders = [
        (7, "page", {"team": "data", "suspect": "store-key"}),
        (24, "acknowledge", {"page": 3}),
    ]
    run = play_orders(specialists(BAD_KEY), *orders)
    session = Session(specialists(BAD_KEY), 1, omitted=frozenset({("ml", 1)}))
    drive(session, {"ml": Replay(run, "ml")})
    for of in (run, session.finish()):
        taken = [(e.alerts, e.t) for e in of.of(PageEvent) if (e.who, e.by) == ("ml", "ml")]
        assert taken == [(("Stale",), 24 * MINUTE)]


def test_an_omitted_order_shifts_no_dice_of_specialists(specialists):
    """Order 3 says that order 1 was tried, also in a twin that leaves order 1 out."""
    setting = specialists(SLOW_STORE, oncall__teams__data__look="2m")
    orders = [
        (7, "resize_pool", {"pool": "lane", "slots": 2}),
        (8, "page", {"team": "night"}),
        (9, "page", {"team": "data", "tried": [1]}),
    ]
    runs = []
    for omitted in (frozenset(), {("ml", 1), ("ml", 2)}):
        session = Session(setting, 1, omitted=frozenset(omitted))
        drive(session, {"ml": Orders(*orders)})
        runs.append([look for look in looks(session.finish()) if look[1] == "dee"])
    assert runs[0] == runs[1]
    assert runs[0][0][2] == "state of bucket"
