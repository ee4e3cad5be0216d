"""Model features from the columns of a user's table: numbers, and categories as codes."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.datasets.conversion import Conversion
from simulator.datasets.table import ColumnKinds
from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.rows import Column
from simulator.source import Key

# A column of more texts is a name or a number of something; each level needs its weight.
MAX_LEVELS = 100
OTHER = "(other)"


def encode_features(
    conversion: Conversion, usable: NDArray[np.bool_]
) -> tuple[tuple[Column, ...], Floats]:
    """The feature columns and their values, shape (rows, columns): codes for categories.

    Raises
    ------
    BadData
    """
    features: list[tuple[Column, Floats]] = []
    for name in _feature_names(conversion):
        feature = _Feature(conversion, name, usable).encode()
        if feature is not None:
            features.append(feature)
    if not features and not conversion.failed:
        conversion.error("has no column that varies beside the time and the outcome", "source")
    conversion.raise_errors()
    return tuple(column for column, _ in features), np.column_stack([v for _, v in features])


def entity_codes(conversion: Conversion) -> Ints | None:
    """The entity of each row as a number, -1 if unknown; None if no column names entities."""
    name = conversion.data.entity
    if name is None:
        return None
    codes, names = pd.factorize(conversion.table.values[name])
    conversion.notes.append(f"{len(names):,} entities by {name!r}")
    return np.asarray(codes, np.int64)


def _feature_names(conversion: Conversion) -> list[str]:
    data = conversion.data
    if data.features is None:
        reserved = {data.time, data.target, data.entity, data.label_time}
        return [name for name in conversion.table.header if name not in reserved]
    names = []
    for i, name in enumerate(data.features):
        if name in (data.time, data.target, data.label_time):
            text = f"column {name!r} is not known at the time of a request; it cannot be a feature"
            conversion.error(text, "features", i)
        else:
            names.append(name)
    return names


class _Feature:
    """One column on its way to a feature.

    Parameters
    ----------
    usable : ndarray of bool, shape (rows,)
        Rows with a time and an outcome.
    """

    def __init__(self, conversion: Conversion, name: str, usable: NDArray[np.bool_]) -> None:
        self.conversion, self.name, self.usable = conversion, name, usable
        data = conversion.data
        self.is_listed = data.features is not None
        self.is_category = name in data.categories
        self.path: tuple[Key, ...] = ("source",)
        if data.features is not None:
            self.path = ("features", data.features.index(name))

    def encode(self) -> tuple[Column, Floats] | None:
        """The column and its values; None if it is left out or an error."""
        values = self.conversion.table.values[self.name]
        kinds = self.conversion.table.kinds.get(self.name, ColumnKinds())
        if values.dtype.kind == "M":
            self._leave_out("it is a time")
            return None
        if not self.is_category and kinds.numbers and kinds.texts:
            row, text = kinds.first_text
            self.conversion.error(
                f"column {self.name!r} has {kinds.numbers:,} numbers and {kinds.texts:,} texts, "
                f"the first text is {text!r} in row {row:,}; correct it, read the column as texts "
                f"with categories: [{self.name}], or choose other columns with features:",
                *self.path,
            )
            return None
        if self.is_category or self.name == self.conversion.data.entity or kinds.texts:
            return self._encode_category(values)
        return self._encode_number(values)

    def _encode_number(self, values: pd.Series) -> tuple[Column, Floats] | None:
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(np.float64).copy()
        numbers[np.isinf(numbers)] = np.nan
        present = numbers[self.usable & ~np.isnan(numbers)]
        if not len(present) or present.min() == present.max():
            self._reject_constant()
            return None
        return Column(self.name), numbers

    def _encode_category(self, values: pd.Series) -> tuple[Column, Floats] | None:
        texts = values.astype("object").map(str, na_action="ignore")
        present = texts.notna().to_numpy()
        plain = texts.to_numpy(dtype=object)
        levels, count = np.unique(plain[present & self.usable].astype(str), return_counts=True)
        if len(levels) < 2:
            self._reject_constant()
            return None
        if len(levels) > MAX_LEVELS:
            if not self.is_listed and not self.is_category:
                self._leave_out(f"{len(levels):,} different texts (categories: keeps it)")
                return None
            frequent = np.sort(np.argsort(-count, kind="stable")[: MAX_LEVELS - 1])
            rare = len(levels) - MAX_LEVELS + 1
            self.conversion.notes.append(f"{self.name!r}: {rare:,} rare levels are {OTHER!r}")
            levels = np.append(levels[frequent], OTHER)
        codes = {level: float(code) for code, level in enumerate(levels.tolist())}
        other = codes.get(OTHER, np.nan)
        coded = np.array([codes.get(text, other) for text in plain.tolist()])
        coded[~present] = np.nan
        return Column(self.name, tuple(levels.tolist())), coded

    def _reject_constant(self) -> None:
        if self.is_listed:
            text = f"column {self.name!r} has one value only; it carries no information"
            self.conversion.error(text, *self.path)
        else:
            self._leave_out("it has one value only")

    def _leave_out(self, why: str) -> None:
        self.conversion.notes.append(f"left out {self.name!r}: {why}")
