"""Checkpoints, restarts, hangs and machines against what theory says of them.

Each figure is measured through a whole Session, from the series that a drill scrapes. The
exact value lies inside the 99 % t-interval over fixed seeds, which is narrower than 8 %.

With checkpoints every tau minutes of work that take delta, an exponential life of mean M and
restarts of R in which a node can fail as well, a segment takes

    E = M e^(R/M) (e^((tau+delta)/M) - 1)

minutes, so a run of n segments n E exactly, and the efficiency of the long run is tau/E: Daly's
figure. A run with `done` before it begins without a set-up, and ends with its last write.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from scipy.special import lambertw

from simulator.faults.checkpoint_failure import CheckpointFailure
from simulator.setting import Setting, load

from .queue import under
from .training import DAY, TRAINING, durations, lived, minutes, runs, student

PIPELINES = Path(__file__).parents[2] / "scenarios" / "pipelines"
SEEDS = range(1, 9)
# (delta, M, R) of ORACLES.md, minutes, and a third of the same family.
FAMILY = ((5, 1440, 10), (5, 185.6, 5), (2, 400, 20))

Holds = Callable[[str, list[float], float], None]


@pytest.fixture
def holds(record_property: Callable[[str, object], None]) -> Holds:
    """The exact value lies inside an interval that is narrow enough to say so."""

    def holds(name: str, values: list[float], exact: float) -> None:
        mean, half = student(values)
        row = {"what": name, "exact": f"{exact:.5f}", "found": f"{mean:.5f}"}
        row |= {"half": f"{half:.5f} ({half / exact:.1%})", "seeds": len(values)}
        record_property("table: Training jobs", row)
        assert half < 0.08 * exact, row
        assert abs(mean - exact) <= half, row

    return holds


def best(delta: float, mttf: float) -> float:
    """The work between checkpoints that costs least: exact, where Young's root is near."""
    return mttf * (1.0 + float(lambertw(-math.exp(-1.0 - delta / mttf)).real))


def segment(tau: float, delta: float, mttf: float, restart: float, away: float = 0.0) -> float:
    """Minutes until a checkpoint is written; after each failure the node is `away` first."""
    return (mttf + away) * math.exp(restart / mttf) * math.expm1((tau + delta) / mttf)


def checkpointed(
    tau: float, delta: float, mttf: float, restart: float, segments: int, days: int, **more: Any
) -> Setting:
    """Forty runs of so many segments, each begun long ago."""
    work = segments * round(tau * 60_000)
    stage = {
        "set_up": minutes(restart),
        "done": "1d",
        "work": f"{DAY * 60_000 + work}ms",
        "checkpoint": {"every": minutes(tau), "write": minutes(delta)},
        **more,
    }
    return runs(stage.pop("count", 40), days, mttf, stage.pop("machines", None), **stage)


def means(setting: Setting, work: float) -> list[float]:
    return [float(durations(setting, seed, work).mean()) for seed in SEEDS]


@pytest.mark.parametrize(("delta", "mttf", "restart", "tau", "efficiency"), [
    (5, 1440, 10, 116.6901, 0.91261),
    (5, 185.6, 5, 39.8145, 0.76460),
])  # fmt: skip
def test_the_formulas_are_those_of_the_published_figures(
    delta: float, mttf: float, restart: float, tau: float, efficiency: float
) -> None:
    assert best(delta, mttf) == pytest.approx(tau, abs=5e-5)
    assert tau / segment(tau, delta, mttf, restart) == pytest.approx(efficiency, abs=5e-6)


@pytest.mark.parametrize(("delta", "mttf", "restart", "times"), [
    (5, 1440, 10, 1.0),
    (5, 185.6, 5, 1.0),
    pytest.param(2, 400, 20, 2.5, marks=pytest.mark.slow),
    *(pytest.param(*case, times, marks=pytest.mark.slow) for case in FAMILY for times in (0.4, 3.0)),
])  # fmt: skip
def test_checkpoints_every_tau(
    holds: Holds, delta: float, mttf: float, restart: float, times: float
) -> None:
    tau = round(times * best(delta, mttf) * 60_000) / 60_000
    segments = math.ceil(3 * mttf / tau)
    exact = tau / segment(tau, delta, mttf, restart)
    days = math.ceil(3 * segments * tau / exact / DAY) + 1
    setting = checkpointed(tau, delta, mttf, restart, segments, days)
    efficiencies = [segments * tau / took for took in means(setting, segments * tau)]
    holds(f"efficiency ({delta}, {mttf:g}, {restart}) at {tau:.1f}", efficiencies, exact)


@pytest.mark.parametrize(
    ("work", "mttf"),
    [
        (600, 600),
        *(pytest.param(*case, marks=pytest.mark.slow) for case in ((300, 600), (900, 500))),
    ],
)
def test_without_checkpoints_a_run_starts_from_nothing(
    holds: Holds, work: float, mttf: float
) -> None:
    exact = mttf * math.expm1(work / mttf)
    setting = runs(120, math.ceil(12 * exact / DAY) + 1, mttf, work=minutes(work))
    durations = means(setting, work)
    holds(f"minutes without checkpoints ({work}, {mttf})", durations, exact)


