"""Orders of facilitators in a live drill: injects, hints, messages, an end."""

import pytest
from pydantic import ValidationError

from simulator.actions import ACTIONS, RESPONDER
from simulator.analysis import Timeline
from simulator.run import NO_FAULT, Player
from simulator.run.events import (
    ActionEvent,
    DroppedEvent,
    EndedEvent,
    EndEvent,
    InjectEvent,
    LandedEvent,
    LineEvent,
    MessageEvent,
    OrderEvent,
    PhaseEvent,
)
from simulator.score import grade
from simulator.session import Order, OrderRejected, Session
from simulator.source import SourceError
from tests.small.playing import MINUTE, NULLS, SLOW

OVERLOAD = {"fault": "overload", "args": {"rate": "80/s"}}
FACILITATING = [name for name, cls in ACTIONS.all().items() if RESPONDER not in cls.roles]
EXAMPLES = {
    "end": {},
    "hint": {"to": "ml", "text": "look at the rows"},
    "inject": OVERLOAD,
    "message": {"from": "ceo", "to": "primary", "text": "why is it slow?"},
}


def facilitated(setting, *orders, twin="", who="gm"):
    """The session at the end of a drill with these orders of a facilitator, and the inbox of ml."""
    players = [Player("ml", "ml"), Player("gm", role="facilitator")]
    session = Session(setting, 1, players=players, twin=twin)
    team, door = session.door("ml"), session.door(who)
    for minute, kind, args in orders:
        while session.now < minute * MINUTE:
            session.advance(minute * MINUTE)
            door.seen()
        door.submit(Order(kind, args))
    while session.now < session.ends:
        session.advance(session.ends)
        door.seen()
    return session, team.seen().news


def ordered(setting, *orders, **options):
    session, _ = facilitated(setting, *orders, **options)
    return session.finish()


@pytest.mark.parametrize("kind", FACILITATING)
def test_a_responder_may_not_order_it(kind, quiet):
    session = Session(quiet, 1)
    with pytest.raises(
        OrderRejected, match=f"{kind}: it is for a facilitator, and ml is a responder"
    ):
        session.door("ml").submit(Order(kind, EXAMPLES[kind]))
    assert list(session.finish().of(OrderEvent)) == []


def test_a_fault_starts_in_the_tick_after_its_order(quiet):
    run = ordered(quiet, (6, "inject", OVERLOAD | {"for": "10m"}))
    (order,), (inject,) = run.of(OrderEvent), run.of(InjectEvent)
    assert (order.t, inject.t) == (6 * MINUTE, 6 * MINUTE + 15_000)
    assert (inject.id, inject.type, inject.args) == (
        "overload-gm-1", "fault", OVERLOAD["args"],
    )  # fmt: skip
    assert [event.fault for event in run.of(LandedEvent)] == ["overload-gm-1"]
    assert [(event.t - inject.t, event.why) for event in run.of(EndedEvent)] == [
        (10 * MINUTE, "for")
    ]
    assert [event.name for event in run.of(PhaseEvent)][-2:] == ["injects", "end"]


def test_a_fault_of_the_only_target_need_not_name_it(quiet):
    run = ordered(quiet, (6, "inject", {"fault": "slow_build", "args": {"build": 8}, "id": "it"}))
    assert [(event.id, event.target) for event in run.of(InjectEvent)] == [("it", "serving")]


def test_a_change_is_an_action_of_the_organisation(quiet):
    args = {"target": "serving", "build": 9}
    run = ordered(quiet, (6, "inject", {"change": "release", "args": args}))
    assert [event.text for event in run.of(LineEvent) if event.who == "deploy"] == [
        "serving 9 deployed"
    ]


def test_two_injects_of_a_fault_have_names_of_their_own(quiet):
    run = ordered(quiet, (6, "inject", OVERLOAD), (7, "inject", OVERLOAD))
    results = [event.result for event in run.of(ActionEvent) if event.state == "done"]
    assert results == [{"id": "overload-gm-1"}, {"id": "overload-gm-2"}]


