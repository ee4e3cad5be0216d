"""The time of a tick by system.

Every system is called through a clock, which costs under a microsecond, little beside a call.
A system's time excludes the calls to systems with their own row.
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
from simulator.director.objectives import TrueObjectives
from simulator.monitors import MonitorRunner
from simulator.pipeline import step
from simulator.pipeline.cluster import deployment, memory
from simulator.pipeline.jobs import scheduler
from simulator.pipeline.laws import Params
from simulator.pipeline.model import feature_store, labels, scoring
from simulator.pipeline.serving import server
from simulator.play import play
from simulator.session.evaluation import Evaluation
from simulator.setting import load
from simulator.telemetry.collector import Collector
from simulator.telemetry.totals import Totals
from tests.benchmarks.clocks import table
from tests.benchmarks.drill_time import SCENARIO

# The functions of each system, as (owner, attribute): patched where callers look them up.
SYSTEMS: dict[str, list[tuple[Any, str]]] = {
    "laws folded": [(Params, "unbent")],
    "traffic": [(step, "arrive")],
    "cluster, memory, jobs": [(deployment, "step"), (memory, "step"), (scheduler, "step")],
    "serving": [(server, "serve")],
    "scoring": [(scoring, "score")],
    "  feature reads": [(feature_store, "read")],
    "  labels, row log": [(labels, "schedule"), (labels, "log_rows")],
    "counters": [(Totals, "add")],
    "scrape": [(Collector, "scrape")],
    "monitors": [(MonitorRunner, "run")],
    "rules": [(RuleEvaluator, "evaluate"), (RuleEvaluator, "outgoing")],
    "alertmanager": [(Alertmanager, "advance"), (Alertmanager, "receive")],
    "calendar": [(Calendar, "advance")],
    "truth": [
        (TrueObjectives, "observe"),
        (TrueObjectives, "close_interval"),
        (Evaluation, "_log_debts"),
    ],
    "the rest of the tick": [(sessions.Session, "_do_tick")],
}


class Clocks:
    """Seconds and calls by system; a nested call counts for the inner system alone."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(SYSTEMS, 0.0)
        self.calls = dict.fromkeys(SYSTEMS, 0)
        self._inside = [0.0]

    def wrap(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, timed."""

        def timed_call(*args: Any, **more: Any) -> Any:
            self._inside.append(0.0)
            begin = time.process_time()
            try:
                return work(*args, **more)
            finally:
                took = time.process_time() - begin
                self.seconds[name] += took - self._inside.pop()
                self._inside[-1] += took
                self.calls[name] += 1

        return timed_call


@contextmanager
def timed() -> Iterator[Clocks]:
    """Time every system inside the context; restore the functions afterwards."""
    clocks = Clocks()
    originals = [
        (owner, name, getattr(owner, name))
        for functions in SYSTEMS.values()
        for owner, name in functions
    ]
    try:
        for system, functions in SYSTEMS.items():
            for owner, name in functions:
                setattr(owner, name, clocks.wrap(system, getattr(owner, name)))
        yield clocks
    finally:
        for owner, name, function in originals:
            setattr(owner, name, function)


def measure(repeats: int) -> None:
    """Print the table, of the run with the median time."""
    setting = load(SCENARIO)
    runs = []
    for seed in range(1, repeats + 1):
        with timed() as clocks:
            play(setting, seed)
        runs.append(clocks)
    run = sorted(runs, key=lambda clocks: sum(clocks.seconds.values()))[len(runs) // 2]
    whole = sum(run.seconds.values())
    ticks = run.calls["the rest of the tick"]
    table(
        f"Where {whole:.2f} s of processor time go ({ticks:,} ticks, {whole / ticks * 1e6:.0f} µs each)",
        ("", "share", "a tick", "calls", "a call"),
        [
            (
                name,
                f"{seconds / whole:.0%}",
                f"{seconds / ticks * 1e6:.0f} µs",
                f"{run.calls[name]:,}",
                f"{seconds / max(1, run.calls[name]) * 1e6:.0f} µs",
            )
            for name, seconds in run.seconds.items()
        ],
    )
