"""The laws of DESIGN.md, through the real session.

Each example is a run or two of the small drill, so there are few of them; hypothesis
chooses which. Laws of one mechanism alone are tested beside it (tests/pipeline).
"""

import dataclasses
import gc
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator.faults import FAULTS, FaultTick
from simulator.pipeline.model import labels, scoring
from simulator.pipeline.requests import ID
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving import server
from simulator.pipeline.step import step
from simulator.pipeline.traffic import arrivals
from simulator.pipeline.traffic.customers import Customers
from simulator.responders import drive
from simulator.responders.choose import read_playbook
from simulator.responders.playbook import Follower
from simulator.responders.replay import Replay
from simulator.run import GROUND_TRUTH, Run
from simulator.score import grade
from simulator.session import Door, Order, OrderRejected, Session
from simulator.source import SourceError
from simulator.streams import Streams
from simulator.twins import play, play_twin
from tests.small.story import (
    LATE,
    MINUTE,
    MORE,
    NULLS,
    SLOW,
    Orders,
    actions,
    alike,
    bound,
    happened,
    played,
    tables,
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
# What an answer to any of them might be: orders of every kind, right and wrong ones.
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


def few(examples):
    """So many examples, always the same; runs take too long to shrink one that fails."""
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


# -- causality ---------------------------------------------------------------------------


@few(4)
@given(fault=faults, minute=st.integers(6, 24), seed=seeds)
def test_a_fault_changes_nothing_before_it(drill, fault, minute, seed):
    calm = played(drill(duration="25m"), seed=seed)
    run = played(drill(at(fault, minute), duration="25m"), seed=seed)
    onset = minute * MINUTE
    before = [event for event in happened(run) if event.t < onset]
    assert before == [event for event in happened(calm) if event.t < onset]
    assert tables(run, onset) == tables(calm, onset)
    # What is before the drill has no bit of it either.
    assert run.header["faults"] != calm.header["faults"]


@pytest.fixture(scope="module")
def calm(quiet):
    return played(quiet)


def test_a_credential_never_changes_who_comes_nor_how_they_are_served(drill, calm):
    run = played(drill(LATE))
    same, other = tables(run), tables(calm)
    assert columns(run, "kserve") == columns(calm, "kserve")
    assert same["truth"]["latency_p95"] == other["truth"]["latency_p95"]
    assert same["truth"]["freshness"] != other["truth"]["freshness"]


def test_a_drift_of_truth_never_changes_what_is_served(drill, calm):
    run = played(drill(DRIFT))
    assert columns(run, "kserve") == columns(calm, "kserve")
    assert columns(run, "ml_prediction_mean") == columns(calm, "ml_prediction_mean")
    assert tables(run)["truth"]["accuracy"] != tables(calm)["truth"]["accuracy"]


def test_slow_answers_change_nothing_of_what_is_answered(drill, calm):
    """Nothing ever in what does not depend on it: the batch graph, and who is right."""
    gentle = {**SLOW, "args": {"build": 8, "factor": 1.2}}
    run = played(drill(gentle))
    assert tables(run)["truth"]["availability"] == tables(calm)["truth"]["availability"]
    assert tables(run)["truth"]["freshness"] == tables(calm)["truth"]["freshness"]
    # Answers leave in another tick now and then, and are counted there.
    assert np.abs(run.truth["accuracy"] - calm.truth["accuracy"]).max() < 0.01


def names(run):
    return [str(key)[:-6] for key in run.series if str(key).endswith(".times")]


def columns(run, metric):
    """The samples of a metric, or of a job, as bits."""
    for name in names(run):
        series = [str(one) for one in np.atleast_1d(run.series[f"{name}.series"]).tolist()]
        found = [i for i, one in enumerate(series) if f'"{metric}"' in one]
        if found:
            return run.series[f"{name}.values"][:, found].tobytes()
    raise KeyError(metric)


@pytest.mark.parametrize("fault", FAMILIES, ids=lambda fault: fault["id"])
def test_the_same_customers_come_whatever_happens(drill, monkeypatch, fault):
    def customers(setting):
        ids, arrive = [], arrivals.arrive

        def spy(params, draws, sample):
            rows = arrive(params, draws, sample)
            ids.extend(rows[:, ID].tolist())
            return rows

        monkeypatch.setattr("simulator.pipeline.step.arrive", spy)
        played(setting)
        monkeypatch.setattr("simulator.pipeline.step.arrive", arrive)
        return ids

    usual = customers(drill(duration="20m"))
    came = customers(drill(fault, duration="20m"))
    if fault is MORE:
        usual_ones = set(usual)
        assert len(came) > len(usual)
        came = [one for one in came if one in usual_ones]
    assert came == usual
    assert len(set(usual)) == len(usual)


# -- bend, don't flag ----------------------------------------------------------------------


@few(25)
@given(data=st.data())
def test_overlapping_faults_compose_and_undo_themselves(quiet, drill, data):
    """At every moment the laws are those of the faults that bite then, and no others."""
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
                session.internals.faults.begin(inject, world)
        list(session.internals.faults.end_due(world))
        bent = setting.params.unbent()
        session.internals.faults.bend(bent, world)
        alone = setting.params.unbent()
        for one in session.internals.faults.active:
            if one.inject.at <= world.now < one.inject.at + one.inject.lasts:
                one.fault.bend(alone, world, _bite(one, world))
        assert alike(_plain(bent), _plain(alone))
    assert alike(_plain(bent), _plain(setting.params.unbent()))
    assert alike(setting.params, base)


def _bite(one, world):
    return FaultTick(one.inject.id, world.now - one.onset)


def _plain(params):
    """Laws to compare: the pool is shared and never bent."""
    return {f.name: getattr(params, f.name) for f in dataclasses.fields(params) if f.name != "pool"}


# -- a fixed grid ----------------------------------------------------------------------------


@few(4)
@given(fault=faults, stops=st.lists(st.integers(1, 900_000), min_size=1, max_size=30))
def test_whoever_drives_and_however_far(drill, fault, stops):
    setting = drill(fault, duration="25m")
    orders = [order for order in ANSWER if order[0] < 25]
    usual = played(setting, *orders)
    session = Session(setting, 1)
    door = session.door("ml")
    left, stop = list(orders), 0
    while session.now < session.ends:
        while left and left[0][0] * MINUTE <= session.now:
            door.submit(Order(*left.pop(0)[1:]))
        door.seen()
        until = session.now + stops[stop % len(stops)]
        session.advance(min(until, left[0][0] * MINUTE if left else until))
        stop += 1
    assert session.finish().digest == usual.digest


@pytest.mark.parametrize("tick", ["5s", pytest.param("1s", marks=pytest.mark.slow)])
def test_another_tick_moves_nothing_but_noise(drill, tick):
    fault = at(SLOW, 10, **{"for": "10m"})
    coarse = played(drill(fault, duration="30m"), *ANSWER[:6])
    fine = played(drill(fault, duration="30m", tick=tick), *ANSWER[:6])
    assert coarse.truth_times.tolist() == fine.truth_times.tolist()
    given = [[(e.t, e.who, e.data["action"]) for e in run.of("order")] for run in (coarse, fine)]
    assert given[0] == given[1]
    assert actions(coarse) == actions(fine)
    # 4 requests a second: over a window of 5 minutes 1,200, over 15 minutes 3,600.
    for name, requests in (("availability", 1200), ("accuracy", 3600)):
        a, b = coarse.truth[name], fine.truth[name]
        error = np.sqrt(np.clip(a * (1 - a), 1e-3, None) / requests)
        assert (np.abs(a - b) < 2 * error).mean() > 0.95, name
    assert np.allclose(coarse.truth["freshness"], fine.truth["freshness"])


# -- conservation ----------------------------------------------------------------------------


@few(6)
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
    drive(session, Orders((12, "scale", {"replicas": replicas}), (15, "restart", {})))
    arrived = totals.arrived - before[0]
    left = totals.served + totals.shed + totals.timed_out + totals.failed - before[1]
    assert arrived == left + server.inside(session.internals.world.queue, session.now) - inside
    # Each answer is a prediction, and each prediction reads the view once.
    assert totals.scored == totals.present + totals.null + totals.outside_max_age


@pytest.mark.parametrize("logged", [6, 60, 100])
def test_as_many_rows_are_logged_whatever_the_tick(quiet, logged):
    params = dataclasses.replace(quiet.params, logged_per_minute=logged)
    for tick in (1000, 5000, 15_000):
        counts = [scoring.to_log(params, Sample(t, tick)) for t in range(-60_000, 540_000, tick)]
        assert sum(counts) == 10 * logged
        assert max(counts) - min(counts) <= 1


def test_rows_are_kept_as_long_as_anybody_looks_back():
    setting = bound({"pipeline.model.window": "30h", "history": "32h"})
    log = setting.world.log
    assert len(labels.recent(log, -30 * 60 * MINUTE, 0)) == 30 * 60 * 60
    narrow = bound({"pipeline.monitors": [{"monitor": "psi", "window": "26h"}]})
    assert len(narrow.world.log.at) >= 26 * 60 * 60
    sets = {
        "pipeline.model.window": "8d",
        "pipeline.monitors": [{"monitor": "psi", "window": "9d"}],
    }
    with pytest.raises(SourceError) as error:
        bound(sets)
    assert [(one.path, one.text) for one in error.value.complaints] == [
        ("pipeline.model.window", "given '8d', expected '7d' or less"),
        ("pipeline.monitors[0].window", "given '9d', expected '7d' or less"),
    ]


def test_rows_are_kept_once_each(quiet):
    """In the offline store too nothing is lost: as many rows as were logged a minute."""
    world, params = quiet.world.clone(), quiet.params
    draws, since = Customers(Streams(3)), world.log.next
    kept = 0
    for _ in range(40):
        sample = step(world, params.unbent(), 15_000, draws)
        kept += min(sample.scored, params.logged_per_minute * 15_000 // 60_000)
    assert (world.log.next - since) % len(world.log.at) == kept


# -- orders ----------------------------------------------------------------------------------

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


@few(6)
@given(orders=st.lists(st.tuples(st.integers(0, 19), ORDERS), max_size=12), fault=faults)
def test_every_order_ends_exactly_once(drill, orders, fault):
    run = played(drill(fault, duration="20m"), *((t, *order) for t, order in orders))
    asked = [(event.who, event.data["id"]) for event in run.of("order")]
    begun = [(e.who, e.data["order"]) for e in run.of("action") if e.data["state"] == "started"]
    ended = [(e.who, e.data["order"]) for e in run.of("action") if e.data["state"] != "started"]
    assert len([who for who, _ in asked if who == "ml"]) == len(orders)
    assert sorted(asked) == sorted(begun) == sorted(ended)
    states = {event.data["state"] for event in run.of("action")}
    assert states <= {"started", "done", "failed", "unknown"}


def test_an_order_under_way_at_the_end_is_unknown(drill):
    run = played(drill(duration="20m"), (19.5, "rollback", {"target": "model"}))
    assert actions(run) == [("rollback", "unknown")]
    assert run.complete


# -- determinism -----------------------------------------------------------------------------


@few(3)
@given(fault=faults, seed=seeds)
def test_the_same_seed_and_orders_give_the_same_run(drill, fault, seed):
    setting = drill(fault, duration="25m")
    a, b = played(setting, *ANSWER, seed=seed), played(setting, *ANSWER, seed=seed)
    assert a.digest == b.digest
    assert a.events == b.events
    assert tables(a) == tables(b)


def test_another_seed_gives_another_run(quiet):
    assert played(quiet, seed=1).digest != played(quiet, seed=2).digest


def test_a_playbook_a_loop_over_a_door_and_a_replay_are_one(drill):
    setting = drill({"at": "8m", "change": "release", "args": {"target": "serving", "build": 9}},
                    {**SLOW, "args": {"build": 9, "factor": 8}})  # fmt: skip
    followed = play(setting, 3, Follower(read_playbook("latency", setting)))
    assert ("rollback", "done") in actions(followed)
    by_hand = played(
        setting,
        *((e.t / MINUTE, e.data["action"], e.data["args"]) for e in followed.of("order")),
        seed=3,
    )
    replayed = play(setting, 3, Replay(followed))
    assert followed.digest == by_hand.digest == replayed.digest


def test_the_run_with_no_orders_is_the_none_twin(drill):
    setting = drill(SLOW)
    alone, none = play(setting, 4), play_twin(setting, 4, "none")
    assert alone.digest == none.digest
    assert alone.events == none.events
    assert alone.header != none.header


# -- regrade ---------------------------------------------------------------------------------


def test_a_run_read_again_or_replayed_has_the_same_grade(drill, tmp_path):
    setting = drill(SLOW)
    twins = {which: play_twin(setting, 5, which) for which in ("no-fault", "none")}
    (tmp_path / "run").mkdir()
    run = play(setting, 5, Orders(*ANSWER), folder=tmp_path / "run")
    found = grade(run, twins)
    again = Run.open(tmp_path / "run")
    assert again.digest == run.digest
    assert again.events == run.events
    assert grade(again, twins) == found
    assert grade(play(setting, 5, Replay(again)), twins) == found


# -- nothing leaks ---------------------------------------------------------------------------

SEED = 1_987_654_321
SECRET = re.compile(rf"hush|slow_dependency|latency\.slow|{SEED}|freshness_truth|nobody-knows")


def open_to(thing, seen):
    """Every text that can be reached from a thing by its public names and its items."""
    if id(thing) in seen:
        return
    seen[id(thing)] = thing  # kept, so that no id is given twice
    if isinstance(thing, str | bytes | int | float):
        yield str(thing)
    elif isinstance(thing, dict):
        for key, value in thing.items():
            yield from open_to(key, seen)
            yield from open_to(value, seen)
    elif isinstance(thing, list | tuple | set | frozenset):
        for one in thing:
            yield from open_to(one, seen)
        for name in getattr(thing, "_fields", ()):
            yield name
    elif isinstance(thing, np.ndarray):
        yield from map(str, thing.ravel().tolist())
    elif not callable(thing) and thing is not None:
        for name in dir(thing):
            if not name.startswith("_"):
                yield from open_to(getattr(thing, name), seen)


def test_a_door_has_three_verbs_and_a_clock(quiet):
    door = Session(quiet, 1).door("ml")
    assert {name for name in dir(door) if not name.startswith("_")} == {
        "player", "now", "ends", "waiting", "seen", "query", "search", "submit",
    }  # fmt: skip


def test_nothing_leaks_through_a_door(drill):
    setting = drill(
        {"id": "hush", "at": "8m", "fault": "slow_dependency", "args": {"factor": 40.0}},
        {"id": "hush-2", "at": "9m", "fault": "expired_credential", "target": "store-key"},
        expect={"cause": "latency.slow_dependency", "inform": ["product"]},
    )
    session = Session(setting, SEED)
    door, said = session.door("ml"), []
    wrong = [Order("slow"), Order("hush"), Order("declare", {"severity": 9}), Order("scale", {}),
             Order("diagnose", {"nobody": 1}), Order("rollback", {"target": ["x"]})]  # fmt: skip
    queries = ['{__name__=~".+"}', "ALERTS", "ALERTS_FOR_STATE", "hush", "truth_freshness"]
    orders = [order for order in ANSWER if order[1] != "quarantine"]
    while session.now < session.ends:
        said.append(door.seen())
        for expr in (*queries, "sum(", "rate(up)", "no_such_function(up)"):
            try:
                said.append(door.query(expr))
            except ValueError as error:
                said.append(str(error).replace(expr, ""))
        said.append(door.search(".", 10**9))
        while orders and orders[0][0] * MINUTE <= session.now:
            door.submit(Order(*orders.pop(0)[1:]))
        for order in wrong:
            with pytest.raises(OrderRejected) as error:
                door.submit(order)
            said.append(str(error.value).replace(order.kind, ""))
        session.advance(session.now + 5 * MINUTE)
    run = session.finish()
    texts = list(open_to([door, said], {}))
    assert {"landed", "inject", "objective"} <= {event.kind for event in run.events}
    assert len(texts) > 1000
    assert [text for text in texts if SECRET.search(text)] == []


def test_what_is_truth_in_the_log_is_named_truth(drill):
    """Whoever serves a log leaves these out; the others tell of no fault."""
    run = played(drill({**SLOW, "id": "hush"}), *ANSWER)
    public = [event for event in run.events if event.kind not in GROUND_TRUTH]
    assert [event for event in public if re.search("hush|slow_build", str(event))] == []


def test_errors_do_not_hold_on_to_the_session(quiet):
    """A responder in another process may be sent an error's text, never its frames' values."""
    session = Session(quiet, 1)
    with pytest.raises(OrderRejected) as error:
        session.door("ml").submit(Order("nothing"))
    assert error.value.__cause__ is None
    assert not any(isinstance(one, Session | Door) for one in gc.get_referents(error.value.args))


@pytest.mark.parametrize("name", FAULTS.names())
def test_alerts_and_series_bear_no_name_of_a_fault(quiet, name):
    series = [str(quiet.collector.store.arrays()[key]) for key in quiet.collector.store.arrays()
              if str(key).endswith(".series")]  # fmt: skip
    assert not any(re.search(rf"\b{name}\b", text) for text in series)
