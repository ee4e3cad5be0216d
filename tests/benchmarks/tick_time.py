"""Where the time of a tick goes, system by system.

Every system is called through a clock; what a clock costs (under a microsecond) is small
beside what it measures. What a system calls that has a row of its own is taken out of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from simulator import session as sessions
from simulator.alerting.alertmanager import Alertmanager
from simulator.alerting.rule_evaluator import RuleEvaluator
from simulator.calendar import Calendar
from simulator.exercise.objectives import Truth
from simulator.monitors import MonitorRunner
from simulator.pipeline import step
from simulator.pipeline.cluster import deployment, memory
from simulator.pipeline.jobs import scheduler
from simulator.pipeline.laws import Params
from simulator.pipeline.model import feature_store, labels, scoring
from simulator.pipeline.serving import server
from simulator.setting import load
from simulator.telemetry.collector import Collector
from simulator.telemetry.totals import Totals
from simulator.twins import play
from tests.benchmarks.clocks import table
from tests.benchmarks.drill_time import SCENARIO

# Where each is looked up when it is called.
SYSTEMS: dict[str, list[tuple[Any, str]]] = {
    "laws folded": [(Params, "unbent")],
    "traffic": [(step, "arrive")],
    "cluster, memory, jobs": [(deployment, "step"), (memory, "step"), (scheduler, "step")],
    "serving": [(server, "serve")],
    "scoring": [(scoring, "score")],
    "  feature reads": [(feature_store, "read")],
    "  labels, row log": [(labels, "send"), (labels, "keep")],
    "counters": [(Totals, "add")],
    "scrape": [(Collector, "scrape")],
    "monitors": [(MonitorRunner, "run")],
    "rules": [(RuleEvaluator, "evaluate"), (RuleEvaluator, "outgoing")],
    "alertmanager": [(Alertmanager, "advance"), (Alertmanager, "receive")],
    "calendar": [(Calendar, "advance")],
    "truth": [(Truth, "observe"), (Truth, "look"), (sessions.Session, "_log_debts")],
    "the rest of the tick": [(sessions.Session, "_do_tick")],
}


class Clocks:
    """Seconds and calls by name; what runs inside another is the inner one's alone."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(SYSTEMS, 0.0)
        self.calls = dict.fromkeys(SYSTEMS, 0)
        self._inside = [0.0]

    def on(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, clocked."""

        def clocked(*args: Any, **more: Any) -> Any:
            self._inside.append(0.0)
            begin = time.process_time()
            try:
                return work(*args, **more)
            finally:
                took = time.process_time() - begin
                self.seconds[name] += took - self._inside.pop()
                self._inside[-1] += took
                self.calls[name] += 1

        return clocked


@contextmanager
def clocked() -> Iterator[Clocks]:
    """Every system through a clock, and as it was afterwards."""
    clocks = Clocks()
    whole = [
        (owner, name, getattr(owner, name)) for many in SYSTEMS.values() for owner, name in many
    ]
    try:
        for system, many in SYSTEMS.items():
            for owner, name in many:
                setattr(owner, name, clocks.on(system, getattr(owner, name)))
        yield clocks
    finally:
        for owner, name, function in whole:
            setattr(owner, name, function)


def measure(repeats: int) -> None:
    """Print the table, of the run with the median time."""
    setting = load(SCENARIO)
    runs = []
    for seed in range(1, repeats + 1):
        with clocked() as clocks:
            play(setting, seed)
        runs.append(clocks)
    found = sorted(runs, key=lambda one: sum(one.seconds.values()))[len(runs) // 2]
    whole = sum(found.seconds.values())
    ticks = found.calls["the rest of the tick"]
    table(
        f"Where {whole:.2f} s of processor time go ({ticks:,} ticks, {whole / ticks * 1e6:.0f} µs each)",
        ("", "share", "a tick", "calls", "a call"),
        [
            (
                name,
                f"{seconds / whole:.0%}",
                f"{seconds / ticks * 1e6:.0f} µs",
                f"{found.calls[name]:,}",
                f"{seconds / max(1, found.calls[name]) * 1e6:.0f} µs",
            )
            for name, seconds in found.seconds.items()
        ],
    )
