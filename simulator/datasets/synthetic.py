"""A data set of a known law: twelve columns, and one region that behaves differently.

The outcome follows a logistic law. Where `segment` is high, for a twelfth of the rows, `x1`
has the opposite effect: a linear model fitted on all rows is wrong there, which costs little
until that region grows (covariate shift). Columns are numeric, tied integers, heavy-tailed,
seasonal by hour, and one category.
"""

import numpy as np

from simulator.datasets.dataset import Dataset
from simulator.pipeline.rows import Column, sigmoid

LEVELS = ("north", "east", "south", "west")
LABEL_LAG_MINUTES = 45.0  # median; lognormal, a tenth after 108 minutes


def load(rows: int, days: int = 60, seed: int = 0, label_after: int | None = None) -> Dataset:
    """Draw a data set.

    Parameters
    ----------
    days : int
        From 2026-01-01.
    label_after : int, ms, optional
        The lag of every label; by default lags are lognormal.
    """
    rng = np.random.default_rng([seed, 13])
    hour = rng.integers(0, 24, rows)
    x = rng.standard_normal((rows, 8))
    counts = rng.poisson(2.0, rows).astype(np.float64)
    amount = np.exp(rng.standard_normal(rows))
    season = np.sin(2 * np.pi * hour / 24) + 0.5 * rng.standard_normal(rows)
    region = rng.integers(0, len(LEVELS), rows)
    table = np.column_stack([x, counts, amount, season, region])
    columns = (
        Column("segment"),
        *(Column(f"x{i}") for i in range(1, 8)),
        Column("visits"),
        Column("amount"),
        Column("season"),
        Column("region", LEVELS),
    )
    sign = np.where(x[:, 0] > 1.4, -1.0, 1.0)
    effects = np.zeros_like(table)
    effects[:, 1] = 5.0 * x[:, 1] * sign
    effects[:, 2] = 5.0 * x[:, 2]
    effects[:, 3] = 6.0 * x[:, 3]
    effects[:, 4] = 3.0 * x[:, 4]
    effects[:, 8] = 0.8 * (counts - 2.0)
    effects[:, 9] = 0.6 * np.log(amount)
    effects[:, 10] = 0.8 * season
    effects[:, 11] = np.array([-0.6, 0.0, 0.3, 0.6])[region]
    logit = effects.sum(axis=1)
    latent = rng.random(rows)
    day = np.datetime64("2026-01-01") + rng.integers(0, days, rows).astype("timedelta64[D]")
    lag = np.minimum(LABEL_LAG_MINUTES * np.exp(0.68 * rng.standard_normal(rows)), 20 * 60.0)
    if label_after is not None:
        lag = np.full(rows, label_after / 60_000.0)
    return Dataset(
        columns=columns,
        rows=table,
        label=(latent < sigmoid(logit)).astype(np.int8),
        day=day,
        hour=hour.astype(np.int64),
        lag_ms=lag * 60_000.0,
        logit=logit,
        effects=effects,
        latent=latent,
    )
