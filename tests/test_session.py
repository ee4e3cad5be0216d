"""A drill told as a story: what happens, in which order, and what a player is told of it."""

import re

import pytest

from simulator.promql import PromQLError
from simulator.responders import drive
from simulator.run import Player
from simulator.run.events import (
    ActionEvent,
    AlertEvent,
    LookEvent,
    NotificationEvent,
    ObjectiveEvent,
    OrderEvent,
    PageEvent,
    PhaseEvent,
)
from simulator.session import Order, OrderRejected, Session
from tests.small.playing import (
    MINUTE,
    SLOW,
    Orders,
    action_outcomes,
    debts_owed,
    play_orders,
    sample_bytes,
)

HOUSEKEEPING = {"line", "phase", "objective", "debt"}


def kinds(run, *leave_out):
    """The kinds of events in order; what repeats stands once."""
    kinds_seen = []
    for event in run.events:
        if event.kind not in HOUSEKEEPING | set(leave_out) and kinds_seen[-1:] != [event.kind]:
            kinds_seen.append(event.kind)
    return kinds_seen


def test_a_quiet_drill(quiet):
    run = play_orders(quiet)
    assert kinds(run) == ["end"]
    assert [e.name for e in run.of(PhaseEvent)] == ["warm-up", "baseline", "end"]
    assert debts_owed(run) == set()


def test_a_slow_build_is_felt_alerted_paged_and_answered(drill):
    change = {"at": "8m", "change": "release", "args": {"target": "serving", "build": 9}}
    setting = drill(change, {**SLOW, "args": {"build": 9, "factor": 8}})
    run = play_orders(setting, (16, "acknowledge", {}), (17, "rollback", {"target": "serving"}))
    assert kinds(run) == [
        "inject", "landed", "alert", "notification", "page", "order", "action", "page", "action",
        "order", "action", "ended", "alert", "notification", "page", "end",
    ]  # fmt: skip
    assert [e.state for e in run.of(AlertEvent)] == ["pending", "firing", "resolved"]
    latency = [e for e in run.of(ObjectiveEvent) if e.name == "latency_p95"]
    assert [e.state for e in latency] == ["breached", "held"]
    assert action_outcomes(run) == [("acknowledge", "done"), ("rollback", "done")]


