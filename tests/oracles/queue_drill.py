"""A drill of a pipeline that is one queue, and the waits of its requests."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from simulator.director.injects import BoundInject
from simulator.faults import Fault
from simulator.pipeline.arrays import Floats
from simulator.pipeline.sample import Sample
from simulator.session import Session, session
from simulator.setting import Setting, load

QUEUE = Path(__file__).parent / "queue.yaml"


def queue_setting(
    minutes: int,
    rate: str,
    tick: str = "5s",
    bursts: Sequence[Mapping[str, Any]] = (),
    injects: Sequence[Mapping[str, Any]] = (),
    **serving: Any,
) -> Setting:
    """The setting of a drill of one queue.

    Parameters
    ----------
    minutes : int
    rate : str
        Of arrivals, as in a pipeline file.
    tick : str
    bursts, injects : sequence of mapping
        As in scenario files.
    **serving
        Keys of its serving stage, beyond one slot and no timeout.
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


def with_fault(setting: Setting, fault: Fault, **inject: Any) -> Setting:
    """The same setting with one fault, by default from the start."""
    inject = {
        "id": "it",
        "type": "fault",
        "name": "it",
        "at": 0,
        "target": "",
        "args": {},
        **inject,
    }
    return dataclasses.replace(setting, injects=(BoundInject(fault=fault, **inject),))


def tick_samples(
    setting: Setting, seed: int, after_tick: Callable[[Session], None] | None = None
) -> list[Sample]:
    """The sample of every tick of a session; `after_tick` is called after each."""
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
            if after_tick is not None:
                after_tick(run)
    finally:
        session.step = step
    return samples


class SteadyState(NamedTuple):
    """Requests of a session after its warm-up."""

    sojourn: Floats  # seconds
    wait: Floats
    count: dict[str, int]
    seconds: float


def steady_state(samples: list[Sample], warm_up: float = 0.1) -> SteadyState:
    """The requests after the first tenth of the samples."""
    kept = samples[int(len(samples) * warm_up) :]
    sojourn = np.concatenate([sample.latency_ms for sample in kept]) / 1000
    work = np.concatenate([sample.predict_ms + sample.dependency_ms for sample in kept]) / 1000
    names = ("arrived", "served", "shed", "timed_out", "failed")
    count = {name: sum(getattr(sample, name) for sample in kept) for name in names}
    return SteadyState(sojourn, sojourn - work, count, sum(sample.dt for sample in kept) / 1000)


class MeanInterval(NamedTuple):
    """The 99 % interval of a mean, by Student's t over seeds."""

    mean: float
    half: float

    def contains(self, exact: float) -> bool:
        """Whether the exact value lies inside and the interval is narrow, 8 % to either side."""
        return abs(self.mean - exact) <= self.half <= 0.08 * exact


def mean_interval(values: Iterable[float]) -> MeanInterval:
    """The interval of the mean of one value a seed."""
    per_seed = np.array(list(values))
    student = stats.t.ppf(0.995, len(per_seed) - 1)
    half = student * per_seed.std(ddof=1) / math.sqrt(len(per_seed))
    return MeanInterval(float(per_seed.mean()), float(half))
