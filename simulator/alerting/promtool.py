"""A run's alerts as a test file of promtool: proof in a real Prometheus.

promtool evaluates every group on one grid from the beginning of its series, on a clock that
begins in 1970, and all that is what is done here to say which alerts it must find. Where the
run itself differed (its rules began at 0, a group had an interval of its own, monitoring was
down, a rule asks for the time of day, the other dialect) `differences` says so.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from simulator.alerting.alerts import AlertChange
from simulator.alerting.rule_evaluator import RuleEvaluator
from simulator.alerting.rulefile import RuleGroup
from simulator.promql import Engine, selectors
from simulator.promql.sample_age import max_sample_age
from simulator.promql.selection import selected_indices
from simulator.run import Run
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

SPREAD = 12  # times at which every alert is asked for, besides those at which it changes
Change = tuple[int, Labels, str]


class Expected(NamedTuple):
    """What promtool must find at a time: the firing alerts of one name."""

    t: int  # ms of simulated time
    alert: str
    found: tuple[tuple[Labels, Labels], ...]  # labels and annotations


@dataclass
class Proof:
    """A test: from when it runs, on what, and what must be found."""

    start: int  # ms of simulated time; promtool's 0
    every: int  # ms between evaluations
    interval: int  # ms between samples
    series: list[tuple[Labels, Ints, Floats]]
    expected: list[Expected]
    changes: list[AlertChange]
    failures: list[str]
    order: list[str]  # of the groups: promtool takes them at random where it is not told


def prove(
    run: Run,
    groups: Sequence[RuleGroup],
    every: int,
    dialect: int,
    external: Mapping[str, str] | None = None,
) -> Proof:
    """The test of a run's rules.

    Parameters
    ----------
    run : Run
        With its series.
    groups : sequence of RuleGroup
    every : int, ms
        The evaluation interval.
    dialect : int
        2 or 3, the major version of the promtool that it is for.
    external : mapping, optional
        External labels, for templates.
    """
    rules = [rule for group in groups for rule in group.rules]
    scrape, ends = int(run.header["scrape"]), int(run.header["duration"])
    grid = math.lcm(every, scrape)
    need = max([max_sample_age(rule.expr) + rule.hold for rule in rules], default=0)
    start = -(-need // grid) * -grid
    scraped = _scraped(run, start)
    series = list(_selected(scraped, groups))
    times = np.unique(np.concatenate([np.array([start, 0, scrape]), *(s[1] for s in series)]))
    expected, changes, failures = _evaluated(scraped, groups, start, ends, every, dialect, external)
    step = math.gcd(*(int(t) for t in np.diff(times)))
    order = list(dict.fromkeys(group.name for group in groups))
    return Proof(start, every, step, series, expected, changes, failures, order)


def differences(run: Run, proof: Proof) -> tuple[set[Change], set[Change]]:
    """State changes of alerts that only the run had, and those that only the test has."""
    run_had = {
        (event.t, labels_of(event.data["labels"]), str(event.data["state"]))
        for event in run.of("alert")
    }
    test_has = {(one.t, one.labels, one.state) for one in proof.changes if one.t > 0}
    return run_had - test_has, test_has - run_had


def lines(
    proof: Proof, files: Sequence[str], notes: Sequence[str], external: Mapping[str, str]
) -> Iterator[str]:
    """The test file, YAML, line by line.

    Parameters
    ----------
    proof : Proof
    files : sequence of str
        The rule files, as seen from the test file.
    notes : sequence of str
        Comments for its head.
    external : mapping
        External labels.
    """
    yield from (f"# {note}\n" for note in notes)
    yield f"rule_files: {json.dumps(list(files))}\n"
    yield f"evaluation_interval: {_duration(proof.every)}\n"
    yield f"group_eval_order: {json.dumps(proof.order, ensure_ascii=False)}\n"
    yield f"tests:\n- interval: {_duration(proof.interval)}\n"
    if external:
        yield f"  external_labels: {_map(tuple(external.items()))}\n"
    yield "  input_series:\n"
    for labels, times, values in proof.series:
        written = " ".join(_tokens((times - proof.start) // proof.interval, values))
        yield f"  - series: {json.dumps(format_series(labels), ensure_ascii=False)}\n"
        yield f"    values: {json.dumps(written)}\n"
    yield "  alert_rule_test:\n"
    for one in proof.expected:
        yield f"  - eval_time: {_duration(one.t - proof.start)}\n"
        yield f"    alertname: {json.dumps(one.alert)}\n"
        yield "    exp_alerts:" + ("\n" if one.found else " []\n")
        for labels, texts in one.found:
            own = tuple(pair for pair in labels if pair[0] != "alertname")
            yield f"    - exp_labels: {_map(own)}\n"
            yield f"      exp_annotations: {_map(texts)}\n"


def _scraped(run: Run, start: int) -> SeriesStore:
    """What was scraped from a time on; what rules wrote promtool's own rules write."""
    found = SeriesStore()
    for name, table in SeriesStore.from_arrays(run.series).tables.items():
        if not name.startswith("rules/"):
            mine, rows = found.table(name, table.series), table.times >= start
            for t, row in zip(table.times[rows].tolist(), table.values[rows], strict=True):
                mine.append(t, row)
    return found


