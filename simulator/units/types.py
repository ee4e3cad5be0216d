"""Types of model fields: a text in YAML and JSON, a plain number in Python."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, Strict, WithJsonSchema

from simulator.units import quantities
from simulator.units.unit_systems import (
    DURATION,
    FLOW,
    RATE,
    SIZE,
    Unit,
    UnitError,
    UnitSystem,
    format_value,
)


def _text_field(
    system: UnitSystem, parse: Callable[[object], Any], format_text: Callable[[Any], str]
) -> tuple[Any, ...]:
    """The annotations of a quantity that is written as a text."""
    units = "|".join(sorted(map(re.escape, system.sizes), key=len, reverse=True))
    repeated = "+" if system.compound else ""
    schema = {
        "type": "string",
        "pattern": rf"^([0-9]+(\.[0-9]+)?({units})){repeated}$",
        "examples": [system.unit.example],
    }
    return (
        BeforeValidator(parse),
        # Only in JSON, hence in logs, a quantity becomes a text again.
        PlainSerializer(format_text, when_used="json-unless-none"),
        WithJsonSchema(schema),
        system.unit,
    )


def number_field(
    unit: Unit, *, le: float, gt: float | None = None, ge: float | None = None
) -> tuple[Any, ...]:
    """The annotations of a finite number within limits."""
    return Strict(), Field(gt=gt, ge=ge, le=le, allow_inf_nan=False), unit


def _parse_node(value: object) -> object:
    """A node's number or name: alerts and logs name machines as node-17.

    In a playbook's references, hence in orders, a number is a text.
    """
    if not isinstance(value, str):
        return value
    if match := re.fullmatch(r"(?:node-)?([0-9]{1,9})", value):
        return int(match[1])
    raise UnitError(
        f"{format_value(value)} is not a node (its number or its name: 17 or 'node-17')"
    )


_NODE_SCHEMA = {
    "anyOf": [
        {"type": "integer", "minimum": 0},
        {"type": "string", "pattern": "^(node-)?[0-9]{1,9}$"},
    ],
    "examples": [17, "node-17"],
}
_RATIO_SCHEMA = {
    "anyOf": [
        {"type": "number", "minimum": 0, "maximum": 1},
        {"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]+)?%$"},
    ],
    "examples": [0.6, "60%"],
}

Duration = Annotated[int, *_text_field(DURATION, quantities.parse_ms, quantities.format_ms)]
Size = Annotated[int, *_text_field(SIZE, quantities.parse_bytes, quantities.format_bytes)]
Rate = Annotated[float, *_text_field(RATE, quantities.parse_rate, quantities.format_rate)]
Flow = Annotated[float, *_text_field(FLOW, quantities.parse_flow, quantities.format_flow)]
Ratio = Annotated[
    float,
    BeforeValidator(quantities.parse_ratio),
    WithJsonSchema(_RATIO_SCHEMA),
    Unit("ratio", "a ratio from 0 to 1", "0.6"),
]
Factor = Annotated[float, *number_field(Unit("factor", "a factor above 0", "2.5"), gt=0, le=1e9)]
Count = Annotated[int, Strict(), Field(ge=0, le=10**9), Unit("count", "a whole number", "3")]
NodeNumber = Annotated[Count, BeforeValidator(_parse_node), WithJsonSchema(_NODE_SCHEMA)]
Number = Annotated[float, *number_field(Unit("number", "a number", "0.5"), ge=-1e15, le=1e15)]