@pytest.mark.parametrize("twin", [NO_FAULT, "without-it"])
def test_a_twin_without_the_fault_differs_in_the_fault_only(twin, quiet):
    """Its order is carried out as in the run, and nothing starts."""
    orders = [(6, "inject", OVERLOAD | {"id": "it"}), (7, "hint", EXAMPLES["hint"])]
    run, without = ordered(quiet, *orders), ordered(quiet, *orders, twin=twin)
    for kind in (OrderEvent, ActionEvent, MessageEvent):
        assert list(run.of(kind)) == list(without.of(kind))
    assert list(without.of(InjectEvent)) == []
    still = ordered(quiet, (7, "hint", EXAMPLES["hint"]))
    assert list(without.of(LineEvent)) == list(still.of(LineEvent))


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"fault": "slow_built"}, "fault: unknown fault 'slow_built'; did you mean 'slow_build'?"),
        (
            {"fault": "slow_build", "args": {"bild": 8}},
            "args.bild: unknown key; did you mean 'build'?",
        ),
        ({"fault": "slow_build", "args": {"build": 8, "factor": 0}}, "args.factor: given 0"),
        ({"fault": "expired_credential", "target": "key"}, "target: unknown credential 'key'"),
        ({"fault": "expired_credential"}, "target is missing; expected one of store-key, feed-key"),
        (OVERLOAD | {"target": "serving"}, "target: overload has no target"),
        ({"fault": "missing_values", "args": {"feature": "x9"}}, "args.feature: unknown column"),
        ({"change": "rollbak"}, "change: unknown action 'rollbak'; did you mean 'rollback'?"),
        ({"change": "rollback", "for": "5m", "args": {"target": "model"}}, "for: only a fault"),
        ({"change": "hint", "args": EXAMPLES["hint"]}, "change: hint is an order of a facilitator"),
        (OVERLOAD | {"id": "nulls"}, "id: there is an inject 'nulls' already"),
    ],
)
def test_an_inject_that_cannot_be_bound_is_refused(spec, why, drill):
    players = [Player("gm", role="facilitator")]
    door = Session(drill(NULLS), 1, players=players).door("gm")
    with pytest.raises(OrderRejected) as refusal:
        door.submit(Order("inject", spec))
    assert str(refusal.value).startswith("inject: ")
    assert why in str(refusal.value)


@pytest.mark.parametrize(
    ("args", "stated"), [({}, "neither"), ({"fault": "overload", "change": "rollback"}, "both")]
)
def test_an_inject_is_one_thing(args, stated):
    with pytest.raises(ValidationError, match=f"expected one of fault, change; given {stated}"):
        ACTIONS.get("inject").model_validate(args)


def test_a_second_inject_of_one_name_in_a_tick_fails(quiet):
    orders = [(6, "inject", OVERLOAD | {"id": "it"})] * 2
    run = ordered(quiet, *orders)
    events = [event for event in run.of(ActionEvent) if event.ends]
    assert [(event.state, event.note) for event in events] == [
        ("done", "it starts"),
        ("failed", "id: there is an inject 'it' already"),
    ]


@pytest.mark.parametrize(("kind", "sender"), [("hint", "gm"), ("message", "ceo")])
def test_a_message_reaches_the_team(kind, sender, quiet):
    session, news = facilitated(quiet, (6, kind, EXAMPLES[kind]))
    text = EXAMPLES[kind]["text"]
    assert [item.data for item in news] == [{"from": sender, "text": text}]
    (message,) = session.finish().of(MessageEvent)
    assert (message.who, message.to, message.text) == (sender, EXAMPLES[kind]["to"], text)


@pytest.mark.parametrize("kind", ["hint", "message"])
def test_a_message_to_nobody_fails(kind, quiet):
    run = ordered(quiet, (6, kind, EXAMPLES[kind] | {"to": "mll"}))
    (_, end) = run.of(ActionEvent)
    assert (end.state, end.note) == ("failed", "nobody is called 'mll'; did you mean 'ml'?")
    assert list(run.of(MessageEvent)) == []


def test_a_facilitator_ends_the_drill(drill):
    run = ordered(drill(SLOW), (12, "end", {"reason": "they have seen it"}))
    (end,) = run.of(EndEvent)
    assert (end.t, end.reason) == (12 * MINUTE + 15_000, "they have seen it")
    assert [event.name for event in run.of(PhaseEvent)][-1] == "end"
    assert run.truth_times[-1] == end.t


def test_a_fault_that_an_early_end_forestalls_is_dropped(drill):
    run = ordered(drill(SLOW, NULLS | {"at": "20m"}), (12, "end", {}))
    assert [(event.id, event.why) for event in run.of(DroppedEvent)] == [
        ("nulls", "the drill ended first")
    ]
    assert [why for why in grade(Timeline(run)).why if "injected" in why.text] == []


def test_a_drill_ended_by_nobody_has_its_length(quiet):
    assert [(event.t, event.reason) for event in ordered(quiet).of(EndEvent)] == [
        (30 * MINUTE, "duration")
    ]


def test_a_scenario_has_no_orders_of_facilitators(drill):
    text = r"injects\[0\].change: hint is an order of a facilitator, and no change"
    with pytest.raises(SourceError, match=text):
        drill({"at": "6m", "change": "hint", "args": EXAMPLES["hint"]})


def test_a_playbook_has_no_orders_of_facilitators(drill):
    steps = [{"act": {"hint": EXAMPLES["hint"]}}]
    text = r"responder.steps\[0\].act.hint: only a facilitator may order it"
    with pytest.raises(SourceError, match=text):
        drill(responder={"playbook": 1, "name": "hints", "steps": steps})