@pytest.mark.parametrize(
    ("gpus", "exact"), [(2048, 0.95378), pytest.param(4096, 0.90756, marks=pytest.mark.slow)]
)
def test_effective_training_time_of_a_cluster(holds: Holds, gpus: int, exact: float) -> None:
    nodes, r_f, u0, every = gpus // 8, 6.5e-3, 10.0, 60.0
    per_day = nodes * r_f
    assert 1 - per_day / DAY * (u0 + every / 2) == pytest.approx(exact, abs=5e-6)
    stage = {"nodes": nodes, "set_up": minutes(u0), "checkpoint": {"every": minutes(every)}}
    setting = runs(1, 10, DAY / per_day, **stage)
    ettrs = [float(lived(setting, seed)[0]) for seed in range(1, 11)]
    # The figure is of first order in the failures of an interval; the exact one is near.
    holds(f"ETTR {gpus} GPUs", ettrs, exact)
    holds(f"ETTR {gpus} GPUs, renewal", ettrs, every / segment(every, 0, DAY / per_day, u0))


@pytest.mark.parametrize(
    ("name", "more", "away"),
    [
        ("repair of 18, no spare", {"machines": {"repair": "18m"}}, 18.0),
        pytest.param(
            *("repair of 18, spares", {"machines": {"repair": "18m", "nodes": 30}}, 0.0),
            marks=pytest.mark.slow,
        ),
        (
            "hang, watchdog of 6",
            {"machines": {"causes": {"nccl": {"weight": 1.0, "hangs": True}}}, "watchdog": "6m"},
            6.0,
        ),
    ],
)
def test_what_a_failure_costs_before_the_set_up(
    holds: Holds, name: str, more: dict[str, Any], away: float
) -> None:
    """A repair without a spare, or the silence before the watchdog; a spare costs nothing."""
    # One run alone: the nodes of others that have ended would be its spares.
    mttf, tau, n = 20.0, 6.0, 250
    setting = checkpointed(tau, 0.4, mttf, 1, n, 5, count=1, **more)
    exact = segment(tau, 0.4, mttf, 1, away)
    holds(f"segment, {name}", [took / n for took in means(setting, n * tau)], exact)


def test_lemons_fail_as_often_as_they_say(holds: Holds) -> None:
    nodes, lemons, factor, tau, n = 16, 2, 20.0, 6.0, 150
    # A run of nodes that live 640 minutes each: 40 together, with two lemons fewer.
    mttf = 40.0 * nodes / (nodes - lemons + lemons * factor)
    more = {"machines": {"lemons": {"nodes": lemons, "factor": factor}}, "nodes": nodes}
    setting = checkpointed(tau, 0.2, 40.0, 1, n, 2, count=1, **more)
    exact = segment(tau, 0.2, mttf, 1)
    failures = [float(durations(setting, seed, n * tau).mean()) / n for seed in range(1, 17)]
    holds("segment, lemons", failures, exact)


def test_writes_that_fail_cost_what_was_not_saved(holds: Holds) -> None:
    mttf, tau, delta, restart, q, n = 400.0, 40.0, 2.0, 10.0, 0.4, 1
    p = math.exp(-(tau + delta) / mttf)
    again, commits = p * q, p * (1 - q) / (1 - p * q)
    stretch = mttf * (1 - p) / (1 - again) + (1 - commits) * mttf * math.expm1(restart / mttf)
    exact = tau / (1 - again) / (stretch / commits)
    setting = under(
        checkpointed(tau, delta, mttf, restart, n, 6, count=14, work="400d"),
        CheckpointFailure(target="checkpoint-store", share=q),
        target="checkpoint-store",
    )
    efficiencies = [float(lived(setting, seed).mean()) for seed in SEEDS]
    holds("efficiency, 40 % of writes fail", efficiencies, exact)


@pytest.mark.slow
def test_checkpoints_at_tau_beat_those_at_a_third_and_at_thrice() -> None:
    delta, mttf, restart = 5, 185.6, 5
    tau = best(delta, mttf)
    efficiencies = {}
    for times in (1 / 3, 1.0, 3.0):
        setting = checkpointed(times * tau, delta, mttf, restart, 1, 6, work="400d")
        efficiencies[times] = np.mean([lived(setting, seed).mean() for seed in SEEDS[:3]])
    assert efficiencies[1.0] > max(efficiencies[1 / 3], efficiencies[3.0]) + 0.03


@pytest.mark.slow
def test_the_failures_of_a_large_pre_training_by_cause(holds: Holds) -> None:
    """54 days on 16,384 accelerators: 419 interruptions, 148 of them faulty accelerators."""
    written = yaml.safe_load((PIPELINES / "pretraining.yaml").read_text())
    causes = written["cluster"]["accelerators"]["causes"]
    assert sum(cause["weight"] for cause in causes.values()) == 419
    sets = {
        "duration": "54d",
        "pipeline.cluster.accelerators": written["cluster"]["accelerators"],
        "pipeline.stages.run": {**written["stages"]["pretraining"], "work": "500d"},
    }
    setting = load(TRAINING, [f"{path}={json.dumps(value)}" for path, value in sets.items()])
    counts = [lived(setting, seed, "ml_training_failures_total") for seed in range(1, 17)]
    # Nodes of a run that is being set up, writes or trains fail; of one that waits, none do.
    holds("interruptions in 54 days", [float(count.sum()) for count in counts], 419)
    first = list(causes).index("faulty_gpu")
    shares = [float(count[first] / count.sum()) for count in counts]
    holds("share of faulty GPUs", shares, 148 / 419)
