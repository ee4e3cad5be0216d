"""A table of customers, and its conversion to a data set."""

import numpy as np
import pandas as pd
import pytest

from simulator.datasets import user_data
from simulator.datasets.dataset import BadData
from simulator.scenario.data import Data

ROWS = 3000


def make_rows(count=ROWS, days=42, seed=1):
    """Six weeks of customers in order of time."""
    rng = np.random.default_rng(seed)
    minutes = np.sort(rng.integers(0, days * 24 * 60, count))
    asked = np.datetime64("2026-01-01T00:00") + minutes.astype("timedelta64[m]")
    x1, x2 = rng.standard_normal((2, count)).round(4)
    bought = rng.random(count) < 1 / (1 + np.exp(-3 * x1 - x2))
    return pd.DataFrame({
        "asked": asked.astype("datetime64[s]"),
        "x1": x1,
        "x2": x2,
        "segment": rng.standard_normal(count).round(3),
        "shop": rng.choice(["north", "south"], count),
        "customer": rng.integers(0, 300, count),
        "known": (asked + rng.integers(10, 90, count).astype("timedelta64[m]")).astype("datetime64[s]"),
        "bought": np.where(bought, "yes", "no"),
    })  # fmt: skip


def data(**more):
    return Data(source="rows.csv", **{"time": "asked", "target": "bought", **more})


@pytest.fixture
def convert(tmp_path):
    """Writes a table to a file and loads it as a data set."""

    def convert(written, name="rows.csv", **more):
        path = tmp_path / name
        if isinstance(written, bytes):
            path.write_bytes(written)
        elif name.endswith("parquet"):
            written.to_parquet(path)
        else:
            written.to_csv(path, index=False)
        return user_data.load(path, data(**more))

    return convert


def errors(convert, written, name="rows.csv", **more):
    with pytest.raises(BadData) as raised:
        convert(written, name, **more)
    return [(issue.path[0], issue.text) for issue in raised.value.issues]


KNOWN = "expected one of asked, x1, x2, segment, shop, customer, known, bought"
