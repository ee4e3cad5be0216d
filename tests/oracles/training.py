"""A pipeline of training runs, and what a whole drill's telemetry says of them at its end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from simulator.pipeline.arrays import Floats
from simulator.session import Session
from simulator.setting import Setting, load

TRAINING = Path(__file__).parent / "training.yaml"
MINUTE = 60_000
DAY = 1440  # minutes


def minutes(value: float) -> str:
    """As a pipeline file has it, to the millisecond."""
    return f"{round(value * MINUTE)}ms"


def runs(
    count: int, days: int, mttf: float, machines: Mapping[str, Any] | None = None, **stage: Any
) -> Setting:
    """So many equal runs, side by side on nodes of their own, that see each other never.

    Parameters
    ----------
    count : int
    days : int
        Of the drill.
    mttf : float, minutes
        Of a whole run; each of its nodes lives as many times longer as there are.
    machines : mapping
        What `cluster.accelerators` says beyond that.
    **stage
        What the training stages say.
    """
    nodes = stage.setdefault("nodes", 1)
    per_day = DAY / mttf / nodes
    sets: dict[str, Any] = {
        "duration": f"{days}d",
        "pipeline.cluster.accelerators": {
            "nodes": count * nodes,
            "failures": f"{per_day:.9f}/d",
            **(machines or {}),
        },
        **{f"pipeline.stages.run-{i}": {"kind": "training", **stage} for i in range(count)},
    }
    return load(TRAINING, [f"{path}={json.dumps(value)}" for path, value in sets.items()])


def lived(setting: Setting, seed: int, metric: str = "ml_training_goodput_ratio") -> Floats:
    """What every run says at the end of the drill, in the order of their names."""
    session = Session(setting, seed)
    while session.now < session.ends:
        session.advance(session.ends)
    found = session.internals.engine.query(metric, session.now)
    return np.asarray(found.values, np.float64)


def durations(setting: Setting, seed: int, work: float) -> Floats:
    """How long every run took, minutes; all must have ended."""
    session = Session(setting, seed)
    while session.now < session.ends:
        session.advance(session.ends)
    done = session.internals.engine.query("ml_training_done", session.now)
    assert (np.asarray(done.values) == 1).all(), "the drill was too short for every run to end"
    ratio = session.internals.engine.query("ml_training_goodput_ratio", session.now)
    return work / np.asarray(ratio.values, np.float64)


def student(values: list[float]) -> tuple[float, float]:
    """Mean and half-width of its 99 % interval, by Student's t over one value a seed."""
    found = np.array(values)
    half = stats.t.ppf(0.995, len(found) - 1) * found.std(ddof=1) / np.sqrt(len(found))
    return float(found.mean()), float(half)
