"""The laws of DESIGN.md, through the real session.

Each example is a run or two of the small drill, so there are few; hypothesis chooses them. The
laws of a single mechanism are tested with it (tests/pipeline).
"""

import dataclasses
import gc
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator.analysis import Timeline
from simulator.faults import FAULTS, FaultTick
from simulator.pipeline.model import labels, scoring
from simulator.pipeline.requests import ID
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving import server
from simulator.pipeline.step import step
from simulator.pipeline.traffic import arrivals
from simulator.pipeline.traffic.customers import Customers
from simulator.play import play, play_twin
from simulator.play.twins import NO_FAULT_TWIN, NONE_TWIN
from simulator.responders import drive
from simulator.responders.choose import read_playbook
from simulator.responders.playbook import Follower
from simulator.responders.replay import Replay
from simulator.run import Run
from simulator.run.events import GROUND_TRUTH, ActionEvent, OrderEvent
from simulator.score import grade
from simulator.session import Door, Order, OrderRejected, Session
from simulator.source import SourceError
from simulator.streams import Streams
from tests.small.playing import (
    LATE,
    MINUTE,
    MORE,
    NULLS,
    SLOW,
    Orders,
    action_outcomes,
    identical,
    play_orders,
    sample_bytes,
    simulated_events,
    small_setting,
)

LEAK = {
    "id": "leak",
    "at": "10m",
    "fault": "memory_leak",
    "args": {"build": 8, "per_second": "4MiB"},
}
DRIFT = {"id": "drift", "at": "10m", "fault": "concept_drift", "args": {"feature": "x3"}}
UNITS = {
    "id": "units",
    "at": "10m",
    "fault": "unit_change",
    "args": {"feature": "x1", "factor": 100.0},
}
READS = {"id": "reads", "at": "10m", "fault": "slow_dependency", "args": {"factor": 40.0}}
SHIFT = {
    "id": "shift",
    "at": "10m",
    "fault": "covariate_shift",
    "args": {"feature": "segment", "low": 1.4},
}
FAMILIES = (SLOW, LATE, NULLS, MORE, LEAK, DRIFT, UNITS, READS, SHIFT)
# Orders of every kind, right and wrong for each of the faults.
ANSWER = (
    (12, "acknowledge", {}),
    (13, "declare", {"severity": "SEV2"}),
    (14, "scale", {"replicas": 4}),
    (15, "rollback", {"target": "serving"}),
    (16, "page", {"team": "data", "about": "store-key"}),
    (18, "restart", {}),
    (20, "quarantine", {"feature": "x1"}),
    (25, "rerun_job", {"job": "fill"}),
)

faults = st.sampled_from(FAMILIES)
seeds = st.integers(0, 2**31 - 1)


