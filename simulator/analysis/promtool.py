"""A run's alerts as a test file of promtool, to verify them in a real Prometheus.

promtool evaluates every group on one grid from the start of its series, on a clock that starts in
1970; the expected alerts are computed in the same way. `state_differences` lists where the run
itself differs (its rules began at 0, a group has its own interval, monitoring was down, a rule
reads the time of day, the other dialect).
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from simulator.alerting.alerts import AlertChange
from simulator.alerting.rule_evaluator import RuleEvaluator
from simulator.alerting.rulefile import RuleGroup
from simulator.analysis.run_record import RunRecord
from simulator.promql import Engine, selectors
from simulator.promql.sample_age import max_sample_age
from simulator.promql.selection import selected_indices
from simulator.run import Run
from simulator.run.events import AlertEvent
from simulator.telemetry.openmetrics import format_number, format_series
from simulator.telemetry.store import (
    Floats,
    Ints,
    Labels,
    SeriesStore,
    is_missing,
    is_stale,
    labels_of,
)

SPREAD = 12  # extra times at which every alert is checked, besides its changes
Change = tuple[int, Labels, str]


class ExpectedAlerts(NamedTuple):
    """The firing alerts of one name that promtool must find at a time."""

    t: int  # ms of simulated time
    alert: str
    alerts: tuple[tuple[Labels, Labels], ...]  # labels and annotations


@dataclass
class PromtoolTest:
    """A test: its times, its input series and the expected alerts."""

    start: int  # ms of simulated time; promtool's 0
    every: int  # ms between evaluations
    interval: int  # ms between samples
    series: list[tuple[Labels, Ints, Floats]]
    expected: list[ExpectedAlerts]
    changes: list[AlertChange]
    failures: list[str]
    order: list[str]  # of the groups: promtool's own order is random


def build_test(
    run: Run,
    groups: Sequence[RuleGroup],
    every: int,
    dialect: int,
    external: Mapping[str, str] | None = None,
) -> PromtoolTest:
    """The test of a run's rules.

    Parameters
    ----------
    run : Run
        With its series.
    every : int, ms
        The evaluation interval.
    dialect : int
        2 or 3, the major version of promtool.
    external : mapping, optional
        External labels, for templates.
    """
    rules = [rule for group in groups for rule in group.rules]
    # A facilitator may have ended the drill early.
    scrape, ends = run.header.scrape, RunRecord(run).end
    grid = math.lcm(every, scrape)
    need = max([max_sample_age(rule.expr) + rule.hold for rule in rules], default=0)
    start = -(-need // grid) * -grid
    scraped = _scraped(run, start)
    series = list(_selected(scraped, groups))
    times = np.unique(np.concatenate([np.array([start, 0, scrape]), *(s[1] for s in series)]))
    expected, changes, failures = _evaluated(scraped, groups, start, ends, every, dialect, external)
    step = math.gcd(*(int(t) for t in np.diff(times)))
    order = list(dict.fromkeys(group.name for group in groups))
    return PromtoolTest(start, every, step, series, expected, changes, failures, order)


def state_differences(run: Run, test: PromtoolTest) -> tuple[set[Change], set[Change]]:
    """State changes of alerts only in the run, and only in the test."""
    in_run = {(event.t, labels_of(event.labels), event.state) for event in run.of(AlertEvent)}
    in_test = {(change.t, change.labels, change.state) for change in test.changes if change.t > 0}
    return in_run - in_test, in_test - in_run


def format_test(
    test: PromtoolTest, files: Sequence[str], notes: Sequence[str], external: Mapping[str, str]
) -> Iterator[str]:
    """The test file, YAML, line by line.

    Parameters
    ----------
    files : sequence of str
        The rule files, as seen from the test file.
    notes : sequence of str
        Comments at its top.
    external : mapping
        External labels.
    """
    yield from (f"# {note}\n" for note in notes)
    yield f"rule_files: {json.dumps(list(files))}\n"
    yield f"evaluation_interval: {_duration(test.every)}\n"
    yield f"group_eval_order: {json.dumps(test.order, ensure_ascii=False)}\n"
    yield f"tests:\n- interval: {_duration(test.interval)}\n"
    if external:
        yield f"  external_labels: {_map(tuple(external.items()))}\n"
    yield "  input_series:\n"
    for labels, times, values in test.series:
        samples = " ".join(_notation((times - test.start) // test.interval, values))
        yield f"  - series: {json.dumps(format_series(labels), ensure_ascii=False)}\n"
        yield f"    values: {json.dumps(samples)}\n"
    yield "  alert_rule_test:\n"
    for expected in test.expected:
        yield f"  - eval_time: {_duration(expected.t - test.start)}\n"
        yield f"    alertname: {json.dumps(expected.alert)}\n"
        yield "    exp_alerts:" + ("\n" if expected.alerts else " []\n")
        for labels, texts in expected.alerts:
            own = tuple(pair for pair in labels if pair[0] != "alertname")
            yield f"    - exp_labels: {_map(own)}\n"
            yield f"      exp_annotations: {_map(texts)}\n"


def _scraped(run: Run, start: int) -> SeriesStore:
    """The scraped series from a time on, without the rules' own: promtool evaluates the rules."""
    scraped = SeriesStore()
    for name, table in SeriesStore.from_arrays(run.series).tables.items():
        if not name.startswith("rules/"):
            copy, rows = scraped.table(name, table.series), table.times >= start
            for t, row in zip(table.times[rows].tolist(), table.values[rows], strict=True):
                copy.append(t, row)
    return scraped


