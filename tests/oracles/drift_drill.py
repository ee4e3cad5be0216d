"""A drill on rows of an exact law (quantiles instead of draws), and the values of its monitors."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from simulator.session import Session
from simulator.setting import load

HERE = Path(__file__).parent
MINUTE = 60_000
FIT, SERVED = 15_000, 60_000
DAYS = 42


def mixture(m: float = 1.0, more: int = 1) -> pd.DataFrame:
    """x given y = -1 or 1 is normal around -m or m; further normal columns are independent of y.

    Every day has rows of the whole law, in one hour, so that requests at every hour ask about all
    rows. Every row has its mirror image, so that the threshold of the fitted model is 0.
    """
    parts = [_normals(count // 2, m, more, seed) for seed, count in enumerate((FIT, SERVED))]
    first, last = (np.arange(len(part)) for part in parts)
    third = DAYS * 2 // 3
    day = np.concatenate([first * third // FIT, third + last * (DAYS - third) // SERVED])
    rows = pd.concat(parts, ignore_index=True)
    asked = np.datetime64("2026-01-01T12:00") + day.astype("timedelta64[D]")
    return rows.assign(asked=asked.astype("datetime64[s]"))


def _normals(count: int, m: float, more: int, seed: int) -> pd.DataFrame:
    grid = stats.norm.ppf((np.arange(count) + 0.5) / count)
    dice = np.random.default_rng(seed)
    column = np.column_stack([dice.permutation(grid) for _ in range(1 + more)])
    column[:, 0] += m
    both = np.stack([column, -column], axis=1).reshape(2 * count, 1 + more)
    names = ["x", *(f"z{i}" for i in range(more))]
    return pd.DataFrame(both, columns=names).assign(y=np.tile([1, 0], count))


def drill(folder: Path, rows: pd.DataFrame, minutes: int, **changes: Any) -> Any:
    """The setting of a quiet drill on these rows; `pipeline__data__label_after="2h"` changes it."""
    rows.to_csv(folder / "rows.csv", index=False)
    text = (HERE / "drift.yaml").read_text()
    (folder / "drift.yaml").write_text(text)
    for name in ("queue-alerts.yml", "queue-alertmanager.yml"):
        (folder / name).write_text((HERE / name).read_text())
    changes = {"duration": f"{minutes}m", **changes}
    sets = [f"{path.replace('__', '.')}={json.dumps(value)}" for path, value in changes.items()]
    return load(folder / "drift.yaml", sets)


def measure(
    setting: Any, queries: Mapping[str, str], every: int, since: int, seed: int = 1
) -> dict[str, NDArray[np.float64]]:
    """The values of queries every `every` minutes from minute `since` on, shape (times,) each."""
    session = Session(setting, seed)
    door = session.door(session.plays)
    answers: dict[str, list[float]] = {name: [] for name in queries}
    at = since
    while at * MINUTE <= session.ends:
        while session.now < at * MINUTE:
            session.advance(at * MINUTE)
            door.seen()
        for name, query in queries.items():
            answer = door.query(query)
            answers[name].append(answer.first()[1] if answer else math.nan)
        at += every
    return {name: np.array(values) for name, values in answers.items()}
