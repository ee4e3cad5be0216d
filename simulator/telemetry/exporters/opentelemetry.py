"""OpenTelemetry: the dependency's own view of the reads that its callers send."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.telemetry.exporter import Exporter, Floats, Labels, ScrapeContext, labels_of

DURATION = "http_server_request_duration_seconds"
NAMES = (
    "http_server_active_requests",
    f"{DURATION}_count",
    f"{DURATION}_sum",
    "http_server_requests_canceled_total",
)
OTHERS = "others"


class OpenTelemetryExporter(Exporter):
    """Reads in flight, their number and time, and those that callers gave up, by caller.

    https://opentelemetry.io/docs/specs/semconv/http/http-metrics/
    """

    job = "dependency"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        law = facts["dependency"]
        self.others = law is not None and law.others_rate > 0.0
        self.callers = [str(facts["model"]), *([OTHERS] if self.others else [])]

    def series(self) -> list[Labels]:
        return [
            labels_of(__name__=name, caller=caller) for caller in self.callers for name in NAMES
        ]

    def read(self, scrape: ScrapeContext) -> Floats:
        load = scrape.world.dependency
        in_flight = round(load.waiting + load.abandoned)
        ours = (in_flight, load.reads, load.read_seconds, load.reads_cut)
        theirs = (round(load.others), int(load.others_reads), load.others_seconds)
        return np.array([*ours, *((*theirs, int(load.others_cut)) if self.others else ())])
