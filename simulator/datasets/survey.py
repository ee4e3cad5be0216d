"""A survey of a data set: rows, span, base rate, column types, and drift between its windows."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from simulator.datasets.dataset import Dataset
from simulator.datasets.request_pool import ROWS_PER_HOUR
from simulator.datasets.windows import SERVE_DAYS, windows
from simulator.monitors.ks import ks
from simulator.monitors.psi import psi
from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.model import learner, prediction_quality
from simulator.pipeline.rows import Column
from simulator.scenario.data import Data

# The customary PSI limits of a large and of a moderate shift.
MOVED, MOVING = 0.25, 0.1
HEADER = ("column", "type", "nulls", "values", "PSI", "KS", "since the fit")


class Survey(NamedTuple):
    """The facts of a data set as text.

    Attributes
    ----------
    head : tuple of str
        Lines: rows and span, base rate, label lag, a model's quality on the served rows.
    columns : tuple of tuple
        A row per column, as in `HEADER`: PSI and KS distance compare served with fitted rows.
    notes : tuple of str
        What was inferred, and what is doubtful.
    """

    head: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


def survey(dataset: Dataset, data: Data) -> Survey:
    """Describe a data set as its pipeline will use it.

    Examples
    --------
    >>> from simulator.datasets import synthetic
    >>> print(survey(synthetic.load(2000), Data(source="synthetic")).head[0])
    2,000 rows of 60 days, 2026-01-01 to 2026-03-01
    """
    fit, serve = windows(dataset, data)
    return Survey(
        head=(*_head(dataset, fit, serve),),
        columns=tuple(_column(dataset, i, fit, serve) for i in range(len(dataset.columns))),
        notes=(*dataset.notes, *_doubts(dataset, fit, serve)),
    )


def _head(dataset: Dataset, fit: Ints, serve: Ints) -> Iterator[str]:
    days = int((dataset.day.max() - dataset.day.min()).astype(np.int64)) + 1
    span = f"{dataset.day.min()} to {dataset.day.max()}"
    yield f"{len(dataset.rows):,} rows of {days:,} days, {span}"
    for name, window in (("fitted on", fit), ("served", serve)):
        span = f"{dataset.day[window].min()} to {dataset.day[window].max()}"
        rate = f"positive {dataset.label[window].mean():.1%}"
        yield f"{name} {len(window):,} rows of {span}, {rate}"
    minutes = np.percentile(dataset.lag_ms[serve], (10, 50, 90)) / 60_000
    yield "labels after {:,.0f}, {:,.0f}, {:,.0f} minutes (a tenth, half, nine tenths)".format(
        *minutes
    )
    model = learner.fit(dataset.rows[fit], dataset.label[fit], dataset.columns, 1)
    rows, label = dataset.rows[serve], dataset.label[serve]
    accuracy = prediction_quality.accuracy(model, rows, label)
    auc = prediction_quality.auc(model.logit(rows), label)
    majority = max(label.mean(), 1.0 - label.mean())
    yield f"a logistic model: accuracy {accuracy:.3f} (majority {majority:.3f}), AUC {auc:.3f}"


def _column(dataset: Dataset, i: int, fit: Ints, serve: Ints) -> tuple[str, ...]:
    column, old, new = dataset.columns[i], dataset.rows[fit, i], dataset.rows[serve, i]
    index = psi(old, new, column.categorical)
    distance = "" if column.categorical else f"{ks(old, new).value:.3f}"
    shift = "moved" if index.value > MOVED else "moving" if index.value > MOVING else ""
    # The index of few rows is large by chance; its p-value accounts for their number.
    if shift and not index.pvalue < 0.01:
        shift = "too few rows to judge"
    nulls = float(np.isnan(dataset.rows[:, i]).mean())
    kind = "category" if column.categorical else "number"
    return (
        column.name, kind, f"{nulls:.1%}", _values(column, dataset.rows[:, i]),
        f"{index.value:.3f}", distance, shift,
    )  # fmt: skip


def _values(column: Column, values: Floats) -> str:
    if column.categorical:
        levels = ", ".join(column.levels[:4])
        return levels if len(column.levels) <= 4 else f"{levels}, … ({len(column.levels)})"
    low, middle, high = np.nanpercentile(values, (0, 50, 100))
    return f"{low:.6g} … {middle:.6g} … {high:.6g}"


def _doubts(dataset: Dataset, fit: Ints, serve: Ints) -> Iterator[str]:
    days = np.unique(dataset.day[serve])
    if len(days) < SERVE_DAYS:
        yield f"only {len(days)} days are served: four weeks have every hour of every weekday"
    count = np.bincount(dataset.hour[serve], minlength=24)
    thin = int((count < ROWS_PER_HOUR).sum())
    if thin:
        yield (
            f"{thin} hours of the day have fewer than {ROWS_PER_HOUR} rows; they borrow those of "
            "the neighbouring hours"
        )
    if len(np.intersect1d(fit, serve)):
        yield "the model serves rows that it was fitted on"
    old, new = dataset.label[fit].mean(), dataset.label[serve].mean()
    error = np.sqrt(old * (1 - old) / len(fit) + new * (1 - new) / len(serve))
    if abs(new - old) > max(0.02, 4 * error):
        yield f"positives went from {old:.1%} to {new:.1%} after the fit: prior shift"
