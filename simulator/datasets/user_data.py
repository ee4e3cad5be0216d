"""The user's own data: a table with a time and an outcome becomes dated rows with labels.

What the pipeline does not say is inferred, and what was inferred is said (`Frame.notes`):
which columns are numbers and which categories, which outcome is the positive one, what was
left out and why.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from simulator.datasets.bounded_stream import Unreadable
from simulator.datasets.frame import Frame
from simulator.datasets.table import KEPT, PARQUET, SUFFIXES, Kinds, Table, read, suffix_of
from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.model import labels
from simulator.pipeline.rows import Column
from simulator.registry import did_you_mean
from simulator.source import Key, Wrong

if TYPE_CHECKING:
    from simulator.scenario.data import Data

# Fewer rows than this teach and show nothing.
LEAST_ROWS = 200
# A category of more levels is a name or a number of something; each level needs its weight.
LEVELS = 100
OTHER = "(other)"
_ZONED = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")


class BadData(ValueError):
    """What is wrong with a user's data, each with the key of `data:` that it is about."""

    def __init__(self, wrongs: Sequence[Wrong]) -> None:
        self.wrongs = tuple(wrongs)
        super().__init__("; ".join(wrong.text for wrong in wrongs))


def load(path: Path, data: Data) -> Frame:
    """Dated rows with labels from a CSV or Parquet file, in order of time.

    Parameters
    ----------
    path : Path
    data : Data
        Names the columns of the file.

    Raises
    ------
    BadData
        Everything that is wrong with it.
    """
    if suffix_of(path) not in SUFFIXES:
        known = ", ".join((*SUFFIXES[:1], *PARQUET[:1]))
        raise BadData([Wrong(("source",), f"expected a file that ends in {known} (or .gz)")])
    named = [data.time, data.target, data.entity, data.label_time]
    texts = [one for one in (data.target, data.entity, *data.categories) if one]
    only = None if data.features is None else [*named, *data.features]
    try:
        times = [one for one in (data.time, data.label_time) if one]
        wanted = None if only is None else filter(None, only)
        table = read(path, texts, times, wanted, data.rows or KEPT)
    except Unreadable as error:
        raise BadData([Wrong(("source",), f"{path.name} {error}")]) from None
    return _Reading(table, data).frame()


