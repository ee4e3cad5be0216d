"""Resilience4j: the circuit breaker in the clients' library.

Envoy's circuit breakers limit concurrency; this library's opens by the failure rate of the last
calls and probes again after a while.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.serving.client_guard import CLOSED, HALF_OPEN, OPEN
from simulator.telemetry.exporter import Exporter, Floats, Labels, ScrapeContext, labels_of

PREFIX = "resilience4j_circuitbreaker"
STATES = {CLOSED: "closed", OPEN: "open", HALF_OPEN: "half_open"}
UNKNOWN = -1.0  # the failure rate before there are enough calls


class Resilience4jExporter(Exporter):
    """State, calls not permitted, and failure rate.

    https://resilience4j.readme.io/docs/micrometer
    """

    job = "clients"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.name = str(facts["model"])

    def series(self) -> list[Labels]:
        not_permitted = f"{PREFIX}_not_permitted_calls_total"
        return [
            *(
                labels_of(__name__=f"{PREFIX}_state", name=self.name, state=state)
                for state in STATES.values()
            ),
            labels_of(__name__=not_permitted, name=self.name, kind="not_permitted"),
            labels_of(__name__=f"{PREFIX}_failure_rate", name=self.name),
        ]

    def read(self, scrape: ScrapeContext) -> Floats:
        guard, breaker = scrape.world.queue.guard, scrape.params.circuit_breaker
        assert breaker is not None, "scraped only where a breaker is declared"
        enough = breaker.window if guard.state == CLOSED else breaker.probes
        full = len(guard.outcomes) >= enough
        rate = 100.0 * guard.failed / len(guard.outcomes) if full else UNKNOWN  # per cent
        return np.array(
            [*(guard.state == state for state in STATES), scrape.totals.breaker_rejected, rate]
        )
