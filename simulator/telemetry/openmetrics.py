"""A store as OpenMetrics text, with the time of every sample.

The format has no staleness markers: a series that ended has no further sample, and a
Prometheus that reads the text back keeps it for the lookback of five minutes.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from simulator.telemetry.store import Floats, Ints, Labels, SeriesStore, is_sample

HISTOGRAM_SUFFIXES = ("_bucket", "_count", "_sum")


class SeriesSamples(NamedTuple):
    """The samples of one series: times (ms of simulated time) and values."""

    labels: Labels
    times: Ints
    values: Floats


def exposition(store: SeriesStore, epoch: int) -> Iterator[str]:
    """The text, line by line, with line ends.

    Parameters
    ----------
    epoch : int, ms since 1970
        The wall-clock time of time 0.

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
    families: dict[tuple[str, str], list[SeriesSamples]] = {}
    names = {dict(labels).get("__name__", "") for t in store.tables.values() for labels in t.series}
    for series in sampled_series(store):
        families.setdefault(family(series.labels, names), []).append(series)
    for (name, kind), members in sorted(families.items()):
        yield f"# TYPE {name} {kind}\n"
        # The samples of one metric stand together; of a histogram, bucket by bucket.
        for series in sorted(members, key=lambda series: _sort_key(series.labels)):
            yield from _sample_lines(series, epoch)
    yield "# EOF\n"


def sampled_series(store: SeriesStore) -> Iterator[SeriesSamples]:
    """Every series that has a sample."""
    for table in store.tables.values():
        for column, labels in enumerate(table.series):
            values = table.values[:, column]
            present = is_sample(values)
            if present.any():
                yield SeriesSamples(labels, table.times[present], values[present])


def family(labels: Labels, names: set[str]) -> tuple[str, str]:
    """The metric family of a series, and its type.

    Parameters
    ----------
    names : set of str
        Every metric's name: a family may not have the name of another metric.

    Examples
    --------
    >>> family((("__name__", "a_bucket"), ("le", "1")), {"a_bucket", "a_count", "a_sum"})
    ('a', 'histogram')
    >>> family((("__name__", "ml_model_info"), ("version", "7")), {"ml_model_info"})
    ('ml_model', 'info')
    """
    name = dict(labels).get("__name__", "")
    for suffix in HISTOGRAM_SUFFIXES:
        base = name.removesuffix(suffix)
        if base == name or base in names:
            continue
        if {base + part for part in HISTOGRAM_SUFFIXES} <= names:
            return base, "histogram"
    for suffix, kind in (("_total", "counter"), ("_info", "info")):
        base = name.removesuffix(suffix)
        if base not in (name, "") and base not in names:
            return base, kind
    return name, "gauge"


def format_series(labels: Labels) -> str:
    """A series in the notation of PromQL and OpenMetrics: name, then labels in braces."""
    inner = ",".join(f'{name}="{_escape(value)}"' for name, value in labels if name != "__name__")
    return dict(labels).get("__name__", "") + (f"{{{inner}}}" if inner else "")


def _sample_lines(series: SeriesSamples, epoch: int) -> Iterator[str]:
    name = format_series(series.labels)
    for t, value in zip((series.times + epoch).tolist(), series.values.tolist(), strict=True):
        yield f"{name} {format_number(value)} {t // 1000}.{t % 1000:03d}\n"


def format_number(value: float) -> str:
    """A value in the notation of both formats.

    Examples
    --------
    >>> format_number(float("inf")), format_number(float("nan")), format_number(0.1)
    ('+Inf', 'NaN', '0.1')
    """
    if np.isfinite(value):
        return repr(value)
    return "NaN" if np.isnan(value) else "+Inf" if value > 0 else "-Inf"


def _sort_key(labels: Labels) -> tuple[Labels, int, float]:
    rest = dict(labels)
    le = rest.pop("le", None)
    name = rest.pop("__name__", "")
    part = next((i for i, suffix in enumerate(HISTOGRAM_SUFFIXES) if name.endswith(suffix)), 0)
    return tuple(rest.items()), part, float(le) if le else 0.0


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
