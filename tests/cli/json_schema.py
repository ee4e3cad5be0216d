"""What a JSON Schema says of a value: the few words that msgspec writes."""

from collections.abc import Iterator
from typing import Any

TYPES = {"string": str, "number": (int, float), "integer": int, "boolean": bool, "null": type(None),
         "array": list, "object": dict}  # fmt: skip
KNOWN = {"$ref", "anyOf", "enum", "type", "properties", "required", "additionalProperties", "items",
         "description", "default"}  # fmt: skip


def schema_errors(
    value: Any, schema: dict[str, Any], whole: dict[str, Any], at=""
) -> Iterator[str]:
    """What is wrong with a value."""
    schema = {k: v for k, v in schema.items() if k not in ("$schema", "$defs", "title")}
    assert set(schema) <= KNOWN, f"a word that this cannot check: {set(schema) - KNOWN}"
    if "$ref" in schema:
        yield from schema_errors(
            value, whole["$defs"][schema["$ref"].rpartition("/")[2]], whole, at
        )
    elif "anyOf" in schema:
        branches = [list(schema_errors(value, branch, whole, at)) for branch in schema["anyOf"]]
        if all(branches):
            yield min(branches, key=len)[0]
    elif "enum" in schema:
        if value not in schema["enum"]:
            yield f"{at}: {value!r}"
    elif "type" in schema:
        if not isinstance(value, TYPES[schema["type"]]) or (
            isinstance(value, bool) and schema["type"] != "boolean"
        ):
            yield f"{at}: {value!r} is no {schema['type']}"
            return
        yield from _inner_errors(value, schema, whole, at)


def _inner_errors(value, schema, whole, at):
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from schema_errors(item, schema.get("items", {}), whole, f"{at}[{number}]")
    if isinstance(value, dict):
        properties, other = schema.get("properties", {}), schema.get("additionalProperties")
        yield from (
            f"{at}.{key}: missing" for key in schema.get("required", ()) if key not in value
        )
        for key, inner in value.items():
            if key in properties:
                yield from schema_errors(inner, properties[key], whole, f"{at}.{key}")
            elif isinstance(other, dict):
                yield from schema_errors(inner, other, whole, f"{at}.{key}")
            else:
                yield f"{at}.{key}: not described"
