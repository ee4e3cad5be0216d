"""The team's pandera schema."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from pydantic import Field

from simulator.monitors import Column, Floats, MonitorView, _extras, part
from simulator.monitors._failures import FailureCounter
from simulator.monitors._frames import silenced_warnings, to_frame
from simulator.source import Issue

FRAME_RULE = "schema"  # the rule of checks of no single column


@part
class Pandera(FailureCounter):
    """Validates the rows, scored since it last ran, against a pandera schema.

    Rows that violate a check count under its column (`rule="pandera/x1"`), violations of
    whole frames under `rule="pandera/schema"`.

    Examples
    --------
    ::

        - monitor: pandera
          schema:
            columns:
              dep_delay: {dtype: float64, nullable: true, checks: {greater_than: -60}}
    """

    requires = ("pandera", "validation")
    rows_series = "ml_validation_pandera_rows_total"

    schema_: Mapping[str, Any] | str = Field({}, alias="schema")
    """The schema in pandera's YAML format, or `package.module:NAME` of one in Python."""

    def issues(self, columns: Sequence[Column]) -> list[Issue]:
        issues = super().issues(columns)
        if not issues:
            try:
                self._load()
            # Pandera and the user's own module may raise anything here.
            except Exception as error:
                issues.append(Issue(("schema",), f"is not a pandera schema: {error!r:.200}"))
        return issues

    def rule_names(self, columns: Sequence[Column]) -> list[str]:
        return [f"pandera/{rule}" for rule in (*(column.name for column in columns), FRAME_RULE)]

    def failures(self, view: MonitorView, rows: Floats, span: int) -> list[float]:
        failures = dict.fromkeys([*(column.name for column in view.columns), FRAME_RULE], 0.0)
        errors = _extras.load("pandera.errors", "validation")
        if len(rows):
            try:
                with silenced_warnings():
                    self._load().validate(to_frame(rows, view.columns), lazy=True)
            except errors.SchemaErrors as error:
                _count_failures(error.failure_cases, failures, len(rows))
        return list(failures.values())

    def _load(self) -> Any:
        if isinstance(self.schema_, str):
            module, _, name = self.schema_.partition(":")
            return getattr(_extras.load(module, "validation"), name)
        # The schema is cached by its text: a mapping is not hashable.
        return _schema(repr(_plain(self.schema_)))


@lru_cache(maxsize=32)
def _schema(text: str) -> Any:
    import ast

    io = _extras.load("pandera.io.pandas_io", "validation")
    return io.deserialize_schema({"schema_type": "dataframe", **ast.literal_eval(text)})


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _count_failures(cases: Any, failures: dict[str, float], rows: int) -> None:
    """Add the rows that violate a check to the counts by column."""
    for (context, column), group in cases.groupby(["schema_context", "column"], dropna=False):
        rule = column if context == "Column" and column in failures else FRAME_RULE
        # A case without a row concerns all rows: a missing column, a wrong type.
        all_rows = group["index"].isna().any()
        failures[rule] += float(rows if all_rows else group["index"].nunique())
