"""A drill of training runs, and their metrics at its end."""

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
    """A duration as in a pipeline file, to the millisecond."""
    return f"{round(value * MINUTE)}ms"


def runs_setting(
    count: int, days: int, mttf: float, machines: Mapping[str, Any] | None = None, **stage: Any
) -> Setting:
    """The setting of a drill of equal, independent runs, each on its own nodes.

    Parameters
    ----------
    count : int
    days : int
        Of the drill.
    mttf : float, minutes
        Of a whole run; a node's is longer by the number of nodes.
    machines : mapping
        Further keys of `cluster.accelerators`.
    **stage
        Keys of the training stages.
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


def final_metric(setting: Setting, seed: int, metric: str = "ml_training_goodput_ratio") -> Floats:
    """A metric of every run at the end of the drill, in the order of their names."""
    session = Session(setting, seed)
    while session.now < session.ends:
        session.advance(session.ends)
    return np.asarray(session.internals.engine.query(metric, session.now).values, np.float64)


def run_durations(setting: Setting, seed: int, work: float) -> Floats:
    """The duration of every run, minutes; all must have ended."""
    session = Session(setting, seed)
    while session.now < session.ends:
        session.advance(session.ends)
    done = session.internals.engine.query("ml_training_done", session.now)
    assert (np.asarray(done.values) == 1).all(), "the drill was too short for every run to end"
    ratio = session.internals.engine.query("ml_training_goodput_ratio", session.now)
    return work / np.asarray(ratio.values, np.float64)


def mean_and_half_width(values: list[float]) -> tuple[float, float]:
    """Mean and half-width of its 99 % interval, by Student's t over one value a seed."""
    sample = np.array(values)
    half = stats.t.ppf(0.995, len(sample) - 1) * sample.std(ddof=1) / np.sqrt(len(sample))
    return float(sample.mean()), float(half)
