"""The rows that a training reads from the offline store."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.arrays import Ints
from simulator.pipeline.model import labels
from simulator.pipeline.world import RowLog


def select_rows(log: RowLog, args: Mapping[str, Any], window: int, until: int) -> Ints:
    """The indices of the labelled rows of a training, oldest first.

    Parameters
    ----------
    args : mapping
        Of the order: `skip` (since, until; ms ago) and `exclude` (column, low, high) leave rows
        out, `deduplicate` keeps the first row of each request.
    window : int, ms
        The greatest age of its rows.
    until : int, ms
        The end of its data.
    """
    rows = labels.logged_between(log, until - window, until)
    rows = rows[(log.label_at[rows] <= until) & log.kept[rows] & ~log.lost[rows]]
    if "skip" in args:
        since, skip_until = args["skip"]
        rows = rows[(log.at[rows] <= until - since) | (log.at[rows] > until - skip_until)]
    if "exclude" in args:
        column, low, high = args["exclude"]
        value = log.rows[rows, column]
        rows = rows[~((value >= low) & (value <= high))]
    if args.get("deduplicate"):
        _, first = np.unique(log.id[rows], return_index=True)
        rows = rows[np.sort(first)]
    return rows
