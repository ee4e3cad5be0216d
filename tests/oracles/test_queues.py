"""Queueing theory's exact values against whole sessions of a pipeline.

Every exact value lies inside the 99 % interval of its estimate over fixed seeds, which is
less than 8 % wide to either side. The unit of time is a mean service.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, ClassVar

import numpy as np
import pytest
from scipy import optimize

from simulator.faults import Fault, FaultTick
from simulator.pipeline.laws import Params
from simulator.pipeline.sample import Sample
from simulator.pipeline.traffic import arrivals
from simulator.pipeline.traffic.customers import Customers
from simulator.pipeline.world import World
from simulator.session import Session
from simulator.streams import Streams
from simulator.units import IncidentType
from tests.oracles.queue_drill import (
    SteadyState,
    mean_interval,
    queue_setting,
    steady_state,
    tick_samples,
    with_fault,
)
from tests.pipeline.simpy_server import SimpyFleet

UNIT_MS = 10  # a mean service
UNIT = UNIT_MS / 1000
SEEDS = range(12)
slow = pytest.mark.slow
nightly = (pytest.mark.slow, pytest.mark.nightly)


def steady_states(seeds: Any = SEEDS, **changes: Any) -> list[SteadyState]:
    """The requests of one queue, a seed each."""
    setting = queue_setting(**changes)
    return [steady_state(tick_samples(setting, seed)) for seed in seeds]


def rate(lam: float) -> str:
    """Arrivals per mean service, as in a pipeline file."""
    return f"{lam * 1000 / UNIT_MS:.6g}/s"


def work(kind: str = "exponential", **more: Any) -> dict[str, Any]:
    """A service law with mean 1."""
    return {"mean": f"{UNIT_MS}ms", "distribution": kind, **more}


def erlang_c(lam: float, mu: float, c: int) -> float:
    """The probability of having to wait in M/M/c."""
    a = lam / mu
    tail = a**c / math.factorial(c) * c / (c - a)
    return tail / (sum(a**k / math.factorial(k) for k in range(c)) + tail)


def wait_c(lam: float, mu: float, c: int) -> float:
    """The mean wait in M/M/c."""
    return erlang_c(lam, mu, c) / (c * mu - lam)


def finite(lam: float, mu: float, c: int, room: int) -> tuple[float, float, float]:
    """Blocking, throughput and sojourn of M/M/c/K, from its birth and death chain."""
    weight = [1.0]
    for n in range(1, room + 1):
        weight.append(weight[-1] * lam / (min(n, c) * mu))
    p = np.array(weight) / sum(weight)
    accepted = lam * (1 - p[-1])
    return float(p[-1]), accepted, float(p @ np.arange(room + 1)) / accepted


def test_the_formulas_give_the_published_values() -> None:
    table = {(0.8, 1): (0.8, 4.0), (2.4, 3): (0.647191, 1.078652), (8.0, 10): (0.40918, 0.20459)}
    for (lam, c), (waits, mean) in table.items():
        assert erlang_c(lam, 1, c) == pytest.approx(waits, rel=1e-4)
        assert wait_c(lam, 1, c) == pytest.approx(mean, rel=1e-4)
    assert finite(0.9, 1, 1, 10) == pytest.approx((0.050814, 0.854268, 4.646601), rel=1e-4)
    assert finite(3, 1, 2, 20) == pytest.approx((0.333417, 1.999749, 9.003685), rel=1e-4)
    assert root_of_batches(0.8, 1) == pytest.approx(0.8)  # M/M/1
    assert root_of_batches(1.6, 2) == pytest.approx((7.4**0.5 - 1) / 2)  # z^2 + z = lam
    assert root_of_arrivals(0.8, 1) == pytest.approx(0.8)  # M/M/1
    # Of the second degree: z^2 - (1 + 4 lam) z + 4 lam^2 = 0 after (1 - z).
    assert root_of_arrivals(0.9, 2) == pytest.approx((4.6 - 8.2**0.5) / 2)
    assert broken_down(0.5, 1, 0.1, 1) == pytest.approx(1.323232, rel=1e-5)
    assert broken_down(0.5, 1, 0.01, 0.1) == pytest.approx(2.232323, rel=1e-5)


@pytest.mark.parametrize(
    ("lam", "c", "minutes"),
    [
        (0.5, 1, 8),
        (2.4, 3, 5),
        pytest.param(8.0, 10, 2, marks=slow),
        pytest.param(0.8, 1, 30, marks=slow),
        pytest.param(4.5, 5, 25, marks=nightly),
        pytest.param(18.0, 20, 4, marks=nightly),
    ],
)
def test_several_servers_share_a_queue(lam: float, c: int, minutes: int) -> None:
    states = steady_states(minutes=minutes, rate=rate(lam), concurrency=c, service=work())
    waits, chance = wait_c(lam, 1, c), erlang_c(lam, 1, c)
    assert mean_interval(state.wait.mean() / UNIT for state in states).contains(waits)
    assert mean_interval(state.sojourn.mean() / UNIT for state in states).contains(waits + 1)
    # A wait is a difference of sums: less than a nanosecond is rounding.
    assert mean_interval((state.wait > 1e-9).mean() for state in states).contains(chance)
    exact = math.log(chance / 0.01) / (c - lam)
    assert mean_interval(np.quantile(state.wait, 0.99) / UNIT for state in states).contains(exact)
    for q in (0.5, 0.95, 0.99) if c == 1 else ():  # the sojourn is exponential then
        exact = -math.log(1 - q) / (1 - lam)
        assert mean_interval(np.quantile(state.sojourn, q) / UNIT for state in states).contains(
            exact
        )
    assert sum(state.count["shed"] + state.count["timed_out"] for state in states) == 0


def root_of_arrivals(lam: float, c: int) -> float:
    """The root of GI/M/1 at a replica that gets every c-th arrival."""
    # z = A(1 - z), with A the Laplace transform of the time between two of its arrivals,
    # which is Erlang-c with mean 1 / lam.
    return float(optimize.brentq(lambda z: (c * lam / (c * lam + 1 - z)) ** c - z, 0, 1 - 1e-9))


def replica_queues(law: str, lam: float, c: int, minutes: int) -> list[SteadyState]:
    """Requests of c replicas of one slot each, with a queue each."""
    replicas = {"replicas": c, "replicas_max": c, "queues": "per_replica", "balancing": law}
    return steady_states(minutes=minutes, rate=rate(c * lam), service=work(), **replicas)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lam", "c", "minutes"),
    [
        (0.5, 3, 3),
        pytest.param(0.8, 4, 10, marks=slow),
        pytest.param(0.7, 10, 5, marks=nightly),
    ],
)
def test_replicas_chosen_at_random_are_independent_queues(lam: float, c: int, minutes: int) -> None:
    """c replicas are c independent M/M/1, however many there are."""
    states = replica_queues("random", lam, c, minutes)
    assert mean_interval(state.wait.mean() / UNIT for state in states).contains(wait_c(lam, 1, 1))
    exact = math.log(lam / 0.05) / (1 - lam)
    assert mean_interval(np.quantile(state.wait, 0.95) / UNIT for state in states).contains(exact)
    assert mean_interval((state.wait > 1e-9).mean() for state in states).contains(lam)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lam", "c", "minutes"),
    [
        (0.6, 4, 2),
        pytest.param(0.8, 4, 6, marks=slow),
        pytest.param(0.7, 10, 4, marks=nightly),
    ],
)
def test_round_robin_makes_arrivals_at_a_replica_steadier(lam: float, c: int, minutes: int) -> None:
    """Each replica is E_c/M/1."""
    states, z = replica_queues("round_robin", lam, c, minutes), root_of_arrivals(lam, c)
    assert mean_interval(state.wait.mean() / UNIT for state in states).contains(z / (1 - z))
    exact = math.log(z / 0.05) / (1 - z)
    assert mean_interval(np.quantile(state.wait, 0.95) / UNIT for state in states).contains(exact)
    assert mean_interval((state.wait > 1e-9).mean() for state in states).contains(z)


def root_of_batches(lam: float, b: int) -> float:
    """The root inside (0, 1) of M/M^[1,b]/1's characteristic equation."""
    # z^(b+1) - (1 + lam) z + lam = 0, divided by its other root, z = 1.
    return float(optimize.brentq(lambda z: sum(z**n for n in range(1, b + 1)) - lam, 0, 1))