def few_examples(examples):
    """A fixed set of examples; runs take too long to shrink an example that fails."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


def at(inject, minute, **more):
    """An inject at another time."""
    return {**inject, "at": f"{minute}m", **more}


# -- causality -----------------------------------------------------------------------------


@few_examples(4)
@given(fault=faults, minute=st.integers(6, 24), seed=seeds)
def test_a_fault_changes_nothing_before_it(drill, fault, minute, seed):
    calm = play_orders(drill(duration="25m"), seed=seed)
    run = play_orders(drill(at(fault, minute), duration="25m"), seed=seed)
    onset = minute * MINUTE
    before = [event for event in simulated_events(run) if event.t < onset]
    assert before == [event for event in simulated_events(calm) if event.t < onset]
    assert sample_bytes(run, onset) == sample_bytes(calm, onset)
    assert run.header.faults != calm.header.faults


@pytest.fixture(scope="module")
def calm(quiet):
    return play_orders(quiet)


def test_an_expired_credential_changes_neither_arrivals_nor_serving(drill, calm):
    run = play_orders(drill(LATE))
    same, other = sample_bytes(run), sample_bytes(calm)
    assert metric_bytes(run, "kserve") == metric_bytes(calm, "kserve")
    assert same["truth"]["latency_p95"] == other["truth"]["latency_p95"]
    assert same["truth"]["freshness"] != other["truth"]["freshness"]


def test_concept_drift_changes_no_answer(drill, calm):
    run = play_orders(drill(DRIFT))
    assert metric_bytes(run, "kserve") == metric_bytes(calm, "kserve")
    assert metric_bytes(run, "ml_prediction_mean") == metric_bytes(calm, "ml_prediction_mean")
    assert sample_bytes(run)["truth"]["accuracy"] != sample_bytes(calm)["truth"]["accuracy"]


def test_slow_answers_change_no_answer(drill, calm):
    """Nor anything that does not depend on latency: the batch graph and the accuracy."""
    gentle = {**SLOW, "args": {"build": 8, "factor": 1.2}}
    run = play_orders(drill(gentle))
    assert sample_bytes(run)["truth"]["availability"] == sample_bytes(calm)["truth"]["availability"]
    assert sample_bytes(run)["truth"]["freshness"] == sample_bytes(calm)["truth"]["freshness"]
    # Some answers leave in another tick, and count there.
    assert np.abs(run.truth["accuracy"] - calm.truth["accuracy"]).max() < 0.01


def table_names(run):
    return [str(key)[:-6] for key in run.series if str(key).endswith(".times")]


def metric_bytes(run, metric):
    """The samples of a metric, or of a job, as bytes."""
    for name in table_names(run):
        series = [str(labels) for labels in np.atleast_1d(run.series[f"{name}.series"]).tolist()]
        matches = [i for i, labels in enumerate(series) if f'"{metric}"' in labels]
        if matches:
            return run.series[f"{name}.values"][:, matches].tobytes()
    raise KeyError(metric)


@pytest.mark.parametrize("fault", FAMILIES, ids=lambda fault: fault["id"])
def test_every_fault_leaves_the_customers_the_same(drill, monkeypatch, fault):
    def customers(setting):
        ids, arrive = [], arrivals.arrive

        def spy(params, draws, sample):
            rows = arrive(params, draws, sample)
            ids.extend(rows[:, ID].tolist())
            return rows

        monkeypatch.setattr("simulator.pipeline.step.arrive", spy)
        play_orders(setting)
        monkeypatch.setattr("simulator.pipeline.step.arrive", arrive)
        return ids

    usual = customers(drill(duration="20m"))
    came = customers(drill(fault, duration="20m"))
    if fault is MORE:
        usual_ones = set(usual)
        assert len(came) > len(usual)
        came = [customer for customer in came if customer in usual_ones]
    assert came == usual
    assert len(set(usual)) == len(usual)


# -- bend, don't flag ----------------------------------------------------------------------


@few_examples(25)
@given(data=st.data())
def test_overlapping_faults_compose_and_undo_themselves(quiet, drill, data):
    """At every moment the laws are bent by the faults active then, and by no others."""
    chosen = data.draw(st.lists(faults, min_size=1, max_size=3, unique_by=lambda f: f["id"]))
    spans = [(data.draw(st.integers(0, 20)), data.draw(st.integers(1, 20))) for _ in chosen]
    setting = drill(
        *(at(f, s, **{"for": f"{d}m"}) for f, (s, d) in zip(chosen, spans, strict=True))
    )
    base = dataclasses.replace(setting.params)
    session = Session(setting, 1)
    world = session.internals.world
    for minute in range(42):
        world.now = minute * MINUTE
        for inject in setting.injects:
            if inject.at == world.now:
                session.internals.faults.start(inject, world)
        list(session.internals.faults.end_due(world))
        bent = setting.params.unbent()
        session.internals.faults.bend(bent, world)
        expected = setting.params.unbent()
        for fault in session.internals.faults.active:
            if fault.inject.at <= world.now < fault.inject.at + fault.inject.lasts:
                fault.fault.bend(expected, world, _fault_tick(fault, world))
        assert identical(_plain(bent), _plain(expected))
    assert identical(_plain(bent), _plain(setting.params.unbent()))
    assert identical(setting.params, base)


def _fault_tick(fault, world):
    return FaultTick(fault.inject.id, world.now - fault.onset)


def _plain(params):
    """Laws to compare: the pool is shared and never bent."""
    return {f.name: getattr(params, f.name) for f in dataclasses.fields(params) if f.name != "pool"}


# -- a fixed grid --------------------------------------------------------------------------


@few_examples(4)
@given(fault=faults, stops=st.lists(st.integers(1, 900_000), min_size=1, max_size=30))
def test_the_steps_of_the_caller_change_nothing(drill, fault, stops):
    setting = drill(fault, duration="25m")
    orders = [order for order in ANSWER if order[0] < 25]
    usual = play_orders(setting, *orders)
    session = Session(setting, 1)
    door = session.door("ml")
    pending, stop = list(orders), 0
    while session.now < session.ends:
        while pending and pending[0][0] * MINUTE <= session.now:
            door.submit(Order(*pending.pop(0)[1:]))
        door.seen()
        until = session.now + stops[stop % len(stops)]
        session.advance(min(until, pending[0][0] * MINUTE if pending else until))
        stop += 1
    assert session.finish().digest == usual.digest


@pytest.mark.parametrize("tick", ["5s", pytest.param("1s", marks=pytest.mark.slow)])
def test_another_tick_changes_only_noise(drill, tick):
    fault = at(SLOW, 10, **{"for": "10m"})
    coarse = play_orders(drill(fault, duration="30m"), *ANSWER[:6])
    fine = play_orders(drill(fault, duration="30m", tick=tick), *ANSWER[:6])
    assert coarse.truth_times.tolist() == fine.truth_times.tolist()
    orders = [[(e.t, e.who, e.action) for e in run.of(OrderEvent)] for run in (coarse, fine)]
    assert orders[0] == orders[1]
    assert action_outcomes(coarse) == action_outcomes(fine)
    # 4 requests a second: over a window of 5 minutes 1,200, over 15 minutes 3,600.
    for name, requests in (("availability", 1200), ("accuracy", 3600)):
        a, b = coarse.truth[name], fine.truth[name]
        error = np.sqrt(np.clip(a * (1 - a), 1e-3, None) / requests)
        assert (np.abs(a - b) < 2 * error).mean() > 0.95, name
    assert np.allclose(coarse.truth["freshness"], fine.truth["freshness"])


# -- conservation --------------------------------------------------------------------------


@few_examples(6)
@given(
    chosen=st.lists(faults, max_size=3, unique_by=lambda fault: fault["id"]),
    replicas=st.integers(0, 4),
    seed=seeds,
)
def test_every_request_is_answered_waiting_or_lost(drill, chosen, replicas, seed):
    setting = drill(*chosen, duration="25m")
    session = Session(setting, seed)
    totals, queue = session.internals.collector.totals, session.internals.world.queue
    inside = server.inside(queue, session.now)
    before = (totals.arrived, totals.served + totals.shed + totals.timed_out + totals.failed)
    drive(
        session, {session.plays: Orders((12, "scale", {"replicas": replicas}), (15, "restart", {}))}
    )
    arrived = totals.arrived - before[0]
    ended = totals.served + totals.shed + totals.timed_out + totals.failed - before[1]
    assert arrived == ended + server.inside(session.internals.world.queue, session.now) - inside
    # Each answer is a prediction, and each prediction reads the view once.
    assert totals.scored == totals.present + totals.null + totals.outside_max_age


@pytest.mark.parametrize("logged", [6, 60, 100])
def test_the_tick_does_not_change_the_number_of_logged_rows(quiet, logged):
    params = dataclasses.replace(quiet.params, logged_per_minute=logged)
    for tick in (1000, 5000, 15_000):
        counts = [
            scoring.rows_to_log(params, Sample(t, tick)) for t in range(-60_000, 540_000, tick)
        ]
        assert sum(counts) == 10 * logged
        assert max(counts) - min(counts) <= 1


def test_rows_are_kept_for_the_longest_window():
    setting = small_setting({"pipeline.model.window": "30h", "history": "32h"})
    log = setting.world.log
    assert len(labels.logged_between(log, -30 * 60 * MINUTE, 0)) == 30 * 60 * 60
    narrow = small_setting({"pipeline.monitors": [{"monitor": "psi", "window": "26h"}]})
    assert len(narrow.world.log.at) >= 26 * 60 * 60
    sets = {
        "pipeline.model.window": "8d",
        "pipeline.monitors": [{"monitor": "psi", "window": "9d"}],
    }
    with pytest.raises(SourceError) as error:
        small_setting(sets)
    assert [(complaint.path, complaint.text) for complaint in error.value.complaints] == [
        ("pipeline.model.window", "given '8d', expected '7d' or less"),
        ("pipeline.monitors[0].window", "given '9d', expected '7d' or less"),
    ]


def test_rows_are_kept_once_each(quiet):
    """The offline store has as many rows as were logged."""
    world, params = quiet.world.clone(), quiet.params
    draws, since = Customers(Streams(3)), world.log.next
    kept = 0
    for _ in range(40):
        sample = step(world, params.unbent(), 15_000, draws)
        kept += min(sample.scored, params.logged_per_minute * 15_000 // 60_000)
    assert (world.log.next - since) % len(world.log.at) == kept


# -- orders --------------------------------------------------------------------------------

ORDERS = st.sampled_from([
    *((kind, args) for _, kind, args in ANSWER),
    ("acknowledge", {"page": 99}),
    ("rollback", {"target": "nothing"}),
    ("rollback", {"target": "model"}),
    ("fix_upstream", {"target": "feed"}),
    ("materialize", {"view": "none"}),
    ("retrain", {}),
    ("silence", {"matchers": ["alertname=Slow"]}),
    ("silence", {"matchers": ["no matcher"]}),
    ("status_update", {"to": ["nobody"], "text": "hello"}),
    ("escalate", {}),
    ("escalate", {"to": "command"}),
    ("pause_releases", {}),
    ("release", {"target": "serving", "build": 9}),
    ("close", {}),
])  # fmt: skip


@few_examples(6)
@given(orders=st.lists(st.tuples(st.integers(0, 19), ORDERS), max_size=12), fault=faults)
def test_every_order_ends_exactly_once(drill, orders, fault):
    run = play_orders(drill(fault, duration="20m"), *((t, *order) for t, order in orders))
    asked = [(event.who, event.id) for event in run.of(OrderEvent)]
    begun = [(e.who, e.order) for e in run.of(ActionEvent) if e.state == "started"]
    ended = [(e.who, e.order) for e in run.of(ActionEvent) if e.ends]
    assert len([who for who, _ in asked if who == "ml"]) == len(orders)
    assert sorted(asked) == sorted(ended)
    assert set(begun) <= set(asked)
    states = {event.state for event in run.of(ActionEvent)}
    assert states <= {"waiting", "started", "done", "failed", "unknown"}


def test_an_order_under_way_at_the_end_is_unknown(drill):
    run = play_orders(drill(duration="20m"), (19.5, "rollback", {"target": "model"}))
    assert action_outcomes(run) == [("rollback", "unknown")]
    assert run.complete


# -- determinism ---------------------------------------------------------------------------


@few_examples(3)
@given(fault=faults, seed=seeds)
def test_the_same_seed_and_orders_give_the_same_run(drill, fault, seed):
    setting = drill(fault, duration="25m")
    a, b = play_orders(setting, *ANSWER, seed=seed), play_orders(setting, *ANSWER, seed=seed)
    assert a.digest == b.digest
    assert a.events == b.events
    assert sample_bytes(a) == sample_bytes(b)


def test_another_seed_gives_another_run(quiet):
    assert play_orders(quiet, seed=1).digest != play_orders(quiet, seed=2).digest


def test_a_playbook_its_orders_by_hand_and_its_replay_give_the_same_run(drill):
    setting = drill({"at": "8m", "change": "release", "args": {"target": "serving", "build": 9}},
                    {**SLOW, "args": {"build": 9, "factor": 8}})  # fmt: skip
    followed = play(setting, 3, Follower(read_playbook("latency", setting)))
    assert ("rollback", "done") in action_outcomes(followed)
    by_hand = play_orders(
        setting,
        *((e.t / MINUTE, e.action, e.args) for e in followed.of(OrderEvent)),
        seed=3,
    )
    replayed = play(setting, 3, Replay(followed, "ml"))
    assert followed.digest == by_hand.digest == replayed.digest


def test_the_run_with_no_orders_is_the_none_twin(drill):
    setting = drill(SLOW)
    alone, none = play(setting, 4), play_twin(setting, 4, NONE_TWIN)
    assert alone.digest == none.digest
    assert alone.events == none.events
    assert alone.header != none.header


# -- regrade -------------------------------------------------------------------------------


def test_a_run_read_again_or_replayed_has_the_same_grade(drill, tmp_path):
    setting = drill(SLOW)
    twins = {twin.name: play_twin(setting, 5, twin) for twin in (NO_FAULT_TWIN, NONE_TWIN)}
    (tmp_path / "run").mkdir()
    run = play(setting, 5, Orders(*ANSWER), folder=tmp_path / "run")
    scores = grade(Timeline(run, twins))
    again = Run.open(tmp_path / "run")
    assert again.digest == run.digest
    assert again.events == run.events
    assert grade(Timeline(again, twins)) == scores
    assert grade(Timeline(play(setting, 5, Replay(again, "ml")), twins)) == scores


# -- no leak of truth ----------------------------------------------------------------------

SEED = 1_987_654_321
SECRET = re.compile(
    rf"hush|lost_rows|slow_dependency|latency\.slow|{SEED}|freshness_truth|nobody-knows"
)


def reachable_texts(thing, seen):
    """Every text that can be reached from a value by public names and items."""
    if id(thing) in seen:
        return
    seen[id(thing)] = thing  # referenced, so that no id occurs twice
    if isinstance(thing, str | bytes | int | float):
        yield str(thing)
    elif isinstance(thing, dict):
        for key, value in thing.items():
            yield from reachable_texts(key, seen)
            yield from reachable_texts(value, seen)
    elif isinstance(thing, list | tuple | set | frozenset):
        for item in thing:
            yield from reachable_texts(item, seen)
        for name in getattr(thing, "_fields", ()):
            yield name
    elif isinstance(thing, np.ndarray):
        yield from map(str, thing.ravel().tolist())
    elif not callable(thing) and thing is not None:
        for name in dir(thing):
            if not name.startswith("_"):
                yield from reachable_texts(getattr(thing, name), seen)


def test_a_door_has_no_other_public_names(quiet):
    door = Session(quiet, 1).door("ml")
    assert {name for name in dir(door) if not name.startswith("_")} == {
        "player", "now", "ends", "waiting", "seen", "query", "search", "submit", "log_step",
    }  # fmt: skip


def test_nothing_leaks_through_a_door(drill):
    setting = drill(
        {"id": "hush", "at": "8m", "fault": "slow_dependency", "args": {"factor": 40.0}},
        {"id": "hush-2", "at": "9m", "fault": "expired_credential", "target": "store-key"},
        expect={
            "cause": "latency.slow_dependency",
            "inform": ["product"],
            "acceptable": ["lost_rows"],
        },
        family="hush-alerts",
        responder={"playbook": 1, "name": "hush-up", "steps": [{"act": {"restart": {}}}]},
    )
    session = Session(setting, SEED)
    header = session.log.events[0]
    facts = (header.family, header.playbook.name, *header.expect.acceptable)
    assert all(SECRET.search(fact) for fact in facts)
    door, answers = session.door("ml"), []
    wrong = [Order("slow"), Order("hush"), Order("declare", {"severity": 9}), Order("scale", {}),
             Order("diagnose", {"nobody": 1}), Order("rollback", {"target": ["x"]})]  # fmt: skip
    queries = ['{__name__=~".+"}', "ALERTS", "ALERTS_FOR_STATE", "hush", "truth_freshness"]
    orders = [order for order in ANSWER if order[1] != "quarantine"]
    while session.now < session.ends:
        answers.append(door.seen())
        for expr in (*queries, "sum(", "rate(up)", "no_such_function(up)"):
            try:
                answers.append(door.query(expr))
            except ValueError as error:
                answers.append(str(error).replace(expr, ""))
        answers.append(door.search(".", 10**9))
        while orders and orders[0][0] * MINUTE <= session.now:
            door.submit(Order(*orders.pop(0)[1:]))
        for order in wrong:
            with pytest.raises(OrderRejected) as error:
                door.submit(order)
            answers.append(str(error.value).replace(order.kind, ""))
        session.advance(session.now + 5 * MINUTE)
    run = session.finish()
    texts = list(reachable_texts([door, answers], {}))
    assert {"landed", "inject", "objective"} <= {event.kind for event in run.events}
    assert len(texts) > 1000
    assert [text for text in texts if SECRET.search(text)] == []


def test_public_events_of_the_log_name_no_fault(drill):
    """Events of the kinds in GROUND_TRUTH are not served to players."""
    run = play_orders(drill({**SLOW, "id": "hush"}), *ANSWER)
    public = [event for event in run.events if not isinstance(event, GROUND_TRUTH)]
    assert [event for event in public if re.search("hush|slow_build", str(event))] == []


def test_errors_do_not_hold_on_to_the_session(quiet):
    """A responder in another process gets an error's text, never the values of its frames."""
    session = Session(quiet, 1)
    with pytest.raises(OrderRejected) as error:
        session.door("ml").submit(Order("nothing"))
    assert error.value.__cause__ is None
    assert not any(
        isinstance(value, Session | Door) for value in gc.get_referents(error.value.args)
    )


@pytest.mark.parametrize("name", FAULTS.names())
def test_no_series_names_a_fault(quiet, name):
    series = [str(quiet.collector.store.arrays()[key]) for key in quiet.collector.store.arrays()
              if str(key).endswith(".series")]  # fmt: skip
    assert not any(re.search(rf"\b{name}\b", text) for text in series)
