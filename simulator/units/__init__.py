"""Quantities with units: "20m", "1.5GiB", "50/s" -> ms, bytes, per second, and back.

The annotated types (`Duration`, `Size`, `Rate`, `Flow`, `Ratio`, `Factor`, `Count`, `Number`,
`NodeNumber`) are for fields of models: they parse a text, hold a plain number and are formatted
as a text in JSON.
"""

from simulator.units.incidents import IncidentType, Severity
from simulator.units.quantities import (
    approximate_bytes,
    format_bytes,
    format_flow,
    format_ms,
    format_rate,
    intended_number,
    parse_bytes,
    parse_flow,
    parse_ms,
    parse_rate,
    parse_ratio,
)  # fmt: skip
from simulator.units.suggestions import closest_match, did_you_mean
from simulator.units.types import (
    Count,
    Duration,
    Factor,
    Flow,
    NodeNumber,
    Number,
    Rate,
    Ratio,
    Size,
)  # fmt: skip
from simulator.units.unit_systems import (
    DAY_MS,
    DURATION,
    FLOW,
    RATE,
    SIZE,
    Unit,
    UnitError,
    format_value,
)  # fmt: skip

__all__ = [
    "DAY_MS", "DURATION", "FLOW", "RATE", "SIZE", "Count", "Duration", "Factor", "Flow",
    "IncidentType", "NodeNumber", "Number", "Rate", "Ratio", "Severity", "Size", "Unit",
    "UnitError", "approximate_bytes", "closest_match", "did_you_mean", "format_bytes",
    "format_flow", "format_ms", "format_rate", "format_value", "intended_number", "parse_bytes",
    "parse_flow", "parse_ms", "parse_rate", "parse_ratio",
]  # fmt: skip
