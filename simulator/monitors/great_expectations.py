"""The team's Great Expectations suite."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Self

from pydantic import model_validator

from simulator.monitors import Column, Floats, MonitorView, _extras, part
from simulator.monitors._failures import FailureCounter
from simulator.monitors._frames import silenced_warnings, to_frame
from simulator.source import Issue, raise_issues
from simulator.units import did_you_mean

NEEDS = ("great_expectations", "great-expectations")


@part
class GreatExpectations(FailureCounter):
    """Validates the rows, scored since it last ran, against expectations.

    Each is a rule named by type and column (`rule="expect_column_values_to_not_be_null/x1"`).
    If an expectation is not about single rows, all rows count. Import takes 8 s.

    Examples
    --------
    ::

        - monitor: great_expectations
          expectations:
            - {type: expect_column_values_to_be_between, column: distance, min_value: 0}
    """

    requires = NEEDS
    rows_series = "ml_validation_great_expectations_rows_total"

    expectations: tuple[Mapping[str, Any], ...] = ()
    """Each with its `type` and arguments, as in an expectation suite."""

    @model_validator(mode="after")
    def _typed(self) -> Self:
        raise_issues([
            Issue(("expectations", i), "has no type, for example expect_column_values_to_be_unique")
            for i, expectation in enumerate(self.expectations)
            if not isinstance(expectation.get("type"), str)
        ])  # fmt: skip
        return self

    def issues(self, columns: Sequence[Column]) -> list[Issue]:
        names = [column.name for column in columns]
        text = "unknown column {!r}{}"
        return super().issues(columns) + [
            Issue(("expectations", i, "column"), text.format(name, did_you_mean(name, names)))
            for i, expectation in enumerate(self.expectations)
            if (name := str(expectation.get("column", names[0]))) not in names
        ]

    def rule_names(self, columns: Sequence[Column]) -> list[str]:
        return _rules(self.expectations)

    def failures(self, view: MonitorView, rows: Floats, span: int) -> list[float]:
        if len(rows) and self.expectations:
            return self._validate(to_frame(rows, view.columns))
        return [0.0] * len(self.expectations)

    def _validate(self, rows: Any) -> list[float]:
        gx = _extras.load(*NEEDS)
        impl = _extras.load("great_expectations.expectations.registry", NEEDS[1])
        failures = []
        batch = _batch_definition().get_batch(batch_parameters={"dataframe": rows})
        for args in self.expectations:
            expectation = impl.get_expectation_impl(args["type"])(
                **{key: value for key, value in args.items() if key != "type"}
            )
            with silenced_warnings():
                suite = gx.ExpectationSuite(name="rows", expectations=[expectation])
                result = batch.validate(suite).results[0]
            count = float(result.result.get("unexpected_count", len(rows)) or len(rows))
            failures.append(0.0 if result.success else count)
        return failures


def _rules(expectations: Sequence[Mapping[str, Any]]) -> list[str]:
    """Rule names: type and column, and the index if these are not unique."""
    stems = [
        "/".join(str(args[key]) for key in ("type", "column") if key in args)
        for args in expectations
    ]
    return [f"{stem}/{i}" if stems.count(stem) > 1 else stem for i, stem in enumerate(stems)]


@lru_cache(maxsize=1)
def _batch_definition() -> Any:
    """An in-memory batch definition, without files, progress bars and analytics."""
    gx = _extras.load(*NEEDS)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("drill").add_dataframe_asset("rows")
    return asset.add_batch_definition_whole_dataframe("rows")
