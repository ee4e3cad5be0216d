"""A data set whose truth is known: twelve columns, a law with one region that is different.

The outcome follows a logistic law. Where `segment` is high, a sixth of the population,
`x1` and `x2` work the other way round: a linear model fitted on everybody is wrong there,
which costs little until those customers become many (covariate shift). Columns are
numeric, tied integers, heavy-tailed, seasonal by hour, and one category.
"""

from __future__ import annotations

import numpy as np

from simulator.datasets.frame import Frame
from simulator.pipeline.rows import Column, sigmoid

LEVELS = ("north", "east", "south", "west")
LABEL_LAG_MINUTES = 45.0  # median; lognormal, a tenth after 108 minutes


def load(rows: int, days: int = 60, seed: int = 0) -> Frame:
    """Draw a data set.

    Parameters
    ----------
    rows : int
    days : int
        Over how many days, from 2026-01-01.
    seed : int
    """
    dice = np.random.default_rng([seed, 13])
    hour = dice.integers(0, 24, rows)
    x = dice.standard_normal((rows, 8))
    counts = dice.poisson(2.0, rows).astype(np.float64)
    amount = np.exp(dice.standard_normal(rows))
    season = np.sin(2 * np.pi * hour / 24) + 0.5 * dice.standard_normal(rows)
    region = dice.integers(0, len(LEVELS), rows)
    table = np.column_stack([x, counts, amount, season, region])
    columns = (
        Column("segment"),
        *(Column(f"x{i}") for i in range(1, 8)),
        Column("visits"),
        Column("amount"),
        Column("season"),
        Column("region", LEVELS),
    )
    other = np.where(x[:, 0] > 1.4, -1.0, 1.0)
    effects = np.zeros_like(table)
    effects[:, 1] = 5.0 * x[:, 1] * other
    effects[:, 2] = 5.0 * x[:, 2]
    effects[:, 3] = 6.0 * x[:, 3]
    effects[:, 4] = 3.0 * x[:, 4]
    effects[:, 8] = 0.8 * (counts - 2.0)
    effects[:, 9] = 0.6 * np.log(amount)
    effects[:, 10] = 0.8 * season
    effects[:, 11] = np.array([-0.6, 0.0, 0.3, 0.6])[region]
    logit = effects.sum(axis=1)
    latent = dice.random(rows)
    day = np.datetime64("2026-01-01") + dice.integers(0, days, rows).astype("timedelta64[D]")
    lag = LABEL_LAG_MINUTES * np.exp(0.68 * dice.standard_normal(rows))
    return Frame(
        columns=columns,
        rows=table,
        label=(latent < sigmoid(logit)).astype(np.int8),
        day=day,
        hour=hour.astype(np.int64),
        lag_ms=np.minimum(lag, 20 * 60.0) * 60_000.0,
        logit=logit,
        effects=effects,
        latent=latent,
    )
