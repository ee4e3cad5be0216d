"""The same traffic as a plain SimPy model, a process for every request.

The SimPy model only serves: it scores no rows, joins no labels, scrapes no series and evaluates
no rules. It gets the first minutes of the drill's traffic, and its time is scaled to the length
of the drill: every minute takes as long.
"""

from __future__ import annotations

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.laws import Params
from simulator.pipeline.sample import Sample
from simulator.pipeline.traffic import arrivals
from simulator.pipeline.traffic.customers import Customers
from simulator.play import play
from simulator.setting import load
from simulator.streams import Streams
from tests.benchmarks.clocks import median, table, time_in_turn
from tests.benchmarks.drill_time import SCENARIO
from tests.pipeline.simpy_server import SimpyServer

SPAN_MS = 300_000
TICK_MS = 5_000
TARGET = 15.0


def first_minutes(params: Params, seed: int) -> Floats:
    """The requests of the drill's first minutes."""
    draws = Customers(Streams(seed))
    ticks = range(0, SPAN_MS, TICK_MS)
    return np.concatenate([arrivals.arrive(params, draws, Sample(t, TICK_MS)) for t in ticks])


def measure(repeats: int) -> None:
    """Print the table."""
    setting = load(SCENARIO)
    params, duration = setting.params, setting.scenario.duration
    requests = first_minutes(params, 1)
    slots = setting.world.cluster.desired_replicas * params.concurrency
    plain = params.unbent()
    took = time_in_turn(
        {
            "simpy": lambda: SimpyServer(plain, slots).run(requests, SPAN_MS),
            "drill": lambda: play(setting, 1),
        },
        repeats,
    )
    ratios = [
        judge.processor * (duration / SPAN_MS) / ours.processor
        for judge, ours in zip(took["simpy"], took["drill"], strict=True)
    ]
    judge, ours = median(took["simpy"]), median(took["drill"])
    hours = duration / 3_600_000
    table(
        f"The same requests as SimPy processes ({len(requests):,} of them, scaled to {hours:g} h)",
        ("", "processor", "an hour of drill", "ratio"),
        [
            (
                "SimPy, serving only",
                f"{judge.processor:.2f} s",
                f"{judge.processor * 3_600_000 / SPAN_MS:.1f} s",
                "1.0x",
            ),
            (
                "drill, everything",
                f"{ours.processor:.2f} s",
                f"{ours.processor / hours:.2f} s",
                f"{sorted(ratios)[len(ratios) // 2]:.1f}x",
            ),
        ],
    )
    print(f"target: {TARGET:g}x or more; here {min(ratios):.1f}x to {max(ratios):.1f}x")
