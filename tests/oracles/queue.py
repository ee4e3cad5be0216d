"""A pipeline that is one queue, a drill around it, and what its customers went through."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from simulator.exercise.injects import Inject
from simulator.faults import Fault
from simulator.pipeline.arrays import Floats
from simulator.pipeline.sample import Sample
from simulator.session import Session, session
from simulator.setting import Setting, load

QUEUE = Path(__file__).parent / "queue.yaml"


def queue(
    minutes: int,
    rate: str,
    tick: str = "5s",
    bursts: Sequence[Mapping[str, Any]] = (),
    injects: Sequence[Mapping[str, Any]] = (),
    **serving: Any,
) -> Setting:
    """One queue for so many minutes.

    Parameters
    ----------
    minutes : int
    rate : str
        Of arrivals, as a pipeline file has it.
    tick : str
    bursts, injects : sequence of mapping
        As files have them.
    **serving
        What its serving stage says, beyond one slot and endless patience.
    """
    sets: dict[str, Any] = {
        "duration": f"{minutes}m",
        "tick": tick,
        "pipeline.traffic.rate": rate,
        "pipeline.traffic.bursts": list(bursts),
        "injects": list(injects),
        **{f"pipeline.stages.serving.{key}": value for key, value in serving.items()},
    }
    return load(QUEUE, [f"{path}={json.dumps(value)}" for path, value in sets.items()])


def under(setting: Setting, fault: Fault, **inject: Any) -> Setting:
    """The same with one fault, from the start unless it says otherwise."""
    inject = {
        "id": "it",
        "type": "fault",
        "name": "it",
        "at": 0,
        "target": "",
        "args": {},
        **inject,
    }
    return dataclasses.replace(setting, injects=(Inject(fault=fault, **inject),))


def live(
    setting: Setting, seed: int, look: Callable[[Session], None] | None = None
) -> list[Sample]:
    """What every tick of a session did; `look` is called after each."""
    samples: list[Sample] = []
    step = session.step

    def spy(*args: Any) -> Sample:
        samples.append(step(*args))
        return samples[-1]

    session.step = spy
    try:
        run = Session(setting, seed)
        while run.now < run.ends:
            run.advance(run.now + setting.scenario.tick)
            if look is not None:
                look(run)
    finally:
        session.step = step
    return samples


class Lived(NamedTuple):
    """Customers of the second part of a session, when the queue has filled."""

    sojourn: Floats  # seconds
    wait: Floats
    count: dict[str, int]
    seconds: float


def settled(samples: list[Sample], leave_out: float = 0.1) -> Lived:
    """Without the first tenth."""
    kept = samples[int(len(samples) * leave_out) :]
    sojourn = np.concatenate([sample.latency_ms for sample in kept]) / 1000
    work = np.concatenate([sample.predict_ms + sample.dependency_ms for sample in kept]) / 1000
    names = ("arrived", "served", "shed", "timed_out", "failed")
    count = {name: sum(getattr(sample, name) for sample in kept) for name in names}
    return Lived(sojourn, sojourn - work, count, sum(sample.dt for sample in kept) / 1000)


class Interval(NamedTuple):
    """The 99 % interval of a mean, by Student's t over seeds."""

    mean: float
    half: float

    def holds(self, exact: float) -> bool:
        """Whether the exact value lies inside, and the interval is narrow enough to say so."""
        return abs(self.mean - exact) <= self.half <= 0.08 * exact


def interval(values: Iterable[float]) -> Interval:
    """Of one value a seed."""
    per_seed = np.array(list(values))
    student = stats.t.ppf(0.995, len(per_seed) - 1)
    half = student * per_seed.std(ddof=1) / math.sqrt(len(per_seed))
    return Interval(float(per_seed.mean()), float(half))