def test_the_phases_tell_when_the_baseline_ends(drill):
    run = play_orders(drill(SLOW))
    phases = [(e.t // MINUTE, e.name) for e in run.of(PhaseEvent)]
    assert phases == [(0, "warm-up"), (5, "baseline"), (10, "injects"), (30, "end")]


def test_an_order_waits_for_the_tick(quiet):
    session = Session(quiet, 1)
    door = session.door("ml")
    before = len(session.log.events)
    assert door.submit(Order("declare", {"severity": "SEV3"})) == 1
    assert len(session.log.events) == before
    session.advance(15_000)
    begun = [event.kind for event in session.log.events[before:]]
    assert begun[:4] == ["order", "phase", "action", "action"]
    (news,) = door.seen().news
    assert (news.kind, news.data["state"], news.data["order"]) == ("result", "done", 1)
    assert not door.waiting


def test_what_is_changed_after_an_order_was_given_is_neither_played_nor_logged(quiet):
    session = Session(quiet, 1)
    args = {"to": ["product"], "text": "We look."}
    session.door("ml").submit(Order("status_update", args))
    args["to"].append("support")
    args["text"] = "All is well."
    session.advance(60_000)
    (order,) = [event for event in session.log.events if event.kind == "order"]
    assert order.args == {"to": ["product"], "text": "We look."}


def test_half_a_character_ends_no_run(quiet):
    session = Session(quiet, 1)
    session.door("ml").submit(Order("status_update", {"text": "It burns \ud83d"}))
    session.advance(60_000)
    (order,) = [event for event in session.log.events if event.kind == "order"]
    assert order.args == {"text": "It burns ?"}


def test_orders_of_one_tick_apply_by_name_and_number(quiet):
    session = Session(quiet, 1, players=[Player("zoe", "ml"), Player("ml", "ml")])
    b, a = session.door("zoe"), session.door("ml")
    b.submit(Order("close"))
    a.submit(Order("declare", {"severity": "SEV3"}))
    a.submit(Order("close"))
    session.advance(15_000)
    asked = [(e.who, e.id) for e in session.log.events if isinstance(e, OrderEvent)]
    assert asked == [("ml", 1), ("ml", 2), ("zoe", 1)]


@pytest.mark.parametrize(
    ("order", "message"),
    [
        (Order("rolback"), "did you mean 'rollback'?"),
        (Order("declare", {"severity": "SEV9"}), "declare: severity: unknown 'SEV9'"),
        (Order("scale", {"replicas": -1}), "scale: replicas: given -1, expected "),
        (Order("scale", {"replica": 2}), "replica: unknown key; did you mean 'replicas'?"),
        (Order(5, {}), "given 5, expected the name of an action"),
        (Order(["close"]), "given a list of 1, expected the name of an action"),
        (Order("close", None), "close: given nothing, expected a map of arguments"),
        (Order("close", [1]), "close: given a list of 1, expected a map of arguments"),
        ("close", "given 'close', expected an order"),
    ],
)
def test_a_wrong_order_is_rejected_and_nothing_happens(quiet, order, message):
    session = Session(quiet, 1)
    door = session.door("ml")
    with pytest.raises(OrderRejected, match=message.replace("?", r"\?")):
        door.submit(order)
    session.advance(15_000)
    assert "order" not in [event.kind for event in session.log.events]
    (refused,) = (event for event in session.log.events if event.kind == "refused")
    assert re.search(message.replace("?", r"\?"), refused.why)
    assert door.submit(Order("close")) == 1


def test_after_the_end_nothing_is_taken(quiet):
    session = Session(quiet, 1)
    assert session.advance(10**9) == session.ends
    with pytest.raises(OrderRejected, match="the drill is over"):
        session.door("ml").submit(Order("close"))
    events = len(session.log.events)
    session.advance(10**9)
    assert len(session.log.events) == events


def test_a_look_after_the_end_does_not_make_a_run_incomplete(quiet):
    session = Session(quiet, 1)
    while session.now < session.ends:
        session.advance(session.ends)
    assert session.door("ml").query("up").rows()
    session.report_trouble("ml", "raised", "too late")
    assert session.finish().complete


def test_looking_is_evidence_and_changes_nothing(drill):
    setting = drill(SLOW, duration="12m")
    session = Session(setting, 1)
    door = session.door("ml")
    for _ in range(11):
        session.advance(session.now + MINUTE)
        assert len(door.query("up")) > 0
        door.search("Materializing", 10 * MINUTE)
        with pytest.raises(PromQLError):
            door.query("sum(")
    session.advance(session.ends)
    run, blind = session.finish(), play_orders(setting)
    assert len(list(run.of(LookEvent))) == 33
    assert run.digest == blind.digest
    assert sample_bytes(run) == sample_bytes(blind)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda door: door.query("sum("), "unclosed left parenthesis"),
        (lambda door: door.query(5), "given 5, expected a text"),
        (lambda door: door.query(["up"]), "given a list of 1, expected a text"),
        (lambda door: door.search("a(", MINUTE), "not a regular expression"),
        (lambda door: door.search(None, MINUTE), "given nothing, expected a text"),
        (lambda door: door.search("a", "1h"), "given '1h', expected how far to look back"),
    ],
)
def test_what_cannot_be_answered_is_in_the_log_with_its_reason(quiet, ask, message):
    session = Session(quiet, 1)
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        ask(session.door("ml"))
    (look,) = [event for event in session.log.events if event.kind == "look"]
    assert message in look.error


def test_time_stops_for_news(drill):
    session = Session(drill(SLOW), 1)
    door = session.door("ml")
    at = session.advance(session.ends)
    assert 10 * MINUTE < at < session.ends
    assert door.waiting
    assert door.seen().news[0].kind == "page"
    assert door.seen().news == ()


# -- what a responder must never pass with --------------------------------------------------