@pytest.mark.parametrize(
    ("lam", "b", "minutes"),
    [
        (0.5, 1, 4),
        pytest.param(3.0, 4, 3, marks=slow),
        pytest.param(0.8, 1, 30, marks=nightly),
        pytest.param(1.6, 2, 12, marks=slow),
        pytest.param(12.0, 16, 3, marks=slow),
    ],
)
def test_a_batch_takes_all_waiting_requests(lam: float, b: int, minutes: int) -> None:
    """Bulk service: a batch takes all waiting requests, up to b, and the time of its first.

    The number that waits during a service is geometric in the root, and a wait is a geometric
    number of batches: exponential again.
    """
    batching = {"max_size": b, "further": 0}
    states = steady_states(
        minutes=minutes, rate=rate(lam), service=work(), queues="per_replica", batching=batching
    )
    z = root_of_batches(lam, b)
    # It becomes idle as often as busy: lam P(idle) = P(busy, empty queue) = (1 - z) P(busy).
    busy, decay = 1 / (1 + (1 - z) / lam), 1 - z**b
    assert mean_interval((state.wait > 1e-9).mean() for state in states).contains(busy)
    assert mean_interval(state.wait.mean() / UNIT for state in states).contains(busy / decay)
    exact = math.log(busy / 0.05) / decay
    assert mean_interval(np.quantile(state.wait, 0.95) / UNIT for state in states).contains(exact)


