"""The judge: the model server of `simulator.pipeline.serving` as plain SimPy processes.

One process a client, one a request in service, a shared line before all slots. It knows
nothing of ticks and arrays and gets the same requests, so that the two can be compared
customer for customer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import simpy

from simulator.pipeline.fcfs import backoff
from simulator.pipeline.traffic import AT, DEPEND, ID, ROW, WORK
from simulator.pipeline.world import Floats, Params


class Outcome(NamedTuple):
    """How an attempt ended for its client, and when."""

    request: int
    attempt: int
    what: str  # served, shed or timed_out
    at: float


class Server:
    """A model server with `slots` equal slots."""

    def __init__(self, params: Params, slots: int) -> None:
        self.env = simpy.Environment()
        self.slots = simpy.Resource(self.env, slots)
        self.params = params
        self.outcomes: list[Outcome] = []

    def run(self, requests: Floats, until: float) -> list[Outcome]:
        """What becomes of the requests, in the order in which it does."""
        self.env.process(self.door(requests))
        self.env.run(until=until)
        return self.outcomes

    def door(self, requests: Floats) -> Iterator[Any]:
        for row in requests:
            yield self.env.timeout(row[AT] - self.env.now)
            self.env.process(self.client(row))

    def client(self, row: Floats) -> Iterator[Any]:
        for attempt in range(1, self.params.retries + 2):
            what = yield self.env.process(self.ask(row))
            self.outcomes.append(Outcome(int(row[ID]), attempt, what, self.env.now))
            if what == "served":
                return
            wait = backoff(self.params.retry_backoff_ms, float(attempt), row[ROW])
            yield self.env.timeout(float(wait))

    def ask(self, row: Floats) -> Iterator[Any]:
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
        return "timed_out" if work.is_alive else "served"

    def work(self, row: Floats, request: Any) -> Iterator[Any]:
        """The server finishes what it began, whether the client is still there or not."""
        read = row[DEPEND] * self.params.dependency_ms
        yield self.env.timeout(read + row[WORK] * self.params.service_ms)
        self.slots.release(request)
