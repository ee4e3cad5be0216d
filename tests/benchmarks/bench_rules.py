"""Milliseconds per evaluation of 100 public rules, and beside a real Prometheus.

Run from the repository's root: ``python -m tests.benchmarks.bench_rules``; the comparison needs
the program ``prometheus`` on PATH or in PROMETHEUS_BIN. The rules are the alerting and recording
rules of ../shared/conformance/rules, over series invented from their selectors. Medians of five
passes over twenty ticks, CPU and wall time; targets are issue 5's.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulator.alerting.rule_evaluator import RuleEvaluator, RuleGroup, load_rules
from simulator.promql import Engine
from simulator.telemetry.store import MISSING, Labels, SeriesStore, labels_of
from tests.alerting.invented import COUNTER, exact
from tests.alerting.invented import series as invented
from tests.alerting.programs import free_port, program, serving
from tests.promql.test_prometheus import START, Prometheus

FOLDER = Path(__file__).parents[2].parent / "shared" / "conformance" / "rules"
STEP = 15_000
HISTORY = 241  # an hour
PASSES, TICKS = 5, 20
RULES = 100


def hundred_rules() -> list[RuleGroup]:
    """Every third rule of the public files, in groups of their own file, 100 in all."""
    groups = []
    remaining = RULES
    for file in sorted(FOLDER.glob("*.yml")):
        for group in load_rules(file.read_text(), file.name, dialect=2):
            rules = [rule for n, rule in enumerate(group.rules) if n % 3 != 2][:remaining]
            remaining -= len(rules)
            if rules:
                groups.append(replace(group, rules=tuple(rules), interval=STEP))
    return groups


def columns(groups: list[RuleGroup], least: int) -> dict[Labels, np.ndarray]:
    """At least `least` series without gaps: counters grow, gauges are constant."""
    copies = 1
    while len(invented_columns := invented(groups, 1, 60, STEP, copies)) < least:
        copies = max(copies + 1, copies * least // len(invented_columns))
    dice = np.random.default_rng(7)
    rows = HISTORY + PASSES * TICKS + 5
    whole: dict[Labels, np.ndarray] = {}
    for labels in sorted(invented_columns):  # a metric's columns side by side
        grows = COUNTER.search(dict(labels)["__name__"])
        steps = dice.integers(0, 5, size=rows).cumsum() if grows else np.ones(rows)
        whole[labels] = exact(steps.astype(float))
    return whole


class Bench:
    """A store with an hour of scrapes, and the rules over it."""

    def __init__(self, least: int, gaps: float = 0.0, churn: int = 0) -> None:
        self.groups = hundred_rules()
        self.columns = columns(self.groups, least)
        self.matrix = np.array(list(self.columns.values())).T.copy()
        self.matrix[np.random.default_rng(3).random(self.matrix.shape) < gaps] = MISSING
        self.churn, self.store, self.row = churn, SeriesStore(), 0
        self.table = self.store.table("scraped", list(self.columns))
        self.rules = RuleEvaluator(self.groups, Engine(self.store, dialect=2))
        self.late = self.store.table("late")
        for _ in range(HISTORY):
            self.scrape()
        for _ in range(3):  # plans are made, alerts begin
            self.tick()

    def scrape(self) -> int:
        t = self.row * STEP
        self.table.append(t, self.matrix[self.row])
        if self.churn:  # so many new series at every tick, of metrics that rules read
            names = list(self.columns)[:: len(self.columns) // self.churn][: self.churn]
            new = [labels_of({**dict(n), "instance": f"late-{self.row}"}) for n in names]
            self.late.put(t, self.late.ensure_columns(new), 1.0)
        self.row += 1
        return t

    def tick(self) -> None:
        self.rules.evaluate(self.scrape())

    def measure(self) -> tuple[float, float]:
        """Median CPU and wall time of a tick's evaluation, ms."""
        cpu, wall = [], []
        for _ in range(PASSES):
            spent = [0.0, 0.0]
            for _ in range(TICKS):
                t = self.scrape()
                began = time.process_time(), time.perf_counter()
                self.rules.evaluate(t)
                spent[0] += time.process_time() - began[0]
                spent[1] += time.perf_counter() - began[1]
            cpu.append(spent[0] / TICKS * 1000)
            wall.append(spent[1] / TICKS * 1000)
        return statistics.median(cpu), statistics.median(wall)

    def queries(self) -> tuple[float, float]:
        """The same expressions, evaluated at one time and at the last twenty at once; CPU, ms."""
        plans = [rule.plan for group in self.rules.groups for rule in group.rules]
        t = (self.row - 1) * STEP
        at_one = cpu_ms(lambda: [plan.at(t) for plan in plans])
        at_once = cpu_ms(lambda: [plan.over(t - 19 * STEP, t, STEP) for plan in plans])
        return at_one, at_once / 20


