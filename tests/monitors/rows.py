"""Scoring, logging and joining of rows, without servers in front."""

import dataclasses
import math

import numpy as np
from scipy import stats

from simulator.monitors import MonitorView
from simulator.pipeline.model import labels, scoring
from simulator.pipeline.model.learner import LogisticRegression
from simulator.pipeline.requests import COLUMNS, ID, ROW
from simulator.pipeline.rows import Column, RowLaw, RowPool
from simulator.pipeline.sample import Sample

MINUTE = 60_000
HOUR = 60 * MINUTE


def pool_of(rows, label=None, columns=None, lag_ms=0.0, seed=0):
    """A pool whose rows are requested at every hour."""
    rows = np.asarray(rows, np.float64)
    count, width = rows.shape
    luck = np.random.default_rng([seed, count]).random(count)
    label = (luck < 0.5).astype(np.int8) if label is None else label.astype(np.int8)
    return RowPool(
        columns=columns or tuple(Column(f"x{i}") for i in range(width)),
        rows=rows,
        label=label,
        lag_ms=np.full(count, float(lag_ms)),
        logit=np.zeros(count),
        effects=np.zeros_like(rows),
        latent=luck,
        by_hour=(np.arange(count),) * 24,
    )


def model_of(slope, version=1):
    """A linear model with threshold 0."""
    slope = np.asarray(slope, np.float64)
    return LogisticRegression(version, 0.0, slope, np.zeros(len(slope)), {})


class Rows:
    """A pipeline reduced to rows: it scores, logs and joins.

    Parameters
    ----------
    quiet : Setting
        Source of the world and laws.
    pool : RowPool
    model : LogisticRegression
    room : int
        Capacity of the offline store in rows.
    """

    def __init__(self, quiet, pool, model=None, room=100_000, now=12 * HOUR):
        self.world = quiet.world.clone()
        self.params = dataclasses.replace(
            quiet.params, pool=pool, views={}, logged_per_minute=10**9, start_ms_of_day=0
        )
        model = model or model_of(np.zeros(len(pool.columns)))
        self.world.now, self.world.initial_training_at = now, now
        self.world.log = labels.empty_log(room, len(pool.columns))
        self.world.labels = labels.empty_labels(now)
        self.world.versions, self.world.trained = {model.version: model}, {}
        self.world.releases.model = model.version
        self.scored = 0

    def train(self, reference, version=2, accuracy=0.9):
        """Deploy a version trained on these rows at this hour."""
        model = dataclasses.replace(self.world.versions[1], version=version)
        self.world.versions[version] = model
        self.world.trained[version] = {
            "reference": np.asarray(reference, np.float64),
            "reference_at": np.full(len(reference), self.world.now),
            "accuracy": accuracy,
        }
        self.world.releases.model = version

    def score(self, count, dt=MINUTE, seed=1, rows=(), truth=()):
        """Score `count` requests in one tick under these laws."""
        params = self.params.unbent()
        params.bends.row_laws, params.bends.label_laws = list(rows), list(truth)
        answered = np.zeros((count, COLUMNS))
        answered[:, ID] = self.scored + np.arange(count)
        dice = np.random.default_rng([seed, self.scored, int(self.world.now)])
        answered[:, ROW] = dice.random(count)
        self.scored += count
        self.world.now += dt
        sample = Sample(t=self.world.now - dt, dt=dt)
        scoring.score(self.world, params, answered, np.zeros(count, int), seed, sample)
        return sample

    def join(self):
        """Run the label join."""
        labels.join(self.world, self.world.now)

    @property
    def view(self):
        return MonitorView(self.world, self.params)

    def evaluate(self, monitor, state=None):
        """A monitor's values by metric, or by metric and feature or rule."""
        view = self.view
        view.state = {} if state is None else state
        series = monitor.series(view.columns)
        values = monitor.evaluate(view, np.full(len(series), np.nan))
        return {
            (name, labels["feature"]) if "feature" in labels else
            (name, labels["rule"]) if "rule" in labels else name: float(value)
            for (name, labels), value in zip(series, values, strict=True)
        }  # fmt: skip


def shifted(by, column=0, fault="shift"):
    """A law that adds to a column in every row: that of unit changes and covariate shifts."""
    return RowLaw(fault, column, 1.0, offset=by)


def normal_grid(count):
    """A deterministic standard normal column: the middles of its quantiles."""
    return stats.norm.ppf((np.arange(count) + 0.5) / count)


def mixture(count, m=1.0, lag_ms=0.0):
    """x given y = -1 or 1 is normal around -m or m; the classes are of equal size."""
    x = normal_grid(count // 2)
    y = np.repeat([-1.0, 1.0], count // 2)
    return pool_of((y * m + np.concatenate([x, x]))[:, None], y > 0, lag_ms=lag_ms)


def mixture_model(m=1.0):
    return model_of([2.0 * m])


def phi(z):
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def interval(values, level=0.99):
    """The t-interval of a mean."""
    values = np.asarray(values, np.float64)
    half = stats.t.ppf(0.5 + level / 2, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5
    return values.mean() - half, values.mean() + half


def inside(exact, values, width=0.08):
    """Assert that a narrow confidence interval of the mean contains the exact value."""
    low, high = interval(values)
    assert low <= exact <= high, (low, exact, high)
    assert (high - low) / 2 <= width * abs(exact), (low, high)
    return True
