"""What one tick did: counts, and columns where a distribution matters."""

from dataclasses import dataclass, field

import numpy as np

from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.requests import COLUMNS


@dataclass
class Sample:
    """What one tick did: counts, and columns where a distribution matters."""

    t: int
    dt: int
    weight: int = 1  # requests that each request stands for: history is simulated in slices
    arrived: int = 0  # attempts, retries included
    served: int = 0  # answered within the client's patience
    shed: int = 0  # refused: queue full, no replica, or by the gateway
    timed_out: int = 0  # given up by the client, waiting or in service
    failed: int = 0  # answered with an error, or lost with a killed replica
    breaker_rejected: int = 0  # of the shed, those that the clients' breaker answered
    too_long: int = 0  # of the shed, those that the gateway refused for their length
    departed: int = 0  # requests that left a slot, whether or not the client still waited
    batches_executed: int = 0  # batches that left a slot; a request alone is one
    retries_suppressed: int = 0  # retries that the clients' budget did not allow
    latency_ms: Floats = field(default_factory=lambda: np.zeros(0))  # of the served
    predict_ms: Floats = field(default_factory=lambda: np.zeros(0))  # the model's part of it
    dependency_ms: Floats = field(default_factory=lambda: np.zeros(0))  # the feature read's part
    slot: Ints = field(default_factory=lambda: np.zeros(0, np.int64))  # replica of each served
    # prompt lengths of the requests that reached an accelerator, where tokens are declared
    tokens: Floats = field(default_factory=lambda: np.zeros(0))
    # requests that the gateway answered itself, shape (answered, COLUMNS)
    answered: Floats = field(default_factory=lambda: np.zeros((0, COLUMNS)))
    busy_ms: Floats = field(default_factory=lambda: np.zeros(0))  # slot time used, per replica
    # of the served, those that read no features: hits of a cache, all of them at a limit of 0
    unread: int = 0
    # Feature reads where the dependency has a law:
    reads: int = 0  # that began
    reads_cut: int = 0  # of these, that are cut at the time limit
    reading_ms: float = 0.0  # time that requests waited for them,
    held_ms: float = 0.0  # and the whole time that they held their slots
    scored: int = 0  # predictions served
    correct: int = 0  # of these, right in truth
    fresh: int = 0  # feature reads by outcome
    null: int = 0
    outside_max_age: int = 0
    offered: dict[str, int] = field(default_factory=dict)  # attempts at an active gateway, by class
    refused: dict[str, int] = field(default_factory=dict)  # of the shed, by load shedding, by class
    units: dict[str, int] = field(default_factory=dict)  # work done, by kind
    hits: dict[str, int] = field(default_factory=dict)  # fault -> units of work that it changed
    # of each pool of replicas where there are several: `POOL/CODE` -> requests
    by_pool: dict[str, int] = field(default_factory=dict)
    notes: list[tuple[str, str, str]] = field(default_factory=list)  # component, level, text

    def add(self, part: "Sample") -> None:
        """Add the counts and columns of a segment of the tick."""
        for name in vars(part).keys() - {"t", "dt", "weight"}:
            total, value = getattr(self, name), getattr(part, name)
            if isinstance(value, dict):
                for key, units in value.items():
                    total[key] = total.get(key, 0) + units
            elif name == "busy_ms":
                self.busy_ms = total + value if len(total) else value
            elif isinstance(value, np.ndarray):
                setattr(self, name, np.concatenate((total, value)))
            else:
                setattr(self, name, total + value)

    def hit(self, fault: str, units: int | np.integer) -> None:
        """Count units of work that a fault changed."""
        if units:
            self.hits[fault] = self.hits.get(fault, 0) + int(units)

    def count(self, unit: str) -> None:
        """Count one unit of work, on which a fault may land (`Bends.lands_on`)."""
        self.units[unit] = self.units.get(unit, 0) + 1
