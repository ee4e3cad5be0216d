"""The gateway before the model server: what it refuses, cuts and answers, against SimPy."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.pipeline.bends import LengthenedRequests
from simulator.pipeline.laws import Params
from simulator.pipeline.model import fallback, truncation
from simulator.pipeline.requests import COLUMNS, ID, ROW, SINCE, WORK
from simulator.pipeline.serving.client_guard import CircuitBreakerLaw, RetryBudgetLaw
from simulator.pipeline.serving.laws import PerReplicaQueueing
from simulator.pipeline.traffic.admission import truncate
from simulator.pipeline.traffic.gateway import (
    ALL,
    CACHED,
    CONSTANT,
    FORMER_MODEL,
    FallbackLaw,
    Gateway,
    LengthLimit,
    Shedding,
)
from simulator.pipeline.world import World
from tests.pipeline.model_server import ServerRun, laws
from tests.pipeline.simpy_server import (
    SimpyGateway,
    SimpyReplicaQueues,
    SimpyServer,
    assert_same_outcomes,
)

HALF = Shedding(share=0.5)
CLASSES = (("interactive", 0.7), ("batch", 0.3))


def day_behind(gateway: Gateway, seed: int = 1, dt: int = 5000, **changes: Any) -> ServerRun:
    """A model server at rest, behind a gateway."""
    day = ServerRun(laws(**changes), seed, dt)
    day.world.gateway = gateway
    return day


class SharedQueue(SimpyGateway, SimpyServer):
    """One queue behind a gateway."""


class ReplicaQueues(SimpyGateway, SimpyReplicaQueues):
    """A queue for each replica behind a gateway."""


# -- against SimPy --------------------------------------------------------------------------

guards = st.fixed_dictionaries(
    {
        "rate": st.sampled_from([30.0, 90.0, 150.0]),
        "timeout_ms": st.sampled_from([250.0, 1000.0]),
        "retries": st.integers(0, 3),
        "retry_backoff_ms": st.sampled_from([30.0, 400.0, 3000.0]),
        "queue_cap": st.sampled_from([0, 5, 60]),
        "retry_budget": st.sampled_from([None, RetryBudgetLaw(0.1, 10.0)]),
        "circuit_breaker": st.sampled_from([None, CircuitBreakerLaw(0.4, 20, 900.0, 4)]),
    }
)


@settings(max_examples=10, deadline=None)
@given(
    case=guards,
    refused=st.sampled_from([0.0, 0.3, 0.8]),
    answered=st.sampled_from([0.0, 0.4]),
    longest=st.sampled_from([1.5, float("inf")]),
    per_replica=st.booleans(),
)
def test_a_gateway_agrees_with_simpy_attempt_by_attempt(
    case: dict[str, Any], refused: float, answered: float, longest: float, per_replica: bool
) -> None:
    """Retries of refused attempts come back through budget, breaker and gateway."""
    if per_replica:
        case["per_replica"] = PerReplicaQueueing()
    gateway = Gateway(
        shedding={ALL: Shedding(refused)},
        length_limit=LengthLimit(longest, truncates=False),
        fallback=FallbackLaw(CONSTANT, share=answered),
    )
    day = day_behind(gateway, **case).until(15_000)
    params = laws(**case)
    judge = ReplicaQueues(params, [(0, 4)]) if per_replica else SharedQueue(params, 16)
    judge.refused_share, judge.answered_share, judge.longest = refused, answered, longest
    judge.run(np.concatenate(day.arrivals), 15_000)
    assert_same_outcomes(day, judge)


# -- laws -----------------------------------------------------------------------------------

gateways = st.builds(
    Gateway,
    shedding=st.dictionaries(
        st.sampled_from([ALL, "interactive", "batch"]),
        st.builds(Shedding, st.just(0.0), st.sampled_from([0.0, 5.0, 40.0]))
        | st.builds(Shedding, st.floats(0.0, 1.0)),
    ),
    length_limit=st.none() | st.builds(LengthLimit, st.floats(0.2, 3.0), st.booleans()),
    fallback=st.none() | st.builds(FallbackLaw, st.just(CONSTANT), st.floats(0.0, 1.0)),
)


@settings(max_examples=15, deadline=None)
@given(
    case=guards, gateway=gateways, seed=st.integers(0, 99), dt=st.sampled_from([500, 2500, 5000])
)
def test_every_attempt_is_served_refused_or_answered(
    case: dict[str, Any], gateway: Gateway, seed: int, dt: int
) -> None:
    def bend(params: Params, world: World, t: int) -> None:
        world.gateway = gateway if 5000 <= t < 15_000 else Gateway()

    day = ServerRun(laws(classes=CLASSES, **case), seed, dt).until(20_000, bend)
    lost = sum(day.counts[name] for name in ("shed", "timed_out", "failed"))
    assert (
        day.counts["arrived"] == day.counts["served"] + lost + day.counts["answered"] + day.inside
    )
    assert sum(sum(s.refused.values()) + s.too_long for s in day.samples) <= day.counts["shed"]


@settings(max_examples=10, deadline=None)
@given(case=guards, seed=st.integers(0, 99), dt=st.sampled_from([500, 1000, 2500]))
def test_a_dividing_tick_refuses_the_same(case: dict[str, Any], seed: int, dt: int) -> None:
    gateway = Gateway({ALL: HALF}, LengthLimit(2.0, True), FallbackLaw(CONSTANT, 0.3))
    coarse, fine = (day_behind(gateway, seed, ms, **case).until(10_000) for ms in (5000, dt))
    assert coarse.counts == fine.counts
    assert coarse.answers() == fine.answers()


def test_a_gateway_without_effect_changes_nothing() -> None:
    plain = day_behind(Gateway(), rate=140.0).until(30_000)
    idle = day_behind(Gateway({ALL: Shedding()}, LengthLimit(1e9, False)), rate=140.0).until(30_000)
    assert idle.world.gateway.active
    assert idle.counts == plain.counts
    assert idle.answers() == plain.answers()


def test_a_larger_share_refuses_all_that_a_smaller_one_does() -> None:
    passed = []
    for share in (0.2, 0.5):
        day = day_behind(Gateway({ALL: Shedding(share)}), retries=0).until(20_000)
        passed.append({request for request, _ in day.answers()})
    assert passed[1] < passed[0]


# -- load shedding --------------------------------------------------------------------------


def test_shedding_to_a_rate_lets_that_rate_pass() -> None:
    """150/s are offered, 40 pass: give or take three errors of a Poisson count, and 3 %."""
    day = day_behind(Gateway({ALL: Shedding(rate=40.0)}), rate=150.0, retries=0).until(180_000)
    passed = [s.arrived - sum(s.refused.values()) for s in day.samples]
    for minute in (passed[:12], passed[12:24], passed[24:]):
        assert sum(minute) == pytest.approx(2400, abs=3 * 2400**0.5 + 72)


def test_a_load_below_the_rate_passes_whole() -> None:
    day = day_behind(Gateway({ALL: Shedding(rate=300.0)}), rate=50.0).until(30_000)
    assert sum(sum(s.refused.values()) for s in day.samples) == 0


def test_only_the_class_is_refused() -> None:
    gateway = Gateway({"batch": Shedding(share=1.0)})
    day = day_behind(gateway, classes=CLASSES, retries=0).until(60_000)
    refused = sum(s.refused["batch"] for s in day.samples)
    assert all(set(s.refused) == {"batch"} for s in day.samples)
    # Binomial, four errors.
    n = day.counts["arrived"]
    assert refused == pytest.approx(0.3 * n, abs=4 * (n * 0.3 * 0.7) ** 0.5)
    assert day.counts["shed"] == refused


def test_shedding_ends_a_retry_storm() -> None:
    """Without it most answers come too late; with it nearly all that pass are served in time."""
    storm = {"rate": 140.0, "queue_cap": 200, "timeout_ms": 500.0, "retries": 3}
    served = [
        day_behind(Gateway(shedding), **storm).until(60_000).counts["served"]
        for shedding in ({}, {ALL: Shedding(rate=85.0)})
    ]
    assert served[1] > 1.5 * served[0]


# -- lengths --------------------------------------------------------------------------------


@pytest.mark.parametrize("truncates", [False, True])
def test_a_limit_of_length_helps_against_longer_requests(truncates: bool) -> None:
    """A third of the requests is eight times as long, more than the server can serve in time."""

    def bend(params: Params, world: World, t: int) -> None:
        params.bends.longer_requests.append(LengthenedRequests("longer", 0.3, 8.0))

    served = []
    for limit in (None, LengthLimit(2.0, truncates)):
        day = day_behind(Gateway(length_limit=limit), rate=60.0, queue_cap=200)
        day.until(60_000, bend)
        served.append(day.counts["served"] / day.counts["arrived"])
    assert served[0] < 0.5
    # Refused ones are lost: most of the long ones, and none of the others.
    assert served[1] > (0.99 if truncates else 0.65)


def test_a_request_that_is_too_long_is_not_repeated() -> None:
    day = day_behind(Gateway(length_limit=LengthLimit(1.0, False)), rate=20.0).until(60_000)
    assert day.counts["arrived"] == sum(map(len, day.arrivals))
    assert day.counts["too_long"] > 100


def test_a_cut_request_loses_its_last_columns() -> None:
    """Those that came with the request; a row that was not cut keeps all of them."""
    limit = LengthLimit(2.0, True)
    requests = np.zeros((400, COLUMNS))
    requests[:, ID], requests[:, WORK] = np.arange(400), np.where(np.arange(400) < 300, 5.0, 2.0)
    truncate(limit, requests)
    assert requests[:, WORK].max() == 2.0
    rows = np.ones((400, 4))
    world: Any = SimpleNamespace(gateway=Gateway(length_limit=limit))
    params: Any = SimpleNamespace(views={"view": ((1,), 0, 0)})
    truncation.lose_columns(world, params, requests, rows, 1)
    lost = np.isnan(rows)
    assert not lost[300:].any()
    assert not lost[:, 1].any()  # from the store
    assert lost[:300, 3].all()  # the last
    # Each of the three is the first lost column as often.
    assert lost[:300].sum(axis=0) == pytest.approx([100, 0, 200, 300], abs=30)


# -- fallback answers -----------------------------------------------------------------------


def pool(previous: bool = True) -> Any:
    """Ten rows asked about at any hour, a column of 0 to 9; even rows have a previous one."""
    before = np.where(np.arange(10) % 2 == 0, 0, -1) if previous else None
    rows = np.arange(10.0).reshape(10, 1)
    return SimpleNamespace(rows=rows, by_hour=[np.arange(10)] * 24, previous=before)


def rows_of(n: int) -> Any:
    rows = np.zeros((n, COLUMNS))
    rows[:, ID], rows[:, ROW] = np.arange(n), np.arange(n) / n
    return rows


@pytest.mark.parametrize(
    ("law", "answered"),
    [
        (FallbackLaw(CONSTANT), range(10)),
        (FallbackLaw(CONSTANT, segment=(0, 3.0, 5.0)), [3, 4, 5]),
        (FallbackLaw(FORMER_MODEL, version=6, segment=(0, 8.0, np.inf)), [8, 9]),
        (FallbackLaw(CACHED), [0, 2, 4, 6, 8]),
        (FallbackLaw(CACHED, segment=(0, 3.0, 5.0)), [4]),
    ],
)
def test_a_fallback_is_for_its_segment_and_for_known_entities(
    law: FallbackLaw, answered: Any
) -> None:
    params: Any = SimpleNamespace(
        pool=pool(), start_ms_of_day=0, bends=SimpleNamespace(mix_laws=[])
    )
    assert np.flatnonzero(fallback.applies(law, params, 0, rows_of(10), 1)).tolist() == [*answered]


def test_without_entities_nothing_is_cached() -> None:
    bends = SimpleNamespace(mix_laws=[])
    params: Any = SimpleNamespace(pool=pool(previous=False), start_ms_of_day=0, bends=bends)
    assert not fallback.applies(FallbackLaw(CACHED), params, 0, rows_of(10), 1).any()


def test_a_constant_answer_is_positive_as_often_as_ordered() -> None:
    law = FallbackLaw(CONSTANT, positive=0.3)
    none: Any = None
    logit = fallback.log_odds(law, none, none, np.zeros(0, int), np.arange(1000.0), 1)
    assert (logit > 0).mean() == pytest.approx(0.3, abs=0.05)


def test_a_cached_answer_is_that_of_the_previous_row() -> None:
    params: Any = SimpleNamespace(pool=pool())
    model = SimpleNamespace(logit=lambda rows: rows[:, 0] - 0.5)
    world: Any = SimpleNamespace(versions={7: model}, releases=SimpleNamespace(model=7))
    chosen = np.array([4, 8])
    answers = fallback.log_odds(FallbackLaw(CACHED), world, params, chosen, np.zeros(2), 1)
    assert answers.tolist() == [-0.5, -0.5]  # of row 0


def test_the_gateways_answers_stand_among_the_others_by_arrival() -> None:
    served, answered = rows_of(3), rows_of(2)
    served[:, SINCE], answered[:, SINCE] = [1, 3, 5], [2, 4]
    rows, slot, by_gateway = fallback.merge(served, np.array([0, 1, 0]), answered)
    assert rows[:, SINCE].tolist() == [1, 2, 3, 4, 5]
    assert slot.tolist() == [0, -1, 1, -1, 0]
    assert by_gateway.tolist() == [False, True, False, True, False]


def test_answers_of_the_gateway_relieve_the_server() -> None:
    overload = {"rate": 140.0, "queue_cap": 200, "timeout_ms": 500.0}
    counts = (
        day_behind(Gateway(fallback=FallbackLaw(CONSTANT, 0.5)), **overload).until(60_000).counts
    )
    assert counts["answered"] == pytest.approx(counts["arrived"] / 2, rel=0.05)
    assert counts["served"] + counts["answered"] > 0.98 * counts["arrived"]
