"""A machine, by its number or by the name that it has wherever it is seen."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from simulator.units import Count

_SCHEMA = {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^node-"}]}


def _number(given: object) -> object:
    name = given.removeprefix("node-") if isinstance(given, str) else ""
    return int(name) if name.isdecimal() and name.isascii() else given


Node = Annotated[Count, BeforeValidator(_number), WithJsonSchema(_SCHEMA)]
