"""JSON Schemas of the formats: the models', with the names and arguments of the catalogue."""

from collections.abc import Mapping
from typing import Any

from simulator.actions import ACTIONS, RESPONDER
from simulator.cli.formats import FORMATS
from simulator.faults import FAULTS
from simulator.monitors import MONITORS
from simulator.registry import Part
from simulator.scenario.playbook import SHORTHANDS

Schema = dict[str, Any]
Parts = Mapping[str, type[Part]]
# Required keys of a file may be in the file that it extends.
_EXTENDS: Schema = {
    "type": "string",
    "description": "A file that this one changes: maps are merged, lists are replaced.",
}


def schema(format: str) -> Schema:
    """The JSON Schema of a format.

    Parameters
    ----------
    format : str
        scenario, pipeline, playbook, oncall, rubric or observations.

    Examples
    --------
    >>> schema("rubric")["else"]["properties"]["rubric"]["const"]
    1
    """
    model = dict(FORMATS.values())[format]
    orders = {name: cls for name, cls in ACTIONS.all().items() if RESPONDER in cls.roles}
    whole = _without_titles(model.model_json_schema(by_alias=True))
    definitions: Schema = whole.setdefault("$defs", {})
    if inject := definitions.get("Inject"):
        _add_named_parts(inject, "fault", FAULTS.all(), definitions)
        _add_named_parts(inject, "change", orders, definitions)
    if monitor := definitions.get("MonitorSpec"):
        _add_inline_parts(monitor, MONITORS.all(), definitions)
    if step := definitions.get("Step"):
        step["properties"]["act"] = act = _orders(orders)
        for verb, action in SHORTHANDS.items():
            step["properties"][verb] = act["properties"][action]
    for name in ("Pipeline", "OnCall", "Playbook", "Rubric", "Observations"):
        if name in definitions:
            definitions[name] = _extensible(definitions[name])
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": format}
    body = _extensible({key: value for key, value in whole.items() if key != "$defs"})
    return {**head, **body, "$defs": dict(sorted(definitions.items()))}


def _without_titles(value: Any) -> Any:
    """A schema without pydantic's titles, which repeat the keys in capitals."""
    if isinstance(value, dict):
        return {
            key: _without_titles(inner)
            for key, inner in value.items()
            if not (key == "title" and isinstance(inner, str))
            # JSON has no infinity; a default of infinity means that there is no bound.
            and not (key == "default" and inner in (float("inf"), float("-inf")))
        }
    return [_without_titles(inner) for inner in value] if isinstance(value, list) else value


def _extensible(whole: Schema) -> Schema:
    """A schema that accepts `extends` in place of the required keys."""
    strict = {key: whole[key] for key in ("required", "additionalProperties") if key in whole}
    rest = {key: value for key, value in whole.items() if key not in (*strict, "properties")}
    return {
        **rest,
        "if": {"required": ["extends"]},
        "then": {"properties": {"extends": _EXTENDS}},
        "else": {**strict, "properties": whole["properties"]},
    }


def _arguments(cls: type[Part], definitions: Schema, *, without: str = "") -> Schema:
    arguments: Schema = _without_titles(cls.model_json_schema(by_alias=True))
    # Two parts may each define a Rule, and so does a format.
    inner = arguments.pop("$defs", {})
    prefix = f"{cls.__module__}."
    arguments = _prefix_references(arguments, prefix)
    definitions |= {
        prefix + name: _prefix_references(value, prefix) for name, value in inner.items()
    }
    properties = arguments.get("properties", {})
    arguments["properties"] = {k: v for k, v in properties.items() if k != without}
    arguments["required"] = [name for name in arguments.get("required", ()) if name != without]
    return arguments


def _prefix_references(value: Any, prefix: str) -> Any:
    """A schema with a prefix in all references to definitions."""
    if isinstance(value, dict):
        return {key: _prefix_references(inner, prefix) for key, inner in value.items()}
    if isinstance(value, list):
        return [_prefix_references(inner, prefix) for inner in value]
    start = "#/$defs/"
    is_reference = isinstance(value, str) and value.startswith(start)
    return f"{start}{prefix}{value.removeprefix(start)}" if is_reference else value


def _add_named_parts(inject: Schema, key: str, parts: Parts, definitions: Schema) -> None:
    """`fault: NAME` is one of the catalogue's, and `args` are the arguments of that fault.

    The target of a fault stands beside them, that of a change among them.
    """
    beside = "target" if key == "fault" else ""
    about = inject["properties"][key]["description"]
    inject["properties"][key] = {"enum": list(parts), "description": about}
    for name, cls in parts.items():
        definitions[f"{key}.{name}"] = _arguments(cls, definitions, without=beside)
        inject.setdefault("allOf", []).append({
            "if": {"properties": {key: {"const": name}}, "required": [key]},
            "then": {"properties": {"args": {"$ref": f"#/$defs/{key}.{name}"}}},
        })  # fmt: skip


def _add_inline_parts(monitor: Schema, parts: Parts, definitions: Schema) -> None:
    """`monitor: NAME` with its arguments beside it."""
    monitor["properties"]["monitor"]["enum"] = list(parts)
    for name, cls in parts.items():
        arguments = _arguments(cls, definitions)
        arguments.pop("additionalProperties", None)
        monitor.setdefault("allOf", []).append({
            "if": {"properties": {"monitor": {"const": name}}},
            "then": arguments,
        })  # fmt: skip


def _orders(parts: Parts) -> Schema:
    """`act: {NAME: {arguments}}`; a value may be a `${reference}`, so only names are checked."""
    orders = {}
    for name, cls in parts.items():
        arguments = _arguments(cls, {})
        properties = {
            argument: {"description": of.get("description", "")}
            for argument, of in arguments["properties"].items()
        }
        orders[name] = {
            "type": ["object", "null"],
            "description": arguments.get("description", ""),
            "properties": properties,
            "required": arguments["required"],
            "additionalProperties": False,
        }
    return {
        "type": "object",
        "properties": orders,
        "additionalProperties": False,
        "maxProperties": 1,
        "description": "Order an action, by its name with its arguments.",
    }
