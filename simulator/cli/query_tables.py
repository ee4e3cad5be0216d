"""Results of queries as people read them: tables, and a sparkline for each series of a range."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Sequence
from typing import NamedTuple

import click
import numpy as np

from simulator.cli.sparkline import sparkline
from simulator.cli.tables import table
from simulator.promql import Result
from simulator.report.console import piped_width
from simulator.telemetry.store import Bools, Floats, Ints, Labels
from simulator.units import format_ms
from simulator.units.wording import hhmmss

COLUMNS_MAX = 6  # series that stand side by side
TITLE_MAX = 14  # characters of a label's value as the title of a column; else it has a number
COMMON_MAX = 100  # characters of the labels that all series share
SPARKLINE_WIDTHS = (16, 61)
NAME = "__name__"
TARGET_LABELS = ("instance", "job", "namespace", "container")
LABELS_WIDTH = 60  # characters of all labels, from which on those of the target are left out


def clock(t: int) -> str:
    """A time of the drill, ms; the history lies before its start.

    Examples
    --------
    >>> clock(5_400_000), clock(-3_600_000)
    ('T+01:30:00', 'T-01:00:00')
    """
    return f"T{'-' if t < 0 else '+'}{hhmmss(abs(t))}"


def format_value(value: float) -> str:
    """A value with up to five digits; whole numbers have all of theirs.

    Examples
    --------
    >>> [format_value(value) for value in (3221225472.0, 0.1234567, 1234567.89, 1e-7)]
    ['3221225472', '0.12346', '1234567.9', '1e-07']
    >>> format_value(float("nan")), format_value(float("inf"))
    ('NaN', '+Inf')
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if abs(value) < 1e15 and value == int(value):
        return str(int(value))
    return f"{value:.1f}" if 1e6 <= abs(value) < 1e15 else f"{value:.5g}"


def format_selector(labels: Labels) -> str:
    """Labels in the form of a selector.

    Examples
    --------
    >>> format_selector((("__name__", "up"), ("job", "api"))), format_selector(())
    ('up{job="api"}', '{}')
    """
    name = "".join(value for label, value in labels if label == NAME)
    matchers = ", ".join(f'{label}="{value}"' for label, value in labels if label != NAME)
    return f"{name}{{{matchers}}}" if matchers or not name else name


def print_instant(result: Result, t: int) -> None:
    """Print the result of an instant query that is not empty."""
    if result.kind == "string":
        click.echo(result.text)
        return
    if result.kind == "scalar":
        click.echo(format_value(result.scalar))
        return
    values = [format_value(value) for value in result.values.tolist()]
    if len(values) == 1:
        click.echo(f"{clock(t)}\n\n{format_selector(result.labels[0])}  {values[0]}")
        return
    names, common = _split(result.labels)
    click.echo(_head(clock(t), len(values), common))
    head, *cells = _right_aligned("value", values)
    rows = zip(_label_cells(result.labels, names), cells, strict=True)
    table((*_headings(names), head), [(*labels, cell) for labels, cell in rows], no_wrap=True)


def print_range(result: Result, grid: Ints, row_step: int) -> None:
    """Print a chart of a matrix that is not empty; for few series also a table over time.

    Parameters
    ----------
    grid : ndarray, shape (times,), ms
        The times of a range query; empty for samples at the times of their scrapes.
    row_step : int, ms
        Between the rows of the table over time.
    """
    scrapes = np.unique(np.concatenate([times for times, _ in result.series]))
    times = grid if len(grid) else scrapes
    columns = [_Column.of(times, *samples) for samples in result.series]
    names, common = _split(result.labels)
    every = f", every {format_ms(int(grid[1] - grid[0]))}" if len(grid) > 1 else ""
    span = f"{clock(int(times[0]))} to {clock(int(times[-1]))}{every}"
    click.echo(_head(span, len(columns), common))
    cells, headings = _label_cells(result.labels, names), _headings(names)
    titles = [row[0] for row in cells] if len(names) == 1 else []
    if 1 < len(columns) <= COLUMNS_MAX and max(map(len, titles), default=99) > TITLE_MAX:
        titles = [f"#{number}" for number in range(1, len(columns) + 1)]
        cells = [(title, *row) for title, row in zip(titles, cells, strict=True)]
        headings = ("", *headings)
    _print_chart(headings, cells, times, columns)
    if len(columns) <= COLUMNS_MAX and len(times) > 1:
        click.echo()
        rows = np.flatnonzero((times - times[0]) % max(row_step, 1) == 0)
        _print_over_time(titles or ["value"], times[rows], [column.at(rows) for column in columns])


