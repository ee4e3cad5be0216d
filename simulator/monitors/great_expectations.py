"""Great Expectations, as the team has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar, Self

import numpy as np
from pydantic import model_validator

from simulator.monitors import Labelled, Monitor, Seen, _extras
from simulator.monitors._frames import frame, hushed
from simulator.pipeline.arrays import Floats
from simulator.pipeline.rows import Column
from simulator.registry import did_you_mean, part
from simulator.source import Wrong, refuse
from simulator.units import Duration

NEEDS = ("great_expectations", "great-expectations")


@part
class GreatExpectations(Monitor):
    """Validates the rows, scored since it last ran, against expectations.

    Each is a rule by its type and column (`rule="expect_column_values_to_not_be_null/x1"`).
    Where an expectation is not about single rows all of them count. Large: 8 s of import.

    Examples
    --------
    ::

        - monitor: great_expectations
          expectations:
            - {type: expect_column_values_to_be_between, column: distance, min_value: 0}
    """

    needs: ClassVar[tuple[str, str]] = NEEDS

    every: Duration = 60_000
    """How often it counts."""
    window: Duration = 60_000
    """What it looks back on the first time; later it counts every row once."""
    expectations: tuple[Mapping[str, Any], ...] = ()
    """Each with its `type` and arguments, as in an expectation suite."""

    @model_validator(mode="after")
    def _typed(self) -> Self:
        refuse([
            Wrong(("expectations", i), "has no type, for example expect_column_values_to_be_unique")
            for i, one in enumerate(self.expectations)
            if not isinstance(one.get("type"), str)
        ])  # fmt: skip
        return self

    def wrongs(self, columns: Sequence[Column]) -> list[Wrong]:
        names = [column.name for column in columns]
        text = "unknown column {!r}{}"
        return super().wrongs(columns) + [
            Wrong(("expectations", i, "column"), text.format(name, did_you_mean(name, names)))
            for i, one in enumerate(self.expectations)
            if (name := str(one.get("column", names[0]))) not in names
        ]

    def series(self, columns: Sequence[Column]) -> list[Labelled]:
        rules = [_rule(i, one, self.expectations) for i, one in enumerate(self.expectations)]
        failures = [("ml_validation_failures_total", {"rule": rule}) for rule in rules]
        return [*failures, ("ml_validation_great_expectations_rows_total", {})]

    def look(self, seen: Seen, before: Floats) -> Floats:
        span = seen.now - seen.memory.get("through", seen.now - self.window)
        seen.memory["through"] = seen.now
        rows = seen.rows(span)
        broken = [0.0] * len(self.expectations)
        if len(rows) and broken:
            broken = self._validate(frame(rows, seen.columns))
        counted: Floats = np.nan_to_num(before) + np.array([*broken, float(len(rows))])
        return counted

    def _validate(self, rows: Any) -> list[float]:
        gx = _extras.load(*NEEDS)
        impl = _extras.load("great_expectations.expectations.registry", NEEDS[1])
        broken = []
        batch = _definition().get_batch(batch_parameters={"dataframe": rows})
        for one in self.expectations:
            args = {key: value for key, value in one.items() if key != "type"}
            expectation = impl.get_expectation_impl(one["type"])(**args)
            with hushed():
                found = batch.validate(gx.ExpectationSuite(name="rows", expectations=[expectation]))
            result = found.results[0]
            count = float(result.result.get("unexpected_count", len(rows)) or len(rows))
            broken.append(0.0 if result.success else count)
        return broken


def _rule(i: int, one: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> str:
    """Its type and column, and its number where that is not enough."""

    def stem(each: Mapping[str, Any]) -> str:
        return "/".join([str(each["type"]), *([str(each["column"])] if "column" in each else [])])

    twice = sum(stem(other) == stem(one) for other in others) > 1
    return f"{stem(one)}/{i}" if twice else stem(one)


@lru_cache(maxsize=1)
def _definition() -> Any:
    """Where frames are validated: in memory, without files, bars and analytics."""
    gx = _extras.load(*NEEDS)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("drill").add_dataframe_asset("rows")
    return asset.add_batch_definition_whole_dataframe("rows")