class _Reading:
    """A table on its way to a frame: what is wrong and what is worth saying is gathered."""

    def __init__(self, table: Table, data: Data) -> None:
        self.table, self.data = table, data
        self.wrongs: list[Wrong] = []
        self.notes: list[str] = []
        self.missing()

    def missing(self) -> None:
        keys = ("time", "target", "entity", "label_time")
        named: list[tuple[tuple[Key, ...], str | None]]
        named = [((key,), getattr(self.data, key)) for key in keys]
        for key in ("features", "categories"):
            listed = getattr(self.data, key) or ()
            named += [((key, number), name) for number, name in enumerate(listed)]
        for at, name in named:
            if name is not None and name not in self.table.header:
                hint = did_you_mean(name, self.table.header)
                self.wrongs.append(Wrong(at, f"the file has no column {name!r}{hint}"))
        self.settle()

    def settle(self) -> None:
        if self.wrongs:
            raise BadData(self.wrongs)

    def wrong(self, key: str, text: str) -> None:
        self.wrongs.append(Wrong((key,), text))

    def frame(self) -> Frame:
        data, table = self.data, self.table
        assert data.time is not None
        assert data.target is not None
        if table.rows > len(table.values):
            self.notes.append(
                f"kept {len(table.values):,} of {table.rows:,} rows, drawn by their number "
                "(rows: raises it)"
            )
        at = self.moments("time", data.time)
        label = self.labels(data.target)
        self.settle()
        usable = ~np.isnat(at) & (label >= 0)
        if lost := int((~usable).sum()):
            self.notes.append(f"left out {lost:,} rows without a time or an outcome")
        if usable.sum() < LEAST_ROWS:
            text = f"has {int(usable.sum()):,} rows with a time and an outcome"
            raise BadData([Wrong(("source",), f"{text}, expected {LEAST_ROWS} or more")])
        lag = self.lags(at, usable)
        columns, rows = self.features(usable)
        entity = self.entities()
        self.settle()
        order = np.flatnonzero(usable)
        if (np.diff(at[order]) < np.timedelta64(0)).any():
            self.notes.append("the rows were not in order of time; they were sorted")
            order = order[np.argsort(at[order], kind="stable")]
        at = at[order]
        hour = (at - at.astype("datetime64[D]")).astype("timedelta64[h]").astype(np.int64)
        return Frame(
            columns=columns,
            rows=rows[order],
            label=label[order].astype(np.int8),
            day=at.astype("datetime64[D]"),
            hour=hour,
            lag_ms=lag[order],
            entity=None if entity is None else entity[order],
            notes=tuple(self.notes),
        )

    # -- times ------------------------------------------------------------------------------

    def moments(self, key: str, name: str) -> NDArray[Any]:
        """A column of times, shape (rows,), datetime64[ms]; NaT where there is none."""
        import pandas as pd

        values = self.table.values[name]
        if values.dtype.kind == "M":
            zoned = values.dt.tz is not None
            found = pd.to_datetime(values, utc=True)
        elif values.dtype.kind in "iuf" and self.data.time_format is None:
            zoned, found = True, self.counted(values)
        else:
            text = values.astype("object").map(str, na_action="ignore")
            zoned = bool(text.dropna().map(lambda one: bool(_ZONED.search(one))).any())
            form = self.data.time_format or "ISO8601"
            try:
                found = pd.to_datetime(text, format=form, errors="coerce", utc=True)
            except ValueError as error:
                self.wrong("time_format", f"{form!r} is no format of times: {error}")
                return np.full(len(values), "NaT", "datetime64[ms]")
        bad = np.flatnonzero((values.notna() & found.isna()).to_numpy())
        if len(bad):
            first = f"{str(values.iloc[bad[0]])[:40]!r} in row {self.table.number[bad[0]]:,}"
            self.wrong(
                key,
                f"column {name!r} is not a time in {len(bad):,} of {len(values):,} rows, the first "
                f"is {first}; expected for example 2026-03-09T08:00:00, or seconds since 1970, "
                "or say how they are written with time_format: '%d/%m/%Y %H:%M'",
            )
        if zoned:
            zone = self.data.zone or "UTC"
            try:
                found = found.dt.tz_convert(ZoneInfo(zone))
            except (ZoneInfoNotFoundError, ValueError, OSError):
                self.wrong("zone", f"unknown time zone {zone!r}; expected for example Europe/Oslo")
            if key == "time":
                self.notes.append(f"hours of the day are those of {zone}")
        times: NDArray[Any] = found.dt.tz_localize(None).to_numpy().astype("datetime64[ms]")
        return times

    def counted(self, values: Any) -> Any:
        """Seconds or milliseconds since 1970, by their size."""
        import pandas as pd

        number = values.to_numpy(np.float64)
        known = number[~np.isnan(number)]
        # 1970 to 2200 in seconds is below 8e9, and in milliseconds above it from April 1970.
        unit = "ms" if len(known) and np.median(known) > 8e9 else "s"
        sane = (number > 0) & (number < (8e12 if unit == "ms" else 8e9))
        return pd.to_datetime(pd.Series(np.where(sane, number, np.nan)), unit=unit, utc=True)

    # -- the outcome ------------------------------------------------------------------------

    def labels(self, name: str) -> Ints:
        """1 for the positive outcome, 0 for the other, -1 where it is unknown."""
        import pandas as pd

        values = self.table.values[name]
        known = values.notna().to_numpy()
        number = pd.to_numeric(values, errors="coerce").to_numpy(np.float64)
        numeric = bool(known.any()) and not np.isnan(number[known]).any()
        text = values.astype("object").map(str, na_action="ignore").to_numpy(dtype=object)
        if self.data.threshold is not None:
            if not numeric:
                self.wrong("threshold", f"compares numbers, but column {name!r} has texts")
            positive = number >= self.data.threshold
            said = f"{name} >= {self.data.threshold:g}"
        else:
            levels = np.unique(number[known]) if numeric else np.unique(text[known].astype(str))
            chosen: Any = self.data.positive
            if chosen is not None:
                chosen = _number(chosen) if numeric else chosen
                if chosen not in levels.tolist():
                    shown = ", ".join(map(_shown, levels[:5].tolist()))
                    self.wrong("positive", f"column {name!r} has no {chosen!r}; it has {shown}")
                    return np.zeros(len(values), np.int64)
            elif len(levels) > 2:
                self.wrong(
                    "target",
                    f"column {name!r} has {len(levels):,} different values, expected two; name one "
                    "with positive:, or of numbers where they begin to count with threshold:",
                )
                return np.zeros(len(values), np.int64)
            elif len(levels):
                chosen = levels.tolist()[-1]
            positive = (number if numeric else text) == chosen
            said = f"{name} = {_shown(chosen)}"
        label = np.where(known, positive.astype(np.int64), -1)
        if len(np.unique(label[known])) < 2:
            only = f"{_shown(text[known][0])!r} in every row" if known.any() else "no value"
            if self.data.threshold is not None or self.data.positive is not None:
                only = f"one side only: {said} holds in all rows or in none"
            self.wrong("target", f"column {name!r} has {only}; a model needs both outcomes")
        self.notes.append(f"positive means {said}")
        return label

    def lags(self, at: NDArray[Any], usable: NDArray[np.bool_]) -> Floats:
        """How long each label takes, ms."""
        data = self.data
        if data.label_time is None:
            if data.label_after is None:
                self.notes.append("labels are known at once (label_time: or label_after: delays)")
            return self.within(np.full(len(at), float(data.label_after or 0)), usable)
        known_at = self.moments("label_time", data.label_time)
        self.settle()
        unknown = np.isnat(known_at) & usable
        usable &= ~np.isnat(known_at)
        if unknown.any():
            self.notes.append(f"left out {int(unknown.sum()):,} rows without a label time")
        lag = (known_at - at).astype("timedelta64[ms]").astype(np.float64)
        early = np.flatnonzero(usable & (lag < 0))
        if len(early):
            self.wrong(
                "label_time",
                f"column {data.label_time!r} lies before {data.time!r} in {len(early):,} rows, the "
                f"first is row {self.table.number[early[0]]:,}; is one in another time zone?",
            )
        return self.within(lag, usable)

    def within(self, lag: Floats, usable: NDArray[np.bool_]) -> Floats:
        """Lags that what is on its way has room for."""
        longest = labels.LONGEST_LAG
        if late := int((usable & (lag > longest)).sum()):
            days = f"{longest // labels.DAY} days"
            self.notes.append(f"{late:,} labels take longer than {days}; they come after {days}")
        return np.where(usable, np.clip(lag, 0.0, longest), 0.0)

    # -- the columns ------------------------------------------------------------------------

    def features(self, usable: NDArray[np.bool_]) -> tuple[tuple[Column, ...], Floats]:
        """The columns that a model may look at, and their values: codes for categories."""
        data = self.data
        apart = {data.time, data.target, data.entity, data.label_time}
        if data.features is None:
            names = [name for name in self.table.header if name not in apart]
        else:
            names = list(data.features)
            for number, name in enumerate(list(names)):
                if name in apart - {data.entity}:
                    names.remove(name)
                    text = f"column {name!r} is not known when a row asks; it cannot be a feature"
                    self.wrongs.append(Wrong(("features", number), text))
        found: list[tuple[Column, Floats]] = []
        for name in names:
            one = self.column(name, usable, asked=data.features is not None)
            if one is not None:
                found.append(one)
        if not found and not self.wrongs:
            self.wrong("source", "has no column that varies beside the time and the outcome")
        self.settle()
        return tuple(column for column, _ in found), np.column_stack([v for _, v in found])

    def column(
        self, name: str, usable: NDArray[np.bool_], asked: bool
    ) -> tuple[Column, Floats] | None:
        import pandas as pd

        values = self.table.values[name]
        kinds = self.table.kinds.get(name, Kinds())
        at: tuple[Key, ...]
        at = ("features", (self.data.features or ()).index(name)) if asked else ("source",)
        if values.dtype.kind == "M":
            self.notes.append(f"left out {name!r}: it is a time")
            return None
        if name not in self.data.categories and kinds.numbers and kinds.texts:
            row, text = kinds.first_text
            self.wrongs.append(Wrong(at, (
                f"column {name!r} has {kinds.numbers:,} numbers and {kinds.texts:,} texts, the "
                f"first text is {text!r} in row {row:,}; mend it, or read it as texts with "
                f"categories: [{name}], or choose others with features:"
            )))  # fmt: skip
            return None
        if name not in self.data.categories and name != self.data.entity and not kinds.texts:
            numbers = pd.to_numeric(values, errors="coerce").to_numpy(np.float64).copy()
            numbers[np.isinf(numbers)] = np.nan
            known = numbers[usable & ~np.isnan(numbers)]
            if not len(known) or known.min() == known.max():
                self.constant(name, at, asked)
                return None
            return Column(name), numbers
        return self.category(name, at, usable, asked)

    def category(
        self, name: str, at: tuple[Key, ...], usable: NDArray[np.bool_], asked: bool
    ) -> tuple[Column, Floats] | None:
        texts = self.table.values[name].astype("object").map(str, na_action="ignore")
        known = texts.notna().to_numpy()
        plain = texts.to_numpy(dtype=object)
        levels, count = np.unique(plain[known & usable].astype(str), return_counts=True)
        if len(levels) < 2:
            self.constant(name, at, asked)
            return None
        if len(levels) > LEVELS:
            listed = asked or name in self.data.categories
            if not listed:
                self.notes.append(
                    f"left out {name!r}: {len(levels):,} different texts (categories: keeps it)"
                )
                return None
            often = np.sort(np.argsort(-count, kind="stable")[: LEVELS - 1])
            self.notes.append(f"{name!r}: {len(levels) - LEVELS + 1:,} rare levels are {OTHER!r}")
            levels = np.append(levels[often], OTHER)
        code = {level: float(number) for number, level in enumerate(levels.tolist())}
        other = code.get(OTHER, np.nan)
        coded = [code.get(one, other) if is_known else np.nan
                 for one, is_known in zip(plain.tolist(), known.tolist(), strict=True)]  # fmt: skip
        return Column(name, tuple(levels.tolist())), np.array(coded)

    def constant(self, name: str, at: tuple[Key, ...], asked: bool) -> None:
        if asked:
            self.wrongs.append(Wrong(at, f"column {name!r} has one value only; it tells nothing"))
        else:
            self.notes.append(f"left out {name!r}: it has one value only")

    def entities(self) -> Ints | None:
        """A number for each entity, -1 where it is not known."""
        if self.data.entity is None:
            return None
        import pandas as pd

        codes, names = pd.factorize(self.table.values[self.data.entity])
        self.notes.append(f"{len(names):,} entities by {self.data.entity!r}")
        return np.asarray(codes, np.int64)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)[:40]