class _Column(NamedTuple):
    """A series on the times of its table: a sample that is NaN is present all the same."""

    values: Floats
    present: Bools

    @classmethod
    def of(cls, times: Ints, own_times: Ints, own_values: Floats) -> _Column:
        values, present = np.full(len(times), np.nan), np.zeros(len(times), dtype=bool)
        rows = np.searchsorted(times, own_times)
        values[rows], present[rows] = own_values, True
        return cls(values, present)

    def summary(self) -> tuple[str, str, str, str]:
        """The first, least, greatest and last value; NaN is neither least nor greatest."""
        samples = self.values[self.present]
        numbers = samples[~np.isnan(samples)]
        low, high = (numbers.min(), numbers.max()) if len(numbers) else (np.nan, np.nan)
        first, low, high, last = map(format_value, (samples[0], low, high, samples[-1]))
        return first, low, high, last

    def at(self, rows: Ints) -> _Column:
        return _Column(self.values[rows], self.present[rows])

    def texts(self) -> list[str]:
        pairs = zip(self.values.tolist(), self.present.tolist(), strict=True)
        return [format_value(value) if present else "-" for value, present in pairs]


def _print_chart(
    headings: Sequence[str],
    cells: Sequence[Sequence[str]],
    times: Ints,
    columns: Sequence[_Column],
) -> None:
    """A row for each series: its first, least, greatest and last value, and its sparkline."""
    numbers = zip(*(column.summary() for column in columns), strict=True)
    aligned = [
        _right_aligned(title, texts)
        for title, texts in zip(("first", "min", "max", "last"), numbers, strict=True)
    ]
    head, *rows = zip(*aligned, strict=True)
    head = (*headings, *head)
    whole = [(*labels, *row) for labels, row in zip(cells, rows, strict=True)]
    used = sum(max(map(len, column)) + 2 for column in zip(head, *whole, strict=True))
    narrowest, widest = SPARKLINE_WIDTHS
    width = min(max(_width() - used, narrowest), widest, len(times))
    lines = [sparkline(column.values, width) for column in columns]
    first, last = (clock(int(t)).removeprefix("T+")[:-3] for t in (times[0], times[-1]))
    axis = f"{first}{last.rjust(width - len(first))}" if width > len(first + last) else ""
    table((*head, axis), [(*row, line) for row, line in zip(whole, lines, strict=True)], True)


def _print_over_time(titles: Sequence[str], times: Ints, columns: Sequence[_Column]) -> None:
    """A row for each time, a column for each series."""
    aligned = [
        _right_aligned(title, column.texts()) for title, column in zip(titles, columns, strict=True)
    ]
    head, *rows = zip(["time", *map(clock, times.tolist())], *aligned, strict=True)
    table(head, rows, no_wrap=True)


def _split(series: Sequence[Labels]) -> tuple[list[str], Labels]:
    """The names of the labels that differ between the series, and the labels that all share.

    Of many labels those of the target are left out, unless the series differ in nothing else.
    """
    common = tuple(pair for pair in series[0] if all(pair in labels for labels in series))
    shared = {name for name, _ in common}
    names = sorted({name for labels in series for name, _ in labels} - shared)
    for name in TARGET_LABELS:
        rest = [other for other in names if other != name]
        if _labels_width(series, names) > LABELS_WIDTH and _are_distinct(series, rest):
            names = rest
    return names, common


def _labels_width(series: Sequence[Labels], names: Sequence[str]) -> int:
    columns = zip(_headings(names), *_label_cells(series, names), strict=True)
    return sum(max(map(len, column)) for column in columns)


def _are_distinct(series: Sequence[Labels], names: Sequence[str]) -> bool:
    return len(set(_label_cells(series, names))) == len(series)


def _head(when: str, count: int, common: Labels) -> str:
    """When, how many series, and the labels that all of them share, unless those are long."""
    text = f"{when}; {count} series" if count > 1 else when
    if common:
        shared = format_selector(common)
        text += f"\n{shared if len(shared) <= COMMON_MAX else shared[: COMMON_MAX - 1] + '…'}"
    return text + "\n"


def _headings(names: Sequence[str]) -> tuple[str, ...]:
    return tuple("metric" if name == NAME else name for name in names)


def _label_cells(series: Sequence[Labels], names: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(dict(labels).get(name, "-") for name in names) for labels in series]


def _right_aligned(title: str, texts: Sequence[str]) -> list[str]:
    """A column with its title, aligned to the right."""
    width = max(map(len, (title, *texts)))
    return [text.rjust(width) for text in (title, *texts)]


def _width() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else piped_width()
