"""A store as OpenMetrics text, with the time of every sample.

Stale markers have no form in it: a series that ended has simply no further sample, and a
Prometheus that reads the text back looks five minutes longer for it than ours did.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from simulator.telemetry.store import Floats, Ints, Labels, SeriesStore, is_sample

PARTS = ("_bucket", "_count", "_sum")  # of a histogram


class Column(NamedTuple):
    """One series' samples: when (ms of simulated time) and what."""

    labels: Labels
    times: Ints
    values: Floats


def exposition(store: SeriesStore, epoch: int) -> Iterator[str]:
    """The text, line by line, with line ends.

    Parameters
    ----------
    store : SeriesStore
    epoch : int, ms since 1970
        What time 0 is on the calendar.

    Examples
    --------
    >>> from simulator.telemetry.store import labels_of
    >>> store = SeriesStore()
    >>> store.table("a", [labels_of(__name__="x_total", job="a")]).append(0, np.array([2.0]))
    >>> print("".join(exposition(store, 1_767_225_600_000)), end="")
    # TYPE x counter
    x_total{job="a"} 2.0 1767225600.000
    # EOF
    """
    found: dict[tuple[str, str], list[Column]] = {}
    names = {dict(labels).get("__name__", "") for t in store.tables.values() for labels in t.series}
    for column in columns(store):
        found.setdefault(family(column.labels, names), []).append(column)
    for (name, kind), members in sorted(found.items()):
        yield f"# TYPE {name} {kind}\n"
        # The samples of one metric stand together; of a histogram, bucket by bucket.
        for column in sorted(members, key=lambda one: _order(one.labels)):
            yield from _samples(column, epoch)
    yield "# EOF\n"


def columns(store: SeriesStore) -> Iterator[Column]:
    """Every series that has a sample."""
    for table in store.tables.values():
        for number, labels in enumerate(table.series):
            values = table.values[:, number]
            there = is_sample(values)
            if there.any():
                yield Column(labels, table.times[there], values[there])


def family(labels: Labels, names: set[str]) -> tuple[str, str]:
    """The family that a series belongs to, and its type.

    Parameters
    ----------
    labels : Labels
    names : set of str
        Every metric's name: a family may not be called as another metric is.

    Examples
    --------
    >>> family((("__name__", "a_bucket"), ("le", "1")), {"a_bucket", "a_count", "a_sum"})
    ('a', 'histogram')
    >>> family((("__name__", "ml_model_info"), ("version", "7")), {"ml_model_info"})
    ('ml_model', 'info')
    """
    name = dict(labels).get("__name__", "")
    for part in PARTS:
        base = name.removesuffix(part)
        if base != name and {base + one for one in PARTS} <= names and base not in names:
            return base, "histogram"
    for suffix, kind in (("_total", "counter"), ("_info", "info")):
        base = name.removesuffix(suffix)
        if base not in (name, "") and base not in names:
            return base, kind
    return name, "gauge"


def format_series(labels: Labels) -> str:
    """A series as PromQL and OpenMetrics write it: its name, then its labels in braces."""
    inner = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels if name != "__name__")
    return dict(labels).get("__name__", "") + (f"{{{inner}}}" if inner else "")


def _samples(column: Column, epoch: int) -> Iterator[str]:
    name = format_series(column.labels)
    for t, value in zip((column.times + epoch).tolist(), column.values.tolist(), strict=True):
        yield f"{name} {format_number(value)} {t // 1000}.{t % 1000:03d}\n"


def format_number(value: float) -> str:
    """A value as both formats write it.

    Examples
    --------
    >>> format_number(float("inf")), format_number(float("nan")), format_number(0.1)
    ('+Inf', 'NaN', '0.1')
    """
    if np.isfinite(value):
        return repr(value)
    return "NaN" if np.isnan(value) else "+Inf" if value > 0 else "-Inf"


def _order(labels: Labels) -> tuple[Labels, int, float]:
    have = dict(labels)
    le = have.pop("le", None)
    part = next((i for i, one in enumerate(PARTS) if have.get("__name__", "").endswith(one)), 0)
    own = tuple((name, value) for name, value in have.items() if name != "__name__")
    return own, part, float(le) if le else 0.0


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
