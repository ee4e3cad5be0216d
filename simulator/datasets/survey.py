"""What a data set is like: rows, span, base rate, types, and drift that is in it already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from simulator.datasets.frame import ROWS_AN_HOUR, Frame
from simulator.datasets.sources import SERVE_DAYS, windows
from simulator.monitors.ks import ks
from simulator.monitors.psi import psi
from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.model import learner
from simulator.pipeline.rows import Column
from simulator.scenario.data import Data

# The usual limits of the index; below them nobody is woken.
MOVED, MOVING = 0.25, 0.1


class Survey(NamedTuple):
    """A data set, told.

    Attributes
    ----------
    head : tuple of str
        One line each: rows and span, base rate, label lag, the model on rows it has not seen.
    columns : tuple of tuple
        For each column: name, type, nulls, values, PSI and KS distance of the served rows
        against the fitted ones, and what that means.
    notes : tuple of str
        What was inferred, and what is doubtful.
    """

    head: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


HEADER = ("column", "type", "nulls", "values", "PSI", "KS", "since the fit")


def survey(frame: Frame, data: Data) -> Survey:
    """Look at a data set as its pipeline will use it.

    Parameters
    ----------
    frame : Frame
    data : Data

    Examples
    --------
    >>> from simulator.datasets import synthetic
    >>> print(survey(synthetic.load(2000), Data(source="synthetic")).head[0])
    2,000 rows of 60 days, 2026-01-01 to 2026-03-01
    """
    fit, serve = windows(frame, data)
    return Survey(
        head=(*_head(frame, fit, serve),),
        columns=tuple(_column(frame, i, fit, serve) for i in range(len(frame.columns))),
        notes=(*frame.notes, *_doubts(frame, fit, serve)),
    )


def _head(frame: Frame, fit: Ints, serve: Ints) -> Iterator[str]:
    days = int((frame.day.max() - frame.day.min()).astype(np.int64)) + 1
    span = f"{frame.day.min()} to {frame.day.max()}"
    yield f"{len(frame.rows):,} rows of {days:,} days, {span}"
    for name, part in (("fitted on", fit), ("served", serve)):
        own = f"{frame.day[part].min()} to {frame.day[part].max()}"
        rate = f"positive {frame.label[part].mean():.1%}"
        yield f"{name} {len(part):,} rows of {own}, {rate}"
    minutes = np.percentile(frame.lag_ms[serve], (10, 50, 90)) / 60_000
    yield "labels after {:,.0f}, {:,.0f}, {:,.0f} minutes (a tenth, half, nine tenths)".format(
        *minutes
    )
    model = learner.fit(frame.rows[fit], frame.label[fit], frame.columns, 1)
    rows, label = frame.rows[serve], frame.label[serve]
    good, area = learner.accuracy(model, rows, label), learner.auc(model.logit(rows), label)
    majority = max(label.mean(), 1.0 - label.mean())
    yield f"a logistic model: accuracy {good:.3f} (majority {majority:.3f}), AUC {area:.3f}"


def _column(frame: Frame, i: int, fit: Ints, serve: Ints) -> tuple[str, ...]:
    column, old, new = frame.columns[i], frame.rows[fit, i], frame.rows[serve, i]
    found = psi(old, new, column.categorical)
    distance = "" if column.categorical else f"{ks(old, new).value:.3f}"
    said = "moved" if found.value > MOVED else "moving" if found.value > MOVING else ""
    # An index of few rows is large by itself; the p-value allows for their number.
    if said and not found.pvalue < 0.01:
        said = "too few rows to tell"
    nulls = float(np.isnan(frame.rows[:, i]).mean())
    kind = "category" if column.categorical else "number"
    return (
        column.name, kind, f"{nulls:.1%}", _values(column, frame.rows[:, i]),
        f"{found.value:.3f}", distance, said,
    )  # fmt: skip


def _values(column: Column, values: Floats) -> str:
    if column.categorical:
        some = ", ".join(column.levels[:4])
        return some if len(column.levels) <= 4 else f"{some}, … ({len(column.levels)})"
    low, middle, high = np.nanpercentile(values, (0, 50, 100))
    return f"{low:.6g} … {middle:.6g} … {high:.6g}"


def _doubts(frame: Frame, fit: Ints, serve: Ints) -> Iterator[str]:
    served = np.unique(frame.day[serve])
    if len(served) < SERVE_DAYS:
        yield f"only {len(served)} days are served: four weeks have every hour of every weekday"
    count = np.bincount(frame.hour[serve], minlength=24)
    thin = int((count < ROWS_AN_HOUR).sum())
    if thin:
        yield (
            f"{thin} hours of the day have fewer than {ROWS_AN_HOUR} rows; the hours beside them "
            "are taken in"
        )
    if len(np.intersect1d(fit, serve)):
        yield "the model is asked about rows that it has learnt from"
    old, new = frame.label[fit].mean(), frame.label[serve].mean()
    error = np.sqrt(old * (1 - old) / len(fit) + new * (1 - new) / len(serve))
    if abs(new - old) > max(0.02, 4 * error):
        yield f"positives went from {old:.1%} to {new:.1%} after the fit: prior shift"
