"""Types of fields: they read a text, hold a plain number, and are a text again in JSON."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, Strict, WithJsonSchema

from simulator.units.quantities import (
    format_bytes,
    format_flow,
    format_ms,
    format_rate,
    parse_bytes,
    parse_flow,
    parse_ms,
    parse_rate,
    parse_ratio,
)
from simulator.units.scale import DURATION, FLOW, RATE, SIZE, Scale, Unit, UnitError, format_value


def _texts(
    scale: Scale, parse: Callable[[object], Any], say: Callable[[Any], str]
) -> tuple[Any, ...]:
    units = "|".join(sorted(map(re.escape, scale.sizes), key=len, reverse=True))
    many = "+" if scale.compound else ""
    schema = {
        "type": "string",
        "pattern": rf"^([0-9]+(\.[0-9]+)?({units})){many}$",
        "examples": [scale.unit.example],
    }
    return (
        BeforeValidator(parse),
        # Only as JSON, and so in logs, does a quantity become a text again.
        PlainSerializer(say, when_used="json-unless-none"),
        WithJsonSchema(schema),
        scale.unit,
    )


def _node(given: object) -> object:
    """A node's number, also by its name: machines are called node-17 wherever they are seen.

    In a playbook's references, and so in orders, a number is a text.
    """
    if not isinstance(given, str):
        return given
    if found := re.fullmatch(r"(?:node-)?([0-9]{1,9})", given):
        return int(found[1])
    raise UnitError(
        f"{format_value(given)} is not a node (its number or its name: 17 or 'node-17')"
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

Duration = Annotated[int, *_texts(DURATION, parse_ms, format_ms)]
Size = Annotated[int, *_texts(SIZE, parse_bytes, format_bytes)]
Rate = Annotated[float, *_texts(RATE, parse_rate, format_rate)]
Flow = Annotated[float, *_texts(FLOW, parse_flow, format_flow)]
Ratio = Annotated[
    float,
    BeforeValidator(parse_ratio),
    WithJsonSchema(_RATIO_SCHEMA),
    Unit("ratio", "a ratio from 0 to 1", "0.6"),
]
Factor = Annotated[
    float,
    Strict(),
    Field(gt=0, le=1e9, allow_inf_nan=False),
    Unit("factor", "a factor above 0", "2.5"),
]
Count = Annotated[int, Strict(), Field(ge=0, le=10**9), Unit("count", "a whole number", "3")]
NodeNumber = Annotated[Count, BeforeValidator(_node), WithJsonSchema(_NODE_SCHEMA)]
Number = Annotated[
    float,
    Strict(),
    Field(ge=-1e15, le=1e15, allow_inf_nan=False),
    Unit("number", "a number", "0.5"),
]