def cpu_ms(work: Callable[[], object]) -> float:
    times = []
    for _ in range(PASSES):
        began = time.process_time()
        work()
        times.append((time.process_time() - began) * 1000)
    return statistics.median(times)


def beside_prometheus(bench: Bench) -> None:
    """The same 1,000 instant queries, 100 rules at ten times, to both in turn; wall time.

    Ours are evaluated one by one, and the ten times of a rule at once.
    """
    plans = [rule.plan for group in bench.rules.groups for rule in group.rules]
    last = (bench.row - 1) * STEP
    step = 4 * STEP
    times_ms = range(last - 9 * step, last + 1, step)
    ours: list[float] = []
    at_once: list[float] = []
    prometheus_ms: list[float] = []
    with real(bench) as prometheus:
        for plan in plans:
            took = statistics.median(
                wall(lambda p=plan: p.over(times_ms[0], last, step)) for _ in range(3)
            )
            at_once += [took / len(times_ms)] * len(times_ms)
            for t in times_ms:
                ours.append(wall(lambda p=plan, t=t: p.at(t)))
                at = (START + t) / 1000
                prometheus_ms.append(
                    wall(
                        lambda p=plan, at=at: prometheus.ask("/api/v1/query", query=p.text, time=at)
                    )
                )
    print(
        f"{len(ours)} queries, medians: Prometheus over HTTP {statistics.median(prometheus_ms):.3f} ms, ours "
        f"one by one {statistics.median(ours):.3f}, ten times at once {statistics.median(at_once):.3f}"
    )
    for how, times in (("one by one", ours), ("ten at once", at_once)):
        ratios = sorted(b / a for a, b in zip(times, prometheus_ms, strict=True))
        tenfold = sum(ratio >= 10 for ratio in ratios)
        print(
            f"{how}: {ratios[len(ratios) // 2]:.1f}x in the median, 5 % below "
            f"{ratios[len(ratios) // 20]:.1f}x, least {ratios[0]:.1f}x; 10x or more in {tenfold}"
        )


def wall(work: Callable[[], object]) -> float:
    """The wall time of a call, ms."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


@contextmanager
def real(bench: Bench) -> Iterator[Prometheus]:
    """A Prometheus of its own with the last hour of the same samples."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        (folder / "prometheus.yml").write_text("{}")
        command = [
            program("prometheus"), f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address=127.0.0.1:{port}",
            "--web.enable-remote-write-receiver", "--log.level=warn",
        ]  # fmt: skip
        with serving(command, port, folder / "log") as address:
            prometheus = Prometheus(address)
            # Prometheus rejects samples over an hour older than the newest: all series by half hours.
            for start in range(0, bench.row, 120):
                for table in bench.store.tables.values():
                    first = int(table.times[0]) // STEP if len(table.times) else 0
                    rows = table.values[max(0, start - first) : max(0, start + 120 - first)]
                    columns = dict(zip(table.series, rows.T.tolist(), strict=True))
                    if len(rows):
                        prometheus.write(columns, max(start, first))
            yield prometheus


TARGETS = (("820 series", 820, 0.0, 0, "5 ms"), ("3 % gaps", 820, 0.03, 0, "2x"),
           ("12 new series a tick", 820, 0.0, 12, "3x"), ("8,000 series", 8000, 0.0, 0, "15 ms"))  # fmt: skip


def main() -> None:
    """Print the table."""
    print(f"{'100 rules, a tick':24}{'series':>8}{'alerts':>8}{'CPU ms':>9}{'wall ms':>9}"
          f"{'plans ms':>10}{'20 at once':>12}   target")  # fmt: skip
    first = None
    for name, series, gaps, churn, target in TARGETS:
        bench = Bench(series, gaps, churn)
        cpu, wall = bench.measure()
        at_one, at_once = bench.queries()
        first = first or bench
        print(f"{name:24}{len(bench.columns):8,}{len(bench.rules.alerts()):8,}{cpu:9.2f}{wall:9.2f}"
              f"{at_one:10.2f}{at_once:12.2f}   {target}; {len(bench.rules.failures)} failed")  # fmt: skip
    assert first is not None
    try:
        beside_prometheus(first)
    except pytest.skip.Exception as missing:
        print(f"no comparison: {missing}")


if __name__ == "__main__":
    main()
