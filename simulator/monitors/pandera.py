"""A pandera schema, as the team has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from simulator.monitors import Labelled, Monitor, Seen, _extras
from simulator.monitors._frames import frame, hushed
from simulator.pipeline.arrays import Floats
from simulator.pipeline.rows import Column
from simulator.registry import part
from simulator.source import Wrong
from simulator.units import Duration

WHOLE = "schema"  # the rule of checks that are about no single column


@part
class Pandera(Monitor):
    """Validates the rows, scored since it last ran, against a pandera schema.

    Rows that break a check count under its column (`rule="pandera/x1"`), what is about
    whole frames under `rule="pandera/schema"`.

    Examples
    --------
    ::

        - monitor: pandera
          schema:
            columns:
              dep_delay: {dtype: float64, nullable: true, checks: {greater_than: -60}}
    """

    needs: ClassVar[tuple[str, str]] = ("pandera", "validation")

    every: Duration = 60_000
    """How often it counts."""
    window: Duration = 60_000
    """What it looks back on the first time; later it counts every row once."""
    schema_: Mapping[str, Any] | str = Field({}, alias="schema")
    """The schema as pandera writes it to YAML, or `package.module:NAME` of one in Python."""

    def wrongs(self, columns: Sequence[Column]) -> list[Wrong]:
        found = super().wrongs(columns)
        if not found:
            try:
                self._load()
            # Pandera and the user's own module may raise anything here.
            except Exception as error:
                found.append(Wrong(("schema",), f"is no pandera schema: {error!r:.200}"))
        return found

    def series(self, columns: Sequence[Column]) -> list[Labelled]:
        rules = [*(column.name for column in columns), WHOLE]
        failures = [("ml_validation_failures_total", {"rule": f"pandera/{one}"}) for one in rules]
        return [*failures, ("ml_validation_pandera_rows_total", {})]

    def look(self, seen: Seen, before: Floats) -> Floats:
        span = seen.now - seen.memory.get("through", seen.now - self.window)
        seen.memory["through"] = seen.now
        rows = seen.rows(span)
        broken = dict.fromkeys([*(column.name for column in seen.columns), WHOLE], 0.0)
        errors = _extras.load("pandera.errors", "validation")
        if len(rows):
            try:
                with hushed():
                    self._load().validate(frame(rows, seen.columns), lazy=True)
            except errors.SchemaErrors as error:
                _count(error.failure_cases, broken, len(rows))
        counted: Floats = np.nan_to_num(before) + np.array([*broken.values(), float(len(rows))])
        return counted

    def _load(self) -> Any:
        if isinstance(self.schema_, str):
            module, _, name = self.schema_.partition(":")
            return getattr(_extras.load(module, "validation"), name)
        # A frozen part is compared by its fields: its text stands for it.
        return _made(repr(_plain(self.schema_)))


@lru_cache(maxsize=32)
def _made(text: str) -> Any:
    import ast

    io = _extras.load("pandera.io.pandas_io", "validation")
    return io.deserialize_schema({"schema_type": "dataframe", **ast.literal_eval(text)})


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _count(cases: Any, broken: dict[str, float], rows: int) -> None:
    """Rows that break a check, by column."""
    for (context, column), some in cases.groupby(["schema_context", "column"], dropna=False):
        place = column if context == "Column" and column in broken else WHOLE
        # A case without a row is about all of them: a missing column, a wrong type.
        whole = some["index"].isna().any()
        broken[place] += float(rows if whole else some["index"].nunique())
