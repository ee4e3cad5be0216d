"""Counters and histograms of the simulated processes, from their start on.

They live with the processes that export them, so they are kept here and not in the world.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from simulator.pipeline.sample import Sample
from simulator.telemetry.store import Floats, Ints, Labels, labels_of

# Upper bounds of the latency histograms, seconds: client_python's defaults.
LATENCY_BUCKETS = (
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
)  # fmt: skip
# Upper bounds for prompt lengths, tokens: one, two and five, as in vLLM.
TOKEN_BUCKETS = tuple(float(digit * 10**power) for power in range(5) for digit in (1, 2, 5))


@dataclass
class Histogram:
    """Cumulative bucket counts, count and sum, as Prometheus exposes them.

    Parameters
    ----------
    bounds : sequence of float
        Upper bounds of the buckets, in the exposed unit.
    scale : float
        Observed units in one exposed unit: 1000 for ms in seconds.
    """

    bounds: Sequence[float] = LATENCY_BUCKETS
    scale: float = 1000.0
    cumulative: Floats = field(init=False)
    sum: float = 0.0

    def __post_init__(self) -> None:
        self._edges = np.array(self.bounds) * self.scale
        self.cumulative = np.zeros(len(self.bounds) + 1)

    def observe(self, parts: Sequence[Floats], weight: int = 1) -> None:
        """Count values, each of them `weight` times."""
        values = np.concatenate(parts) if parts else np.zeros(0)
        if len(values):
            self.sum += weight * float(values.sum()) / self.scale
            # Looking up 14 bounds in 1,500 sorted values takes a third of the time of the
            # reverse. A value on a bound belongs to its bucket (le).
            values.sort()
            self.cumulative[:-1] += weight * values.searchsorted(self._edges, side="right")
            self.cumulative[-1] += weight * len(values)

    def samples(self) -> Floats:
        """Buckets (le ascending, +Inf last), sum and count: the order of `histogram_series`."""
        return np.concatenate([self.cumulative, [self.sum, self.cumulative[-1]]])


def histogram_series(
    name: str, bounds: Sequence[float] = LATENCY_BUCKETS, **labels: str
) -> list[Labels]:
    """The series of a histogram, in the order of `Histogram.samples`."""
    bounds_text = [f"{bound:g}" for bound in bounds] + ["+Inf"]
    buckets = [labels_of(__name__=f"{name}_bucket", le=le, **labels) for le in bounds_text]
    return buckets + [labels_of(__name__=f"{name}_{part}", **labels) for part in ("sum", "count")]


@dataclass
class Totals:
    """Counters since the processes started."""

    served: float = 0.0
    shed: float = 0.0
    timed_out: float = 0.0
    failed: float = 0.0
    arrived: float = 0.0
    scored: float = 0.0
    departed: float = 0.0
    batches_executed: float = 0.0
    breaker_rejected: float = 0.0
    retries_suppressed: float = 0.0
    # by the gateway: refused for their length, answered, refused by class
    too_long: float = 0.0
    answered_by_gateway: float = 0.0
    refused: Counter[str] = field(default_factory=Counter)
    unread: float = 0.0
    present: float = 0.0
    null: float = 0.0
    outside_max_age: float = 0.0
    busy_seconds: Floats = field(default_factory=lambda: np.zeros(0))
    latency: Histogram = field(default_factory=Histogram)
    predict: Histogram = field(default_factory=Histogram)
    dependency: Histogram = field(default_factory=Histogram)
    tokens: Histogram = field(default_factory=lambda: Histogram(TOKEN_BUCKETS, scale=1.0))
    by_pod: list[Histogram] = field(default_factory=list)  # predict, where exposed per pod
    # Latencies are observed at the next scrape: one histogram call for three ticks.
    pending: list[tuple[int, Floats, Floats, Floats, Ints]] = field(default_factory=list)
    by_pool: Counter[str] = field(default_factory=Counter)  # requests by `POOL/CODE`
    # Prometheus' and Alertmanager's own counters, by metric or metric/integration.
    meta_monitoring: Counter[str] = field(default_factory=Counter)

    def add(self, sample: Sample) -> None:
        """Count one tick."""
        weight = sample.weight
        self.served += weight * sample.served
        self.shed += weight * (
            sample.shed - sample.breaker_rejected - sample.too_long - sum(sample.refused.values())
        )  # the others never reached the server
        self.too_long += weight * sample.too_long
        self.answered_by_gateway += weight * len(sample.answered)
        for name, count in sample.refused.items():
            self.refused[name] += weight * count
        self.timed_out += weight * sample.timed_out
        self.failed += weight * sample.failed
        self.arrived += weight * sample.arrived
        self.scored += weight * sample.scored
        self.departed += weight * sample.departed
        self.batches_executed += weight * sample.batches_executed
        self.breaker_rejected += weight * sample.breaker_rejected
        self.retries_suppressed += weight * sample.retries_suppressed
        self.unread += weight * sample.unread
        self.present += weight * sample.fresh
        self.null += weight * sample.null
        self.outside_max_age += weight * sample.outside_max_age
        for key, requests in sample.by_pool.items():
            self.by_pool[key] += weight * requests
        if len(sample.busy_ms):
            if len(self.busy_seconds) != len(sample.busy_ms):
                self.busy_seconds = np.zeros(len(sample.busy_ms))
            self.busy_seconds += sample.busy_ms * (weight / 1000.0)
        if len(sample.tokens):
            self.tokens.observe([sample.tokens], weight)
        if len(sample.latency_ms):
            self.pending.append(
                (weight, sample.latency_ms, sample.predict_ms, sample.dependency_ms, sample.slot)
            )

    def observe_pending(self) -> None:
        """Put the pending latencies into their histograms."""
        for weight in {row[0] for row in self.pending}:
            same_weight = [row[1:] for row in self.pending if row[0] == weight]
            latency, predict, dependency, slots = zip(*same_weight, strict=True)
            self.latency.observe(latency, weight)
            self.predict.observe(predict, weight)
            self.dependency.observe(dependency, weight)
            for pod, histogram in enumerate(self.by_pod):
                parts = [ms[slot == pod] for ms, slot in zip(predict, slots, strict=True)]
                histogram.observe(parts, weight)
        self.pending = []