def _selected(
    store: SeriesStore, groups: Sequence[RuleGroup]
) -> Iterator[tuple[Labels, Ints, Floats]]:
    """The series that any rule reads."""
    read = {s for group in groups for rule in group.rules for s in selectors(rule.expr)}
    for table in store.tables.values():
        columns = {i for selector in read for i in selected_indices(selector, table.series)}
        for column in sorted(columns):
            values = table.values[:, column]
            present = ~is_missing(values)
            if present.any():
                yield table.series[column], table.times[present], values[present]


def _evaluated(
    store: SeriesStore,
    groups: Sequence[RuleGroup],
    start: int,
    ends: int,
    every: int,
    dialect: int,
    external: Mapping[str, str] | None,
) -> tuple[list[ExpectedAlerts], list[AlertChange], list[str]]:
    # Like promtool: one interval for all groups, and a clock that starts with the test.
    groups = [replace(group, interval=None) for group in groups]
    rules = RuleEvaluator(groups, Engine(store, dialect, epoch=-start), external, every)
    changes: list[AlertChange] = []
    firing: dict[int, dict[str, list[tuple[Labels, Labels]]]] = {}
    for t in range(start, ends + 1, every):
        changes += rules.evaluate(t)
        for alert in rules.alerts():
            if alert.state == "firing":
                named = firing.setdefault(t, {}).setdefault(alert.alert, [])
                named.append((alert.labels, alert.annotations))
    names = dict.fromkeys(rule.alert for group in groups for rule in group.rules if rule.alert)
    first = -(-max(start, 0) // every) * every
    spread = {first + (ends - first) * k // SPREAD // every * every for k in range(SPREAD + 1)}
    expected = []
    for name in names:
        turns = {
            t for change in changes if change.alert == name for t in (change.t, change.t - every)
        }
        for t in sorted(t for t in turns | spread if first <= t <= ends):
            alerts = firing.get(t, {}).get(name, [])
            expected.append(ExpectedAlerts(t, name, tuple(sorted(alerts))))
    failures = [f"{failure.group}: {failure.rule}: {failure.text}" for failure in rules.failures]
    return expected, changes, list(dict.fromkeys(failures))


def _notation(steps: Ints, values: Floats) -> Iterator[str]:
    """Samples in promtool's notation: `1x3` is 1 four times, `_x2` is no sample twice.

    Examples
    --------
    >>> list(_notation(np.array([1, 2, 3, 6]), np.array([5.0, 5.0, 7.0, 7.0])))
    ['_', '5.0x1', '7.0', '_x2', '7.0']
    """
    texts = [
        "stale" if stale else format_number(value).removeprefix("+")
        for value, stale in zip(values.tolist(), is_stale(values).tolist(), strict=True)
    ]
    at, k = 0, 0
    while k < len(texts):
        if gap := int(steps[k]) - at:
            yield f"_x{gap}" if gap > 1 else "_"
        last = k
        while (
            last + 1 < len(texts)
            and steps[last + 1] == steps[last] + 1
            and texts[last + 1] == texts[k]
            and texts[k] != "stale"
        ):
            last += 1
        yield f"{texts[k]}x{last - k}" if last > k else texts[k]
        at, k = int(steps[last]) + 1, last + 1


def _duration(ms: int) -> str:
    return f"{ms}ms" if ms % 1000 else f"{ms // 1000}s"


def _map(pairs: Labels) -> str:
    return json.dumps(dict(pairs), ensure_ascii=False)
