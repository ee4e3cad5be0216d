"""Binary labels from the column of the outcome, and the delay of each label."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.datasets.conversion import Conversion
from simulator.datasets.time_column import parse_times
from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.model import labels


class _Outcome(NamedTuple):
    """The values of the target column, as texts and as numbers."""

    present: NDArray[np.bool_]
    text: NDArray[np.object_]
    number: Floats
    is_numeric: bool


def binary_labels(conversion: Conversion, name: str) -> Ints:
    """Labels from the target column: 1 if positive, 0 if negative, -1 if unknown."""
    data = conversion.data
    outcome = _outcome(conversion.table.values[name])
    if not outcome.present.any():
        conversion.error(f"column {name!r} has no value; a model needs both outcomes", "target")
        return np.full(len(outcome.present), -1)
    if data.threshold is not None:
        if not outcome.is_numeric:
            conversion.error(f"compares numbers, but column {name!r} has texts", "threshold")
        positive = outcome.number >= data.threshold
        condition = f"{name} >= {data.threshold:g}"
    else:
        level = _positive_level(conversion, name, outcome)
        if level is None:
            return np.zeros(len(outcome.present), np.int64)
        positive = (outcome.number if outcome.is_numeric else outcome.text) == level
        condition = f"{name} = {_format_level(level)}"
    label = np.where(outcome.present, positive.astype(np.int64), -1)
    if len(np.unique(label[outcome.present])) < 2:
        only = f"{_format_level(outcome.text[outcome.present][0])!r} in every row"
        if data.threshold is not None or data.positive is not None:
            only = f"one side only: {condition} holds in all rows or in none"
        conversion.error(f"column {name!r} has {only}; a model needs both outcomes", "target")
    conversion.notes.append(f"positive means {condition}")
    return label


def _outcome(values: pd.Series) -> _Outcome:
    present = values.notna().to_numpy()
    number = pd.to_numeric(values, errors="coerce").to_numpy(np.float64)
    text = values.astype("object").map(str, na_action="ignore").to_numpy(dtype=object)
    return _Outcome(present, text, number, not bool(np.isnan(number[present]).any()))


def _positive_level(conversion: Conversion, name: str, outcome: _Outcome) -> float | str | None:
    """The value that counts as positive; None after an error."""
    values = outcome.number if outcome.is_numeric else outcome.text
    present = values[outcome.present]
    levels = np.unique(present if outcome.is_numeric else present.astype(str)).tolist()
    positive = conversion.data.positive
    if positive is not None:
        level = _number(positive) if outcome.is_numeric else positive
        if level in levels:
            return level
        listed = ", ".join(map(_format_level, levels[:5]))
        conversion.error(f"column {name!r} has no {level!r}; it has {listed}", "positive")
        return None
    if len(levels) > 2:
        conversion.error(
            f"column {name!r} has {len(levels):,} different values, expected two; name one with "
            "positive:, or give the least positive number with threshold:",
            "target",
        )
        return None
    last: float | str = levels[-1]
    return last


def label_lags(
    conversion: Conversion, at: NDArray[np.datetime64], usable: NDArray[np.bool_]
) -> Floats:
    """The delay of each label, ms; rows without a label time become unusable in place."""
    data = conversion.data
    if data.label_time is None:
        if data.label_after is None:
            text = "labels are known at once (label_time: or label_after: delays them)"
            conversion.notes.append(text)
        return _clip(conversion, np.full(len(at), float(data.label_after or 0)), usable)
    label_at = parse_times(conversion, "label_time", data.label_time)
    conversion.raise_errors()
    unknown = np.isnat(label_at) & usable
    usable &= ~np.isnat(label_at)
    if unknown.any():
        conversion.notes.append(f"left out {int(unknown.sum()):,} rows without a label time")
    lag = (label_at - at).astype("timedelta64[ms]").astype(np.float64)
    early = np.flatnonzero(usable & (lag < 0))
    if len(early):
        conversion.error(
            f"column {data.label_time!r} lies before {data.time!r} in {len(early):,} rows, the "
            f"first is row {conversion.table.number[early[0]]:,}; is one in another time zone?",
            "label_time",
        )
    return _clip(conversion, lag, usable)


def _clip(conversion: Conversion, lag: Floats, usable: NDArray[np.bool_]) -> Floats:
    """Lags up to the longest that the queue of pending labels has room for."""
    longest = labels.LONGEST_LAG
    if late := int((usable & (lag > longest)).sum()):
        days = f"{longest // labels.DAY} days"
        text = f"{late:,} labels take longer than {days}; they arrive after {days}"
        conversion.notes.append(text)
    return np.where(usable, np.clip(lag, 0.0, longest), 0.0)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _format_level(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)[:40]