def _selected(
    store: SeriesStore, groups: Sequence[RuleGroup]
) -> Iterator[tuple[Labels, Ints, Floats]]:
    """The series that some rule reads."""
    asked = {s for group in groups for rule in group.rules for s in selectors(rule.expr)}
    for table in store.tables.values():
        wanted = sorted({column for one in asked for column in selected_indices(one, table.series)})
        for column in wanted:
            values = table.values[:, column]
            there = ~is_missing(values)
            if there.any():
                yield table.series[column], table.times[there], values[there]


def _evaluated(
    store: SeriesStore,
    groups: Sequence[RuleGroup],
    start: int,
    ends: int,
    every: int,
    dialect: int,
    external: Mapping[str, str] | None,
) -> tuple[list[Expected], list[AlertChange], list[str]]:
    # One interval for all, and a clock that begins with the test: so does promtool.
    same = [replace(group, interval=None) for group in groups]
    rules = RuleEvaluator(same, Engine(store, dialect, epoch=-start), external, every)
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
        turns = {t for one in changes if one.alert == name for t in (one.t, one.t - every)}
        for t in sorted(t for t in turns | spread if first <= t <= ends):
            found = firing.get(t, {}).get(name, [])
            expected.append(Expected(t, name, tuple(sorted(found))))
    failures = [f"{one.group}: {one.rule}: {one.text}" for one in rules.failures]
    return expected, changes, list(dict.fromkeys(failures))


def _tokens(places: Ints, values: Floats) -> Iterator[str]:
    """Samples in promtool's notation: `1x3` is 1 four times, `_x2` is nothing twice.

    Examples
    --------
    >>> list(_tokens(np.array([1, 2, 3, 6]), np.array([5.0, 5.0, 7.0, 7.0])))
    ['_', '5.0x1', '7.0', '_x2', '7.0']
    """
    written = [
        "stale" if stale else format_number(value).removeprefix("+")
        for value, stale in zip(values.tolist(), is_stale(values).tolist(), strict=True)
    ]
    at, k = 0, 0
    while k < len(written):
        if gap := int(places[k]) - at:
            yield f"_x{gap}" if gap > 1 else "_"
        last = k
        while (
            last + 1 < len(written)
            and places[last + 1] == places[last] + 1
            and written[last + 1] == written[k]
            and written[k] != "stale"
        ):
            last += 1
        yield f"{written[k]}x{last - k}" if last > k else written[k]
        at, k = int(places[last]) + 1, last + 1


def _duration(ms: int) -> str:
    return f"{ms}ms" if ms % 1000 else f"{ms // 1000}s"


def _map(pairs: Labels) -> str:
    return json.dumps(dict(pairs), ensure_ascii=False)