@pytest.mark.parametrize(
    ("lam", "c", "room", "minutes"),
    [
        (0.9, 1, 10, 6),
        pytest.param(3.0, 2, 20, 3, marks=slow),
        pytest.param(5.0, 5, 5, 3, marks=slow),  # no queue: Erlang's loss formula
        pytest.param(4.0, 4, 12, 5, marks=slow),
    ],
)
def test_a_queue_with_a_cap_blocks(lam: float, c: int, room: int, minutes: int) -> None:
    server = {"concurrency": c, "queue": room - c, "service": work()}
    states = steady_states(minutes=minutes, rate=rate(lam), **server)
    blocking, throughput, sojourn = finite(lam, 1, c, room)
    assert mean_interval(state.count["shed"] / state.count["arrived"] for state in states).contains(
        blocking
    )
    assert mean_interval(state.count["served"] / state.seconds * UNIT for state in states).contains(
        throughput
    )
    assert mean_interval(state.sojourn.mean() / UNIT for state in states).contains(sojourn)


@pytest.mark.parametrize(
    ("service", "scv", "lam", "minutes"),
    [
        pytest.param(work("deterministic"), 0.0, 0.8, 12, marks=slow),
        (work("lognormal"), math.expm1(0.25), 0.8, 15),
        pytest.param(work("gamma", shape=2), 0.5, 0.8, 20, marks=slow),
        pytest.param(work("lognormal", sigma=1.0), math.e - 1, 0.8, 60, marks=slow),
        pytest.param(work("gamma", shape=0.5), 2.0, 0.7, 40, marks=nightly),
        pytest.param(
            {"distribution": "empirical", "values": ["4ms", "4ms", "4ms", "28ms"]},
            1.08, 0.8, 40, marks=slow,
        ),
    ],
    ids=["constant", "lognormal", "Erlang-2", "wild lognormal", "gamma", "measured"],
)  # fmt: skip
def test_the_wait_depends_on_mean_and_variance_of_the_service(
    service: dict[str, Any], scv: float, lam: float, minutes: int
) -> None:
    """Pollaczek and Khinchine's formula."""
    states = steady_states(minutes=minutes, rate=rate(lam), service=service)
    exact = lam * (1 + scv) / (2 * (1 - lam))
    assert mean_interval(state.wait.mean() / UNIT for state in states).contains(exact)


class Flapping(Fault):
    """A server that breaks down at a rate and is repaired at another; its work resumes."""

    type: ClassVar[IncidentType] = IncidentType.LATENCY
    target_kind: ClassVar[str] = "serving"

    down_every: float  # mean ms between a repair and the next breakdown
    down_for: float  # mean ms of a repair
    tick: int
    seed: int

    def model_post_init(self, context: Any) -> None:
        dice = np.random.default_rng([self.seed, 77])
        spans = dice.exponential((self.down_every, self.down_for), (200_000, 2))
        # A tick is up or down as a whole: its edges are the nearest to the exact ones.
        self._edges = np.round(spans.ravel().cumsum() / self.tick) * self.tick

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self._edges.searchsorted(world.now, side="right") % 2:
            params.bends.speed[:] = 0.0


def broken_down(lam: float, mu: float, xi: float, eta: float) -> float:
    """Customers in M/M/1 with breakdowns, on average."""
    up = xi + eta
    return lam * (up**2 + xi * mu) / (up * (eta * (mu - lam) - xi * lam))


