"""Laws of drills with several players: any players, orders, live injects and conditions.

Every run replays to its digest; a twin differs from its run in one thing only, and is equal to it
before that, bit for bit.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.responders import drive
from simulator.responders.replay import Replay
from simulator.run import NO_FAULT, Player, leave_one_out_name
from simulator.run.events import ActionEvent, InjectEvent, OrderEvent
from simulator.session import Session
from simulator.telemetry.cells import is_missing
from tests.small.playing import LATE, NULLS, SLOW, Orders, sample_bytes
from tests.test_laws import ORDERS, few_examples

PEOPLE = (
    Player("ana", "ml"),
    Player("ben", "ml", graded=False),
    Player("bot", "ml", kind="automation", rate=2),
    Player("dee", "data"),
)
GM = Player("gm", role="facilitator", graded=False)
LIVE = st.sampled_from([
    ("inject", {"fault": "overload", "args": {"rate": "80/s"}, "id": "live", "for": "5m"}),
    ("inject", {"fault": "expired_credential", "target": "feed-key", "id": "live"}),
    ("inject", {"change": "release", "args": {"target": "serving", "build": 9}}),
    ("hint", {"to": "ml", "text": "look at the rows"}),
    ("message", {"from": "ceo", "to": "primary", "text": "why is it slow?"}),
    ("end", {"reason": "enough"}),
])  # fmt: skip
CONDITIONS = st.sampled_from([
    {"at": "9m"},
    {"when": {"objective": "latency_p95", "breached": "2m"}},
    {"when": {"event": "declared", "after": "1m"}},
    {"when": {"mitigated": True}},
    {"at": "12m", "unless": {"mitigated": True}},
    {"unless": {"event": "acknowledged", "by": "14m"}},
])  # fmt: skip
CONTINGENT = st.sampled_from([
    {"fault": "missing_values", "args": {"feature": "x2"}},
    {"change": "rollback", "args": {"target": "serving"}},
    {"message": {"from": "product", "to": "primary", "text": "Is it us?"}},
])  # fmt: skip


@st.composite
def games(draw):
    """Injects, players, and each player's orders with their minutes."""
    contingent = {"id": "later", **draw(CONDITIONS), **draw(CONTINGENT)}
    injects = [draw(st.sampled_from([SLOW, LATE, NULLS])), contingent]
    people = draw(st.lists(st.sampled_from(PEOPLE), min_size=1, unique=True))
    players = [*people, GM] if draw(st.booleans()) else people
    minutes = st.sampled_from([7, 11, 11, 13])  # few, so that orders wait for hands
    orders = {}
    for player in players:
        kinds = LIVE if player.role == "facilitator" else ORDERS
        asked = draw(st.lists(st.tuples(minutes, kinds), max_size=4))
        orders[player.name] = [(minute, kind, args) for minute, (kind, args) in asked]
    return injects, players, orders


def run_of(setting, players, responders, **options):
    session = Session(setting, 1, players=players, **options)
    drive(session, responders)
    return session.finish()


def replay_of(setting, run, **options):
    """The run again from its log alone, with one difference or none."""
    players = run.header.players
    return run_of(setting, players, {p.name: Replay(run, p.name) for p in players}, **options)


def before(run, t):
    """What a run did before a time, ms."""
    events = [event for event in run.events if event.t < t and event.in_digest]
    truth = {name: values[run.truth_times < t].tobytes() for name, values in run.truth.items()}
    return events, truth, samples_before(run, t)


def samples_before(run, t):
    """The samples of each series that had any before a time, as bytes, by its labels."""
    samples = {}
    for number in range(len(run.series["tables"])):
        rows = run.series[f"{number}.times"] < t
        values = run.series[f"{number}.values"][rows]
        for column, labels in enumerate(run.series[f"{number}.series"]):
            if not is_missing(values[:, column]).all():
                samples[str(labels)] = values[:, column].tobytes()
    return samples


@few_examples(4)
@given(game=games())
def test_every_run_replays_to_its_digest(drill, game):
    injects, players, orders = game
    setting = drill(*injects, duration="20m")
    run = run_of(setting, players, {name: Orders(*asked) for name, asked in orders.items()})
    again = replay_of(setting, run)
    assert again.digest == run.digest
    assert sample_bytes(again) == sample_bytes(run)


@few_examples(4)
@given(game=games(), data=st.data())
def test_a_twin_without_an_order_is_the_run_until_then(drill, game, data):
    injects, players, orders = game
    setting = drill(*injects, duration="20m")
    run = run_of(setting, players, {name: Orders(*asked) for name, asked in orders.items()})
    players_orders = [event for event in run.of(OrderEvent) if not event.simulated]
    if not players_orders:
        return
    left_out = data.draw(st.sampled_from(players_orders))
    key = (left_out.who, left_out.id)
    twin = replay_of(setting, run, omitted=frozenset({key}))
    started = [e.t for e in run.of(ActionEvent) if (e.who, e.order) == key and e.state == "started"]
    difference = started[0] if started else run.header.duration
    its_own = [e for e in run.events if e.t < difference and _is_of(e, key)]
    events, *measured = before(run, difference)
    expected = [event for event in events if event not in its_own]
    assert before(twin, difference) == (expected, *measured)
    assert not any(_is_of(event, key) for event in twin.events)
    # All others start at the same times under the same numbers.
    end = min(run.events[-1].t, twin.events[-1].t)
    others = [start for start in starts(run, end) if start[1:] != key]
    assert starts(twin, end) == others


@few_examples(4)
@given(game=games())
def test_a_twin_without_a_fault_is_the_run_until_its_onset(drill, game):
    injects, players, orders = game
    setting = drill(*injects, duration="20m")
    run = run_of(setting, players, {name: Orders(*asked) for name, asked in orders.items()})
    faults = [event for event in run.of(InjectEvent) if event.type == "fault"]
    for fault in faults:
        twin = replay_of(setting, run, twin=leave_one_out_name(fault.id))
        assert before(twin, fault.t) == before(run, fault.t)
        assert fault.id not in [event.id for event in twin.of(InjectEvent)]
    if faults:
        calm = replay_of(setting, run, twin=NO_FAULT)
        assert before(calm, faults[0].t) == before(run, faults[0].t)
        assert [e for e in calm.of(InjectEvent) if e.type == "fault"] == []


@pytest.mark.slow
@few_examples(60)
@given(game=games(), data=st.data())
def test_all_three_for_many_games(drill, game, data):
    test_every_run_replays_to_its_digest.hypothesis.inner_test(drill, game)
    test_a_twin_without_an_order_is_the_run_until_then.hypothesis.inner_test(drill, game, data)
    test_a_twin_without_a_fault_is_the_run_until_its_onset.hypothesis.inner_test(drill, game)


def starts(run, until):
    """When the players' orders started: time, player, number."""
    players = {player.name for player in run.header.players}
    started = [e for e in run.of(ActionEvent) if e.state == "started" and e.who in players]
    return [(e.t, e.who, e.order) for e in started if e.t < until]


def _is_of(event, key):
    """Whether an event belongs to an order, by its player and number."""
    if isinstance(event, OrderEvent):
        return (event.who, event.id) == key
    return isinstance(event, ActionEvent) and (event.who, event.order) == key