def burnt(run):
    """Seconds for which each objective did not hold."""
    return {
        name: run.truth[f"burnt:{name}"][-1] for name in ("availability", "latency_p95", "accuracy")
    }


def test_nobody_left_to_serve_is_not_healthy(drill):
    """Scaling to zero makes the alert go away and the latency undefined: nothing holds."""
    setting = drill(SLOW)
    nobody, cheat = play_orders(setting), play_orders(setting, (12, "scale", {"replicas": 0}))
    assert burnt(cheat)["availability"] > 15 * 60
    assert all(burnt(cheat)[name] >= burnt(nobody)[name] for name in burnt(nobody))
    breached = {e.name for e in cheat.of(ObjectiveEvent) if e.state == "breached"}
    held = {e.name for e in cheat.of(ObjectiveEvent) if e.state == "held"}
    assert {"availability", "latency_p95", "accuracy"} <= breached
    assert held == set()


def test_a_silence_mends_nothing(drill):
    setting = drill(SLOW)
    quieted = (11, "silence", {"matchers": ["alertname=Slow"], "length": "1h"})
    nobody, cheat = play_orders(setting), play_orders(setting, quieted)
    assert [*cheat.of(NotificationEvent), *cheat.of(PageEvent)] == []
    assert burnt(cheat) == burnt(nobody)
    assert "firing" in [event.state for event in cheat.of(AlertEvent)]
    assert debts_owed(cheat) == {"silence"}


def test_doing_nothing_mends_nothing(drill):
    run = play_orders(drill(SLOW))
    assert [e.state for e in run.of(ObjectiveEvent)] == ["breached"]
    assert burnt(run)["latency_p95"] > 15 * 60


# -- what is done, and what stays -----------------------------------------------------------


def test_a_rollback_with_nothing_to_go_back_to_fails_and_changes_nothing(quiet):
    run = play_orders(quiet, (6, "rollback", {"target": "serving"}))
    assert action_outcomes(run) == [("rollback", "failed")]
    (end,) = [e for e in run.of(ActionEvent) if e.state == "failed"]
    assert "nothing to go back to" in end.note
    assert sample_bytes(run) == sample_bytes(play_orders(quiet))


def test_what_was_learnt_from_corrupted_rows_is_a_debt(drill):
    """The upstream fix comes later; the model goes on expecting hundredfold numbers."""
    hundredfold = {"id": "x", "at": "6m", "fault": "unit_change", "for": "54m",
                   "args": {"feature": "x1", "factor": 100.0}}  # fmt: skip
    setting = drill(hundredfold, duration="75m")
    learn = (50, "retrain", {"window": "50m"})
    assert debts_owed(play_orders(setting)) == set()
    learnt = play_orders(setting, learn, (62, "rollback", {"target": "model"}))
    assert debts_owed(learnt, 62) == {"poisoned_model"}
    # The rollback of the model pays it.
    assert debts_owed(learnt) == set()


def test_emergency_replicas_and_paused_releases_are_debts_until_undone(quiet):
    orders = [(6, "scale", {"replicas": 4}), (6, "pause_releases", {})]
    back = [(20, "scale", {"replicas": 2}), (20, "pause_releases", {"pause": False})]
    assert debts_owed(play_orders(quiet, *orders)) == {"extra_replicas", "paused_releases"}
    assert debts_owed(play_orders(quiet, *orders, *back)) == set()


def test_a_run_says_where_it_was_cut_off(quiet, tmp_path):
    session = Session(quiet, 1, tmp_path)
    session.advance(MINUTE)
    session.interrupt("Ctrl-C")
    run = session.finish()
    assert not run.complete
    assert (run.events[-1].kind, run.events[-1].t) == ("interrupted", MINUTE)


def test_a_loop_over_a_door_hears_how_its_orders_ended(quiet):
    loop = Orders((6, "rollback", {"target": "serving"}), (9, "declare", {"severity": "SEV3"}))
    session = Session(quiet, 1)
    drive(session, {session.plays: loop})
    endings = [(news.data["action"], news.data["state"]) for news in loop.news]
    assert endings == [("rollback", "failed"), ("declare", "done")]