@pytest.mark.parametrize(
    ("lam", "xi", "eta", "hours", "units"),
    [
        pytest.param(0.5, 0.1, 1.0, 3, 5, marks=slow),
        # Outages ten times as long, and a tenth as many: as available, and a worse queue.
        pytest.param(0.5, 0.01, 0.1, 8, 1, marks=nightly),
    ],
)
def test_breakdowns_lengthen_the_queue(
    lam: float, xi: float, eta: float, hours: float, units: int
) -> None:
    tick = 500
    mean = units * tick  # ms of a service: so many ticks
    setting = queue_setting(
        minutes=round(hours * 60), rate=f"{lam * 1000 / mean:.6g}/s", tick=f"{tick}ms",
        service={"mean": f"{mean}ms", "distribution": "exponential"},
    )  # fmt: skip
    inside = []
    for seed in SEEDS:
        fault = Flapping(down_every=mean / xi, down_for=mean / eta, tick=tick, seed=seed)
        state = steady_state(tick_samples(with_fault(setting, fault), seed))
        # Little's law: customers inside are arrivals times sojourn.
        inside.append(lam * state.sojourn.mean() * 1000 / mean)
    assert mean_interval(inside).contains(broken_down(lam, 1, xi, eta))


class Failing(Fault):
    """A share of attempts is answered with an error."""

    type: ClassVar[IncidentType] = IncidentType.LATENCY
    target_kind: ClassVar[str] = "serving"

    share: float

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        params.bends.error_share[:] = self.share


@pytest.mark.parametrize(
    ("lam", "p", "attempts"),
    [(100, 1.0, 4), pytest.param(100, 0.5, 3, marks=slow), pytest.param(50, 0.8, 6, marks=slow)],
)
def test_retries_multiply_the_load(lam: int, p: float, attempts: int) -> None:
    """lam(1 - p^n) / (1 - p) attempts a second, and p^n of the requests in vain."""
    setting = queue_setting(
        minutes=4 if p < 1 else 1, rate=f"{lam}/s", concurrency=10 * lam, service=work(),
        retries=attempts - 1, retry_backoff="100ms",
    )  # fmt: skip
    failing = with_fault(setting, Failing(share=p))
    states = [steady_state(tick_samples(failing, seed)) for seed in SEEDS]
    offered = lam * sum(p**n for n in range(attempts))
    assert mean_interval(state.count["arrived"] / state.seconds for state in states).contains(
        offered
    )
    # By the mean of the arrivals: the numbers of a Poisson process differ by themselves.
    answered = mean_interval(state.count["served"] / state.seconds / lam for state in states)
    vain = mean_interval(1 - state.count["served"] / state.seconds / lam for state in states)
    assert abs(answered.mean - (1 - p**attempts)) <= answered.half
    assert p == 1 or vain.contains(p**attempts)


class Outage(Fault):
    """No work is done."""

    type: ClassVar[IncidentType] = IncidentType.LATENCY
    target_kind: ClassVar[str] = "serving"

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        params.bends.speed[:] = 0.0


@pytest.mark.parametrize(
    ("lam", "able", "outage"), [(100, 125, 2), pytest.param(60, 100, 3, marks=slow)]
)
def test_a_backlog_drains_at_the_spare_capacity(lam: int, able: int, outage: int) -> None:
    """lam D / (C - lam) after an outage of D; waits are over D later than its begin plus that."""
    exact = 60 * outage * lam / (able - lam)
    minutes = math.ceil(1 + outage + 1.6 * exact / 60)
    setting = queue_setting(
        minutes=minutes, rate=f"{lam}/s", concurrency=able,
        service={"mean": "1s", "distribution": "deterministic"},
    )  # fmt: skip
    drilled = with_fault(setting, Outage(), at=60_000, lasts=outage * 60_000)
    drained, fresh = [], []
    for seed in SEEDS[:6]:
        waiting: list[tuple[int, int]] = []
        tick_samples(
            drilled,
            seed,
            lambda s, w=waiting: w.append((s.now, len(s.internals.world.queue.waiting))),
        )
        begun = (1 + outage) * 60_000
        last, left = next((t, n) for t, n in reversed(waiting) if n > able)
        # Within the last tick it drains at the rate at which it has drained all along.
        empty = last + 1000 * left / (able - lam)
        drained.append((empty - begun) / 1000)
        fresh.append((empty - 60_000) / 1000)
    assert mean_interval(drained).contains(exact)
    assert mean_interval(fresh).contains(exact + 60 * outage)


