"""What one tick did: counts, and columns where a distribution matters."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from simulator.pipeline.arrays import Floats, Ints


@dataclass
class Sample:
    """What one tick did: counts, and columns where a distribution matters."""

    t: int
    dt: int
    weight: int = 1  # how many of its like each request stands for: history lives in slices
    arrived: int = 0  # attempts, retries included
    served: int = 0  # answered inside the client's patience
    shed: int = 0  # refused: queue full or no replica
    timed_out: int = 0  # given up by the client, waiting or in service
    failed: int = 0  # answered with an error, or lost with a killed replica
    kept_away: int = 0  # of the shed, those that the clients' breaker answered
    handled: int = 0  # requests that left a slot, whoever still waited for them
    executed: int = 0  # batches that did; a request by itself is one
    spared: int = 0  # further attempts that the clients' budget did not allow: never sent
    latency_ms: Floats = field(default_factory=lambda: np.zeros(0))  # of the served
    predict_ms: Floats = field(default_factory=lambda: np.zeros(0))  # model's part, of the served
    dependency_ms: Floats = field(default_factory=lambda: np.zeros(0))  # feature read's part
    slot: Ints = field(default_factory=lambda: np.zeros(0, np.int64))  # replica of each served
    # prompt lengths of what reached an accelerator, where they are told
    tokens: Floats = field(default_factory=lambda: np.zeros(0))
    busy_ms: Floats = field(default_factory=lambda: np.zeros(0))  # slot time used, per replica
    scored: int = 0  # predictions served
    correct: int = 0  # of these, right in truth
    fresh: int = 0  # feature reads by outcome
    null: int = 0
    outside_max_age: int = 0
    units: dict[str, int] = field(default_factory=dict)  # work done, by kind
    hits: dict[str, int] = field(default_factory=dict)  # fault -> units it bit on
    notes: list[tuple[str, str, str]] = field(default_factory=list)  # component, level, text

    def add(self, part: Sample) -> None:
        """Take in what a stretch of the tick did."""
        for name in vars(part).keys() - {"t", "dt", "weight"}:
            mine, value = getattr(self, name), getattr(part, name)
            if isinstance(value, dict):
                for key, units in value.items():
                    mine[key] = mine.get(key, 0) + units
            elif name == "busy_ms":
                self.busy_ms = mine + value if len(mine) else value
            elif isinstance(value, np.ndarray):
                setattr(self, name, np.concatenate((mine, value)))
            else:
                setattr(self, name, mine + value)

    def hit(self, fault: str, units: int | np.integer) -> None:
        """Count units of work on which a fault bit."""
        if units:
            self.hits[fault] = self.hits.get(fault, 0) + int(units)
