"""Why a query over a past run has no result."""

from collections.abc import Sequence

import numpy as np

from simulator.cli.moments import Moments
from simulator.cli.query_tables import clock
from simulator.promql import Engine, Selector, selectors
from simulator.promql.selection import selected_indices
from simulator.promql.unmatched import explain_unmatched
from simulator.telemetry.store import Labels, SeriesStore, is_sample

NAMES_MAX = 6
ALL_NAMES = """list all with 'count by (__name__) ({__name__!=""})'"""
ALL_GONE = "there are such series; the query compares or matches them away"


def reasons(engine: Engine, promql: str, moments: Moments) -> list[str]:
    """The reasons why a query has no result: a line each."""
    series = [labels for table in engine.store.tables.values() for labels in table.series]
    chosen = list(dict.fromkeys(selectors(promql)))
    unmatched = [text for selector in chosen if (text := _unmatched(selector, series))]
    absent = [text for selector in chosen if (text := _absent(engine, selector, moments))]
    return unmatched or absent or ([ALL_GONE] if chosen else [])


def _unmatched(selector: Selector, series: Sequence[Labels]) -> str:
    """Why no series has this name and these labels; empty if some have."""
    reason = explain_unmatched(selector, series, {})
    name = selector.name
    if name and reason == f"there is no metric {name!r}":
        names = sorted({dict(labels)["__name__"] for labels in series})
        similar = [metric for metric in names if name.lower() in metric.lower()]
        listed = ", ".join(similar[:NAMES_MAX]) + (", …" if len(similar) > NAMES_MAX else "")
        return f"{reason}; {f'there is {listed}' if similar else ALL_NAMES}"
    return reason


def _absent(engine: Engine, selector: Selector, moments: Moments) -> str:
    """When the series of a selector have samples, if they have none at that time."""
    text = str(selector)
    if moments.step:
        present = bool(engine.query_range(text, moments.start, moments.end, moments.step))
    else:
        present = bool(engine.query(text, moments.start))
    first, last = _sampled(engine.store, selector)
    if present or first is None or last is None:
        return ""
    when = f"from {clock(first)} to {clock(last)}" if last > first else f"at {clock(first)}"
    return f"{text} has no sample then; it has samples {when}"


def _sampled(store: SeriesStore, selector: Selector) -> tuple[int | None, int | None]:
    """The times of the first and the last sample of the series of a selector."""
    times: list[int] = []
    for table in store.tables.values():
        columns = selected_indices(selector, table.series)
        rows = np.flatnonzero(is_sample(table.values[:, columns]).any(axis=1))
        times += table.times[rows[[0, -1]]].tolist() if len(rows) else []
    return (min(times), max(times)) if times else (None, None)
