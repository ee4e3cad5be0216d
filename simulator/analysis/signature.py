"""The signature of a fault: the series that differ most between a run and its no-fault twin.

Both have the same customers, so a difference is the fault's doing, or that of what was ordered.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from simulator.analysis.truth import Bools, Floats, Times
from simulator.run import Run
from simulator.telemetry.counters import is_counter
from simulator.telemetry.store import SeriesStore, is_sample

# Buckets repeat their count, rows say how much a statistic saw; alerts are what rules make of it.
LEFT_OUT = ("_bucket", "_created", "_rows")
DERIVED = frozenset({"ALERTS", "ALERTS_FOR_STATE"})
# Every scrape writes these, and its own duration.
SCRAPE = "scrape_"
# Beyond that many spreads a series has moved, however far; else what was 0 would always win.
LARGEST = 20.0
PER_JOB = 2  # of one exporter's metrics


class SignatureSeries(NamedTuple):
    """A series with and without the fault.

    Attributes
    ----------
    labels : mapping of str to str
    times : ndarray, shape (scrapes,), ms
    with_fault, without : ndarray, shape (scrapes,)
        A counter as its rate per second; NaN where there is no sample.
    effect : float
        The mean difference since the onset, in spreads of the series without the fault.
    """

    labels: Mapping[str, str]
    times: Times
    with_fault: Floats
    without: Floats
    effect: float

    @property
    def metric(self) -> str:
        """Its metric; `rate(…)` of a counter."""
        name = self.labels["__name__"]
        return f"rate({name})" if is_counter(name) else name


def signature_of(run: Run, no_fault: Run, onset: int, limit: int = 6) -> list[SignatureSeries]:
    """The series that a fault moves most, one a metric and two an exporter, most first.

    Parameters
    ----------
    run, no_fault : Run
        With and without the fault, of the same seed.
    onset : int, ms
    limit : int
        The most series.
    """
    best: dict[str, SignatureSeries] = {}
    for series in _differing(run, no_fault, onset):
        name = series.labels["__name__"]
        if name not in best or series.effect > best[name].effect:
            best[name] = series
    picked: list[SignatureSeries] = []
    for series in sorted(best.values(), key=lambda item: (-item.effect, item.metric)):
        job = series.labels.get("job")
        if sum(other.labels.get("job") == job for other in picked) < PER_JOB:
            picked.append(series)
    return picked[:limit]


def _differing(run: Run, no_fault: Run, onset: int) -> Iterator[SignatureSeries]:
    ours, twins = SeriesStore.from_arrays(run.series), SeriesStore.from_arrays(no_fault.series)
    for name, table in ours.tables.items():
        twin = twins.tables.get(name)
        if twin is None:
            continue
        times, rows, twin_rows = np.intersect1d(table.times, twin.times, return_indices=True)
        graded = times >= run.header.warm_up
        times, rows, twin_rows = times[graded], rows[graded], twin_rows[graded]
        for labels, column in table.column_of.items():
            metric = dict(labels).get("__name__", "")
            if metric in DERIVED or metric.startswith(SCRAPE) or metric.endswith(LEFT_OUT):
                continue
            other = twin.column_of.get(labels)
            without = np.full(len(times), np.nan)
            if other is not None:
                without = _column(twin.values[twin_rows, other], times, metric)
            with_fault = _column(table.values[rows, column], times, metric)
            effect = _effect(with_fault, without, times > onset)
            if effect > 0:
                yield SignatureSeries(dict(labels), times, with_fault, without, effect)


def _column(values: Floats, times: Times, metric: str) -> Floats:
    """The samples of a series, NaN where there is none; the rate of a counter.

    Examples
    --------
    A process that restarts between the second scrape and the third.

    >>> scrapes = np.array([0, 1000, 3000])
    >>> _column(np.array([10.0, 15.0, 4.0]), scrapes, "http_requests_total").tolist()
    [nan, 5.0, 2.0]
    """
    column = np.where(is_sample(values), values, np.nan)
    if not is_counter(metric) or len(column) < 2:
        return column
    rise = np.diff(column, prepend=np.nan)
    # A counter that is smaller than before has started again.
    rise = np.where(rise < 0, column, rise)
    rates: Floats = rise / (np.diff(times, prepend=times[0] - 1) / 1000.0)
    return rates


def _effect(with_fault: Floats, without: Floats, since_onset: Bools) -> float:
    """The mean difference since the onset, in spreads, and the share of samples in one run only.

    Examples
    --------
    Ones that become 1.1, where the spread is 0.05.

    >>> round(_effect(np.array([1.0, 1.1, 1.1]), np.ones(3), np.array([False, True, True])), 2)
    2.0
    """
    here, there = with_fault[since_onset], without[since_onset]
    present = ~np.isnan(here)
    missing = present != ~np.isnan(there)
    both = present & ~np.isnan(there)
    if not both.any():
        return 0.0
    usual = without[~np.isnan(without)]
    spread = float(usual.std()) + 0.05 * abs(float(usual.mean())) + 1e-9
    moved = float(np.abs(here[both] - there[both]).sum()) / len(here) / spread
    return min(moved, LARGEST) + float(np.count_nonzero(missing)) / len(here)
