"""A shift of half the traffic leaves two queues, each with its own closed form."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.pipeline.sample import Sample
from simulator.session import Order, Session
from tests.oracles.queue_drill import mean_interval, queue_setting, tick_samples
from tests.oracles.test_queues import UNIT, erlang_c, rate, wait_c, work
from tests.seeds import seeds

EAST = {"replicas": 1, "replicas_max": 1, "nodes": 1, "build": 1, "concurrency": 2}
SHIFTED_AT = 60_000


def waits(samples: list[Sample], slot: int) -> list[float]:
    """The waits at one pod, in mean services, from a minute after the shift on."""
    kept = [sample for sample in samples if sample.t >= 2 * SHIFTED_AT]
    of_pod = [sample.slot == slot for sample in kept]
    parts = [
        (sample.latency_ms - sample.predict_ms - sample.dependency_ms)[here]
        for sample, here in zip(kept, of_pod, strict=True)
    ]
    return list(np.concatenate(parts) / 1000 / UNIT)


@pytest.mark.slow
def test_a_shift_of_half_the_traffic_makes_two_queues() -> None:
    """Of Poisson arrivals 2.8, each half is Poisson with 1.4: M/M/3 here and M/M/2 there."""

    def shift(run: Session) -> None:
        if run.now == 5_000:
            order = Order("shift_traffic", {"to": "east", "share": 0.5})
            run.door(run.plays).submit(order)

    drill = queue_setting(
        minutes=8, rate=rate(2.8), concurrency=3, service=work(), pools={"east": EAST}
    )
    per_seed = [tick_samples(drill, seed, shift) for seed in seeds(whole=10, share=6)]
    for slot, c in ((0, 3), (1, 2)):
        own = [np.array(waits(samples, slot)) for samples in per_seed]
        exact = wait_c(1.4, 1, c)
        assert mean_interval(w.mean() for w in own).contains(exact), (c, exact)
        chance = erlang_c(1.4, 1, c)
        assert mean_interval((w > 1e-9).mean() for w in own).contains(chance), (c, chance)
