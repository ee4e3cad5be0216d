"""Resilience4j: the circuit breaker in the clients' library.

Envoy's circuit breakers bound how much is under way; one that opens by the share of the last
calls that failed, and looks again after a while, is this library's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.serving.client_guard import CLOSED, HALF_OPEN, OPEN
from simulator.telemetry import collector
from simulator.telemetry.collector import Reading
from simulator.telemetry.store import Labels, labels_of

PREFIX = "resilience4j_circuitbreaker"
STATES = {CLOSED: "closed", OPEN: "open", HALF_OPEN: "half_open"}
UNKNOWN = -1.0  # its failure rate before there are enough calls


class System(collector.System):
    """Its state, the calls that it answered itself, and the failure rate that it goes by.

    https://resilience4j.readme.io/docs/micrometer
    """

    job = "clients"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.name = str(facts["model"])

    def series(self) -> list[Labels]:
        calls = f"{PREFIX}_not_permitted_calls_total"
        return [
            *(
                labels_of(__name__=f"{PREFIX}_state", name=self.name, state=state)
                for state in STATES.values()
            ),
            labels_of(__name__=calls, name=self.name, kind="not_permitted"),
            labels_of(__name__=f"{PREFIX}_failure_rate", name=self.name),
        ]

    def read(self, now: Reading) -> Floats:
        guard, breaker = now.world.queue.guard, now.params.breaker
        assert breaker is not None, "it is scraped where there is one"
        enough = breaker.window if guard.state == CLOSED else breaker.probes
        full = len(guard.ended) >= enough
        rate = 100.0 * guard.failed / len(guard.ended) if full else UNKNOWN  # per cent
        return np.array([*(guard.state == one for one in STATES), now.totals.kept_away, rate])
