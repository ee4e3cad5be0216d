"""Attribution names the fault that was injected: drills with two faults drawn at random.

Every fault has one symptom of its own by its mechanism: a slow build breaches the latency, a
credential the freshness. So the culprit of each alert and each breach is known beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from simulator.analysis import Timeline
from simulator.play import play, play_twin
from simulator.play.twins import NO_FAULT_TWIN, NONE_TWIN, twins_with_orders
from simulator.run import Run
from tests.seeds import seeds
from tests.small.playing import LATE, MORE, NULLS, SLOW, Orders

READS = {"id": "reads", "fault": "slow_dependency", "args": {"factor": 40.0}}
RUSH = {**MORE, "id": "rush"}
# The alert and the objective that only these faults can change.
SYMPTOMS = {
    "slow": ("Slow", "latency_p95"),
    "reads": ("Slow", "latency_p95"),
    "rush": ("Slow", "latency_p95"),
    "late": ("Stale", "freshness"),
    "nulls": ("Nulls", None),
}
FAULTS = {fault["id"]: fault for fault in (SLOW, READS, RUSH, LATE, NULLS)}
ANSWERS = (
    ("acknowledge", {}),
    ("page", {"team": "data"}),
    ("scale", {"replicas": 4}),
    ("restart", {}),
    ("rollback", {"target": "serving"}),
    ("rerun_job", {"job": "fill"}),
)
# Two faults of one symptom: the second begins when the first is long over.
LENGTH, APART = 5, 20


def drawn_run(drill, seed: int) -> Run:
    """A drill with two faults and up to four orders, and its twins that attribution reads."""
    rng = np.random.default_rng(seed)
    first, second = (str(name) for name in rng.permutation(list(FAULTS))[:2])
    start = int(rng.integers(8, 14))
    lag = int(rng.integers(0, 12))
    injects = [FAULTS[first], FAULTS[second]]
    if SYMPTOMS[first] == SYMPTOMS[second]:
        injects, lag = [{**inject, "for": f"{LENGTH}m"} for inject in injects], APART
    times = (start, start + lag)
    setting = drill(
        *({**inject, "at": f"{t}m"} for inject, t in zip(injects, times, strict=True)),
        duration="45m",
    )
    picked = rng.choice(len(ANSWERS), rng.integers(0, 5), replace=False)
    orders = [(int(rng.integers(start + 2, 40)), *ANSWERS[number]) for number in picked]
    run = play(setting, seed, Orders(*orders) if orders else None, name="x" if orders else "none")
    less_a_fault = [twin for twin in twins_with_orders(run) if not twin.omitted]
    run.twins = {
        twin.name: play_twin(setting, seed, twin, run)
        for twin in (NO_FAULT_TWIN, NONE_TWIN, *less_a_fault)
    }
    return run


def named(run: Run) -> Iterator[tuple[str, set[str], str]]:
    """Every alert and every breached objective: what, the faults named, and the true culprit."""
    timeline = Timeline(run)
    onsets = timeline.onsets
    assert len(onsets) == 2
    for span in timeline.firings:
        causes = {o.id for o in onsets if timeline.attribution.caused_by(span.alert, span.start, o)}
        yield span.alert.name, causes, culprit(run, span.start, alert=span.alert.name)
    for objective in ("latency_p95", "freshness"):
        for at in np.flatnonzero(sum(b[objective] for b in timeline.harm.breaches.values())):
            causes = {fault for fault, b in timeline.harm.breaches.items() if b[objective][at]}
            t = int(timeline.harm.times[at])
            yield objective, causes, culprit(run, t, objective=objective)


def culprit(run: Run, t: int, alert: str = "", objective: str = "") -> str:
    """The fault whose symptom it is; of two, the one that began last."""
    able = [
        fault.id
        for fault in sorted(run.header.faults, key=lambda fault: fault.at)
        if fault.at <= t and (alert or objective) in SYMPTOMS[fault.id]
    ]
    return able[-1] if able else ""


@pytest.fixture(scope="module")
def verdicts(drill) -> list[tuple[int, str, set[str], str]]:
    return [
        (seed, *line)
        for seed in seeds(200, share=8)
        for line in dict.fromkeys(
            (symptom, frozenset(causes), true)
            for symptom, causes, true in named(drawn_run(drill, seed))
        )
    ]


@pytest.mark.slow
def test_attribution_names_the_fault_that_was_injected(verdicts):
    wrong = [line for line in verdicts if line[2] != {line[3]}]
    assert len(verdicts) >= 2 * len({line[0] for line in verdicts}), "alerts and breaches"
    assert len(wrong) <= len(verdicts) / 100, wrong