@slow
@pytest.mark.parametrize(
    ("retries", "cap", "recovers"), [(3, 10**9, False), (0, 10**9, True), (3, 12, True)]
)
def test_retries_without_a_queue_cap_sustain_a_collapse(
    retries: int, cap: int, recovers: bool
) -> None:
    """Goodput half an hour after a spike of two minutes to 2.3 times, at rho .85."""
    setting = queue_setting(
        42, "85/s", bursts=[{"at": "5m", "lasts": "2m", "factor": 2.3}], concurrency=10,
        service={"mean": "100ms", "sigma": 0.5}, timeout="1s", retries=retries, queue=cap,
        retry_backoff="200ms",
    )  # fmt: skip
    for seed in range(3):
        after = tick_samples(setting, seed)[-60:]  # minutes 37 to 42
        goodput = sum(sample.served for sample in after) / (85 * 300)
        assert goodput > 0.95 if recovers else goodput < 0.05


@slow
def test_sessions_with_changing_laws_agree_with_simpy() -> None:
    """The customers are the same, their pods are not, so means are compared."""
    changes = [(0, 4), (30_000, 2), (45_000, 4)]
    # An order to scale takes 10 s.
    orders = [
        {"at": f"{at // 1000 - 10}s", "change": "scale", "args": {"replicas": pods}}
        for at, pods in changes[1:]
    ]
    setting = queue_setting(
        2, "85/s", bursts=[{"at": "60s", "lasts": "15s", "factor": 1.7}], injects=orders,
        replicas=4, replicas_max=4, concurrency=4, queue=60, timeout="900ms", retries=2,
        retry_backoff="200ms", service={"mean": "120ms", "sigma": 0.6},
        dependency={"name": "store", "mean": "40ms"},
    )  # fmt: skip
    desired: list[int] = []  # replicas after each tick of the first seed
    session_figures, simpy_figures = [], []
    names = ("served", "shed", "timed_out", "failed")
    for seed in range(30):
        after_tick = (
            (lambda run: desired.append(run.internals.world.cluster.desired_replicas))
            if not seed
            else None
        )
        samples = tick_samples(setting, seed, after_tick)
        counts = Counter({name: sum(getattr(s, name) for s in samples) for name in names})
        latencies = np.concatenate([sample.latency_ms for sample in samples])
        session_figures.append(_figures(counts, latencies))
        draws = Customers(Streams(seed))
        rows = [
            arrivals.arrive(setting.params, draws, Sample(t, 5000)) for t in range(0, 120_000, 5000)
        ]
        outcomes = SimpyFleet(setting.params, changes).run(np.concatenate(rows), 120_000)
        counts = Counter(outcome.ending for outcome in outcomes)
        latencies = [outcome.took for outcome in outcomes if outcome.ending == "served"]
        simpy_figures.append(_figures(counts, latencies))
    assert [desired[t // 5000] for t, _ in changes] == [pods for _, pods in changes]
    ours, simpys = np.array(session_figures), np.array(simpy_figures)
    error = np.sqrt((ours.var(axis=0, ddof=1) + simpys.var(axis=0, ddof=1)) / 30)
    assert simpys.mean(axis=0)[1:4].min() > 100  # each kind of outcome happens
    assert (abs(ours.mean(axis=0) - simpys.mean(axis=0)) <= 2 * error).all()


def _figures(counts: Counter[str], latencies: Any) -> list[float]:
    numbers = [sum(counts.values()), counts["served"], counts["shed"], counts["timed_out"]]
    return [*map(float, numbers), *np.quantile(latencies, (0.5, 0.95, 0.99)).tolist()]


def test_out_of_memory_kills_do_not_depend_on_the_tick() -> None:
    """Sessions with memory for 19 requests and 10 inside on average."""
    outcomes = {}
    for tick in ("500ms", "1s", "2500ms", "5s"):
        setting = queue_setting(
            4, "100/s", tick, concurrency=40, queue=0, start_up="7300ms",
            service={"mean": "100ms", "distribution": "exponential"},
            memory={"base": "100MiB", "per_request": "10MiB", "limit": "295MiB", "request": "1MiB"},
        )  # fmt: skip
        outcomes[tick] = []
        for seed in range(2):
            run = Session(setting, seed)
            run.advance(run.ends)
            pods = run.internals.world.replicas
            outcomes[tick].append(
                (pods.kills.tolist(), pods.until.tolist(), run.request_counts["served"])
            )
    assert all(kills != [0] for kills, _, _ in outcomes["5s"])
    assert all(outcome == outcomes["5s"] for outcome in outcomes.values())
