"""Fit and serve windows: the rows of the first model, and the rows of requests."""

from typing import NamedTuple

import numpy as np

from simulator.datasets.dataset import Dataset
from simulator.pipeline.arrays import Ints
from simulator.scenario.data import Data
from simulator.source import Issue

# Each hour of the day then occurs four times on each weekday.
SERVE_DAYS = 28


class Windows(NamedTuple):
    """The rows that the first model is fitted on, and the rows that requests are about."""

    fit: Ints
    serve: Ints


def windows(dataset: Dataset, data: Data) -> Windows:
    """The windows as written; by default the last weeks are served, all rows before are fitted.

    Examples
    --------
    >>> from simulator.datasets import synthetic
    >>> fit, serve = windows(synthetic.load(300), Data(source="synthetic"))
    >>> len(fit), len(serve)
    (300, 300)
    """
    fit = dataset.between(str(data.fit.from_), str(data.fit.until)) if data.fit else None
    serve = dataset.between(str(data.serve.from_), str(data.serve.until)) if data.serve else None
    all_rows = np.arange(len(dataset.rows))
    if not data.is_file:
        return Windows(all_rows if fit is None else fit, all_rows if serve is None else serve)
    if serve is None:
        end = dataset.day.max() + 1
        days = int((end - dataset.day.min()).astype(np.int64))
        start = end - np.timedelta64(min(SERVE_DAYS, max(1, days // 3)), "D")
        if data.fit:
            start = max(start, np.datetime64(str(data.fit.until)))
        serve = np.flatnonzero(dataset.day >= start)
    if fit is None:
        start = dataset.day[serve].min() if len(serve) else dataset.day.max()
        fit = np.flatnonzero(dataset.day < start)
        # Data of a single day: the model is fitted on the rows that it serves.
        fit = fit if len(fit) else all_rows
    return Windows(fit, serve)


def window_errors(dataset: Dataset, data: Data) -> list[Issue]:
    """Errors of the windows: no rows, or a single outcome to fit on."""
    if not len(dataset.rows):
        return [Issue(("source",), f"{data.source!r} has no rows")]
    span = f"the rows are of {dataset.day.min()} to {dataset.day.max()}"
    fit, serve = windows(dataset, data)
    errors = [
        Issue((key,) if getattr(data, key) else (), f"{key} has no rows; {span}")
        for key, rows in (("fit", fit), ("serve", serve))
        if not len(rows)
    ]
    if len(fit) and len(np.unique(dataset.label[fit])) < 2:
        text = f"fit has one outcome only, in {len(fit):,} rows; {span}"
        errors.append(Issue(("fit",) if data.fit else (), text))
    return errors
