"""The model server of `simulator.pipeline.serving` as plain SimPy processes, to compare with.

One process a client, one a request in service, a shared line before all slots. It knows
nothing of ticks and arrays and gets the same requests, so that the two can be compared
customer for customer.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Any, NamedTuple

import numpy as np
import pytest
import simpy

from simulator.pipeline.arrays import Floats
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import AT, DEPEND, ID, ROW, WORK
from simulator.pipeline.serving.balancing import LEAST_REQUESTS, ROUND_ROBIN, random_replica
from simulator.pipeline.serving.kernel import LUCK, dice_of, is_error, retry_backoff
from simulator.streams import uniforms
from tests.pipeline.model_server import ServerRun


class Outcome(NamedTuple):
    """The end of an attempt for its client."""

    request: int
    attempt: int
    # served, shed, timed_out, failed; breaker_rejected by the breaker; too_long, answered by the
    # gateway
    ending: str
    at: float
    took: float = 0.0


# Endings after which the client is content, or should not try again.
FINAL = ("served", "answered", "too_long")


class SimpyRetryBudget:
    """The retry budget of all clients."""

    def __init__(self, params: Params) -> None:
        self.budget = params.retry_budget
        self.tokens = params.retry_budget.most if params.retry_budget else 0.0

    def new_request(self) -> None:
        if self.budget:
            self.tokens = min(self.tokens + self.budget.share, self.budget.most)

    def take(self) -> bool:
        if self.budget and self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class SimpyBreaker:
    """The circuit breaker before all clients."""

    def __init__(self, params: Params) -> None:
        self.breaker = params.circuit_breaker
        self.state, self.since = "closed", -1.0
        self.results: list[str] = []
        self.let_through = 0
        self.news: list[tuple[float, float, str]] = []  # what ended when, and when it was sent

    def admits(self, now: float) -> bool:
        if self.breaker is None:
            return True
        for ended, sent, ending in sorted(self.news):
            self.take_in(sent, ending, ended)
        self.news.clear()
        if self.state == "open":
            if now < self.since + self.breaker.cool_down_ms:
                return False
            self.turn("half open", now)
        if self.state == "half open":
            self.let_through += 1
            return self.let_through <= self.breaker.probes
        return True

    def report(self, sent: float, ending: str, now: float) -> None:
        """Results of one instant count in the order in which their attempts were sent.

        A departure may be the instant at which the next in line finds no room.
        """
        self.news.append((now, sent, ending))

    def take_in(self, sent: float, ending: str, now: float) -> None:
        if self.state == "open" or sent < self.since:
            return
        self.results.append(ending)
        wanted = self.breaker.window if self.state == "closed" else self.breaker.probes
        last = self.results[-wanted:]
        if len(last) < wanted:
            return
        bad = sum(result not in FINAL for result in last)
        if bad >= self.breaker.failures * wanted:
            self.turn("open", now)
        elif self.state == "half open":
            self.turn("closed", now)

    def turn(self, state: str, now: float) -> None:
        self.state, self.since, self.results, self.let_through = state, now, [], 0


class SimpyServer:
    """A model server with `slots` equal slots."""

    def __init__(self, params: Params, slots: int) -> None:
        self.env = simpy.Environment()
        self.slots = simpy.Resource(self.env, slots)
        self.params = params
        self.outcomes: list[Outcome] = []
        self.bucket, self.fuse = SimpyRetryBudget(params), SimpyBreaker(params)
        self.retries_suppressed = 0

    def run(self, requests: Floats, until: float) -> list[Outcome]:
        """The outcomes of the requests, in the order of time."""
        self.env.process(self.door(requests))
        self.env.run(until=until)
        return self.outcomes

    def door(self, requests: Floats) -> Iterator[Any]:
        for row in requests:
            yield self.env.timeout(row[AT] - self.env.now)
            self.env.process(self.client(row))

    def client(self, row: Floats) -> Iterator[Any]:
        for attempt in range(1, self.params.retries + 2):
            if attempt == 1:
                self.bucket.new_request()
            elif not self.bucket.take():
                self.retries_suppressed += 1
                return
            sent, ending = self.env.now, "breaker_rejected"
            if self.fuse.admits(sent):
                ending = yield self.env.process(self.ask(row, attempt))
                self.fuse.report(sent, ending, self.env.now)
            now = self.env.now
            self.outcomes.append(Outcome(int(row[ID]), attempt, ending, now, now - sent))
            if ending in FINAL:
                return
            wait = retry_backoff(self.params.retry_backoff_ms, float(attempt), row[ROW])
            yield self.env.timeout(float(wait))

    def ask(self, row: Floats, attempt: int) -> Iterator[Any]:
        busy = self.slots.count == self.slots.capacity
        if busy and len(self.slots.queue) >= self.params.queue_cap:
            return "shed"
        patience = self.env.timeout(self.params.timeout_ms)
        request = self.slots.request()
        yield request | patience
        if not request.triggered:
            request.cancel()
            return "timed_out"
        work = self.env.process(self.work(row, request))
        yield work | patience
        if work.is_alive:
            return "timed_out"
        luck = LUCK[attempt % len(LUCK)]
        return (
            "failed"
            if is_error(dice_of(row[ROW]), luck, self.params.bends.error_share[0])
            else "served"
        )

    def work(self, row: Floats, request: Any) -> Iterator[Any]:
        """The server finishes a request even if its client has timed out."""
        read = row[DEPEND] * self.params.dependency_ms
        yield self.env.timeout(read + row[WORK] * self.params.service_ms)
        self.slots.release(request)


class SimpyFleet(SimpyServer):
    """Pods of some slots each, which come and go; a request takes any free slot.

    Parameters
    ----------
    params : Params
    changes : list of (int, int)
        From which ms on there are how many pods.
    """

    def __init__(self, params: Params, changes: list[tuple[int, int]]) -> None:
        super().__init__(params, 1)
        self.free = simpy.Store(self.env)
        self.pods: set[int] = set()
        self.env.process(self.scale(changes))

    def scale(self, changes: list[tuple[int, int]]) -> Iterator[Any]:
        started = 0
        for at, pods in changes:
            if at > self.env.now:
                yield self.env.timeout(at - self.env.now)
            while len(self.pods) < pods:
                self.pods.add(started)
                for _ in range(self.params.concurrency):
                    self.free.put(started)
                started += 1
            while len(self.pods) > pods:
                self.pods.remove(max(self.pods))
            self.free.items = [pod for pod in self.free.items if pod in self.pods]

    def ask(self, row: Floats, attempt: int) -> Iterator[Any]:
        if not self.free.items and len(self.free.get_queue) >= self.params.queue_cap:
            return "shed"
        patience = self.env.timeout(self.params.timeout_ms)
        slot = self.free.get()
        yield slot | patience
        if not slot.triggered:
            slot.cancel()
            return "timed_out"
        work = self.env.process(self.work(row, slot))
        yield work | patience
        return "timed_out" if work.is_alive else "served"

    def work(self, row: Floats, slot: Any) -> Iterator[Any]:
        read = row[DEPEND] * self.params.dependency_ms
        yield self.env.timeout(read + row[WORK] * self.params.service_ms)
        if slot.value in self.pods:  # what a pod that was taken away has begun, it finishes
            self.free.put(slot.value)


class Waiting(NamedTuple):
    """A request in the queue of a pod."""

    called: Any  # the event that ends the wait, with "served" or, if the pod goes, "sent on"
    row: Floats
    since: float  # when the attempt was sent


class SimpyReplicaQueues(SimpyServer):
    """Pods with a queue each, which come and go, and serve batches.

    Parameters
    ----------
    params : Params
    changes : list of (int, int)
        From which ms on there are how many pods.
    """

    def __init__(self, params: Params, changes: list[tuple[int, int]]) -> None:
        super().__init__(params, 1)
        self.lines: dict[int, list[Waiting]] = {}
        self.busy: Counter[int] = Counter()  # slots
        self.load: Counter[int] = Counter()  # requests inside
        self.memory: Counter[int] = Counter()  # bytes of the accelerator
        self.sent = 0
        self.env.process(self.scale(changes))

    def scale(self, changes: list[tuple[int, int]]) -> Iterator[Any]:
        for at, pods in changes:
            if at > self.env.now:
                yield self.env.timeout(at - self.env.now)
            for pod in range(len(self.lines), pods):
                self.lines[pod], self.busy[pod], self.load[pod] = [], 0, 0
                self.memory[pod] = 0
            left = [self.lines.pop(pod) for pod in sorted(self.lines) if pod >= pods]
            for request in [request for line in left for request in line]:
                request.called.succeed("sent on")

    def choose(self, row: Floats, attempt: int) -> int:
        pods, law = sorted(self.lines), self.params.per_replica.balancing
        self.sent += 1
        if law == ROUND_ROBIN:
            return pods[(self.sent - 1) % len(pods)]
        dice = dice_of(row[ROW])
        pod, other = (pods[random_replica(dice, attempt, n, len(pods))] for n in (0, 1))
        return other if law == LEAST_REQUESTS and self.load[other] < self.load[pod] else pod

    def ask(self, row: Floats, attempt: int) -> Iterator[Any]:
        patience, since = self.env.timeout(self.params.timeout_ms), self.env.now
        law = self.params.per_replica.batching
        while True:
            if not self.lines:
                return "shed"
            pod = self.choose(row, attempt)
            line = self.lines[pod]
            idle = self.busy[pod] < self.params.concurrency
            leaves = idle and (law.max_wait_ms == 0 or len(line) + 1 >= min(self.wished()))
            if not leaves and len(line) >= self.params.queue_cap:
                return "shed"
            request = Waiting(self.env.event(), row, since)
            line.append(request)
            self.load[pod] += 1
            self.look(pod, line)
            yield request.called | patience
            if not request.called.triggered:
                line.remove(request)
                self.load[pod] -= 1
                self.look(pod, line)
                return "timed_out"
            if request.called.value != "sent on":
                break
        if request.called.value == "no room":
            return "failed"
        yield request.called.value | patience
        if request.called.value.is_alive:
            return "timed_out"
        # Of what a pod answers that was taken away, nothing is known to fail.
        share = self.params.bends.error_share[pod] if self.lines.get(pod) is line else 0.0
        luck = LUCK[attempt % len(LUCK)]
        return "failed" if is_error(dice_of(row[ROW]), luck, share) else "served"

    def look(self, pod: int, line: list[Waiting]) -> None:
        """Free slots take batches of a preferred size, or whose oldest request has waited enough."""
        law = self.params.per_replica.batching
        while line and self.busy[pod] < self.params.concurrency:
            due = line[0].since + law.max_wait_ms
            wished = [size for size in self.wished() if size <= len(line)]
            size = max(wished, default=0)
            if self.env.now >= due and (law.max_wait_ms > 0 or not wished):
                size = min(len(line), law.max_size)
            if not size:
                self.env.process(self.look_again(pod, line, due))
                return
            batch = line[:size]
            del line[:size]
            if not self.fits(pod, batch):
                self.load[pod] -= len(batch)
                for request in batch:
                    request.called.succeed("no room")
                continue
            self.busy[pod] += 1
            self.memory[pod] += self.bytes_of(batch)
            work = self.env.process(self.work_at(pod, line, batch))
            for request in batch:
                request.called.succeed(work)

    def wished(self) -> list[int]:
        law = self.params.per_replica.batching
        return [size for size in law.preferred if size <= law.max_size] or [law.max_size]

    def bytes_of(self, batch: list[Waiting]) -> int:
        law = self.params.gpu
        return sum(int(law.per_request * request.row[WORK]) for request in batch) if law else 0

    def fits(self, pod: int, batch: list[Waiting]) -> bool:
        law = self.params.gpu
        return not law or law.base + self.memory[pod] + self.bytes_of(batch) <= law.size

    def look_again(self, pod: int, line: list[Waiting], due: float) -> Iterator[Any]:
        yield self.env.timeout(due - self.env.now)
        if self.lines.get(pod) is line:
            self.look(pod, line)

    def work_at(self, pod: int, line: list[Waiting], batch: list[Waiting]) -> Iterator[Any]:
        first, *others = [request.row for request in batch]
        further = self.params.per_replica.batching.further
        work = first[WORK] + further * sum(row[WORK] for row in others)
        read = max(request.row[DEPEND] for request in batch)
        yield self.env.timeout(read * self.params.dependency_ms + work * self.params.service_ms)
        if self.lines.get(pod) is line:  # else it was taken away, or is another by now
            self.busy[pod] -= 1
            self.load[pod] -= len(batch)
            self.memory[pod] -= self.bytes_of(batch)
            self.look(pod, line)


class SimpyGateway(SimpyServer):
    """A gateway that sees each attempt before the server does; mixed into one of the servers.

    Its laws are set after it is made.
    """

    refused_share = 0.0
    longest = float("inf")
    answered_share = 0.0
    seed = 1

    def ask(self, row: Floats, attempt: int) -> Iterator[Any]:
        ids = row[ID : ID + 1]
        if row[WORK] > self.longest:
            return "too_long"
        if uniforms(ids, f"shed/{attempt}", self.seed)[0] < self.refused_share:
            return "shed"
        if uniforms(ids, "fallback", self.seed)[0] < self.answered_share:
            return "answered"
        return (yield from super().ask(row, attempt))


class SimpyStore:
    """A store that works on `concurrency` reads at full speed; more of them share it.

    By its virtual time, which passes as fast as a read progresses.
    """

    def __init__(self, env: simpy.Environment, concurrency: int) -> None:
        self.env, self.concurrency = env, concurrency
        self.virtual, self.since, self.reads = 0.0, 0.0, 0
        self.ends: list[tuple[float, int, Any]] = []  # heap: virtual end, number, event
        self.in_flight_ms = 0.0
        self.changed = env.event()
        env.process(self.work())

    def read(self, ms: float) -> Any:
        """An event at the end of a read that takes so long alone."""
        self.advance()
        end = self.env.event()
        self.reads += 1
        heappush(self.ends, (self.virtual + ms, self.reads, end))
        self.changed.succeed()
        self.changed = self.env.event()
        return end

    def advance(self) -> None:
        passed = self.env.now - self.since
        self.in_flight_ms += passed * len(self.ends)
        self.virtual += passed * self.pace
        self.since = self.env.now

    @property
    def pace(self) -> float:
        return min(1.0, self.concurrency / max(1, len(self.ends)))

    def work(self) -> Iterator[Any]:
        while True:
            if not self.ends:
                yield self.changed
                continue
            left = max(0.0, self.ends[0][0] - self.virtual)
            yield self.env.timeout(left / self.pace) | self.changed
            self.advance()
            while self.ends and self.ends[0][0] <= self.virtual + 1e-9:
                heappop(self.ends)[2].succeed()


class SimpyReader(SimpyServer):
    """A model server whose requests read from a shared store, unless they hit their pod's cache."""

    def __init__(self, params: Params, slots: int, pods: int = 1, warm: bool = True) -> None:
        super().__init__(params, slots)
        self.store = SimpyStore(self.env, params.dependency.concurrency)
        self.seen = [math.inf if warm else 0.0] * pods
        self.dice, self.begun = np.random.default_rng(1), 0

    def misses(self) -> bool:
        cache, pod = self.params.feature_cache, self.begun % len(self.seen)
        self.begun += 1
        if cache is None:
            return True
        warmth = 1.0 - math.exp(-self.seen[pod] / cache.size)
        self.seen[pod] += 1
        return bool(self.dice.random() >= cache.hit_ratio * warmth)

    def work(self, row: Floats, request: Any) -> Iterator[Any]:
        if self.misses():
            yield self.store.read(row[DEPEND] * self.params.dependency_ms)
        yield self.env.timeout(row[WORK] * self.params.service_ms)
        self.slots.release(request)


def assert_same_outcomes(day: ServerRun, judge: SimpyServer) -> None:
    """Every attempt has the same outcome, and every answer the same time."""
    counts = Counter(outcome.ending for outcome in judge.outcomes)
    breaker_rejected, suppressed = (
        sum(getattr(s, n) for s in day.samples) for n in ("breaker_rejected", "retries_suppressed")
    )
    assert (breaker_rejected, suppressed) == (counts["breaker_rejected"], judge.retries_suppressed)
    counts["shed"] += breaker_rejected
    counts["shed"] += counts["too_long"]
    names = ("served", "shed", "timed_out", "failed", "answered", "too_long")
    expected = {ending: counts[ending] for ending in names}
    assert {ending: day.counts[ending] for ending in expected} == expected
    answers = {(o.request, o.attempt): o.at for o in judge.outcomes if o.ending == "served"}
    assert day.answers() == pytest.approx(answers, abs=1e-5)
