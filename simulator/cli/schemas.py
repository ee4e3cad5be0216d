"""JSON Schema of the formats: the models', with the catalogue's names and arguments in it."""

from typing import Any

from simulator.cli.formats import FORMATS, actions, faults, monitors
from simulator.registry import Part, Registry

Schema = dict[str, Any]
# Where one file extends another, what is missing may stand in that one.
_EXTENDS: Schema = {
    "type": "string",
    "description": "A file that this one changes: maps are merged, lists are replaced.",
}


def schema(format: str) -> Schema:
    """The JSON Schema of a format.

    Parameters
    ----------
    format : str
        scenario, pipeline, playbook, oncall or rubric.

    Examples
    --------
    >>> schema("rubric")["else"]["properties"]["rubric"]["const"]
    1
    """
    model = dict(FORMATS.values())[format]
    made = model.model_json_schema(by_alias=True)
    made = _untitled(made)
    definitions: Schema = made.setdefault("$defs", {})
    if inject := definitions.get("Inject"):
        _named(inject, "fault", faults(), definitions)
        _named(inject, "change", actions(), definitions)
    if monitor := definitions.get("Monitor"):
        _beside(monitor, monitors(), definitions)
    if step := definitions.get("Step"):
        step["properties"]["act"] = _orders(actions(), definitions)
    for name in ("Pipeline", "OnCall", "Playbook", "Rubric"):
        if name in definitions:
            definitions[name] = _extensible(definitions[name])
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": format}
    body = _extensible({key: value for key, value in made.items() if key != "$defs"})
    return {**head, **body, "$defs": dict(sorted(definitions.items()))}


def _untitled(value: Any) -> Any:
    """Without pydantic's titles, which repeat the keys in capitals."""
    if isinstance(value, dict):
        return {
            key: _untitled(inner)
            for key, inner in value.items()
            if not (key == "title" and isinstance(inner, str))
            # JSON has no infinity; such a default says that there is no bound.
            and not (key == "default" and inner in (float("inf"), float("-inf")))
        }
    return [_untitled(inner) for inner in value] if isinstance(value, list) else value


def _extensible(whole: Schema) -> Schema:
    """The same, with `extends` instead of what would be required."""
    parts = {key: whole[key] for key in ("required", "additionalProperties") if key in whole}
    rest = {key: value for key, value in whole.items() if key not in parts and key != "properties"}
    return {
        **rest,
        "if": {"required": ["extends"]},
        "then": {"properties": {"extends": _EXTENDS}},
        "else": {**parts, "properties": whole["properties"]},
    }


def _arguments(cls: type[Part], definitions: Schema, *, without: str = "") -> Schema:
    made = _untitled(cls.model_json_schema(by_alias=True))
    # Two parts may each have a Rule, and so has a format.
    inner = made.pop("$defs", {})
    prefix = f"{cls.__module__}."
    made = _moved(made, prefix)
    definitions |= {prefix + name: _moved(value, prefix) for name, value in inner.items()}
    made["properties"] = {k: v for k, v in made.get("properties", {}).items() if k != without}
    made["required"] = [name for name in made.get("required", ()) if name != without]
    return dict(made)


def _moved(value: Any, prefix: str) -> Any:
    """A schema whose references lead to definitions of other names."""
    if isinstance(value, dict):
        return {key: _moved(inner, prefix) for key, inner in value.items()}
    if isinstance(value, list):
        return [_moved(inner, prefix) for inner in value]
    start = "#/$defs/"
    given = isinstance(value, str) and value.startswith(start)
    return f"{start}{prefix}{value.removeprefix(start)}" if given else value


def _named(inject: Schema, key: str, registry: Registry[Part], definitions: Schema) -> None:
    """`fault: NAME` is one of the catalogue's, and its `args` are those of that fault."""
    parts = registry.all()
    about = inject["properties"][key]["description"]
    inject["properties"][key] = {"enum": list(parts), "description": about}
    for name, cls in parts.items():
        definitions[f"{key}.{name}"] = _arguments(cls, definitions, without="target")
        inject.setdefault("allOf", []).append({
            "if": {"properties": {key: {"const": name}}, "required": [key]},
            "then": {"properties": {"args": {"$ref": f"#/$defs/{key}.{name}"}}},
        })  # fmt: skip


def _beside(monitor: Schema, registry: Registry[Part], definitions: Schema) -> None:
    """`monitor: NAME` with its arguments beside it."""
    parts = registry.all()
    monitor["properties"]["monitor"]["enum"] = list(parts)
    for name, cls in parts.items():
        made = _arguments(cls, definitions)
        made.pop("additionalProperties", None)
        monitor.setdefault("allOf", []).append({
            "if": {"properties": {"monitor": {"const": name}}},
            "then": made,
        })  # fmt: skip


def _orders(registry: Registry[Part], definitions: Schema) -> Schema:
    """`act: {NAME: {arguments}}`; a value may be a `${reference}`, so only names are checked."""
    orders = {}
    for name, cls in registry.all().items():
        made = _arguments(cls, {})
        properties = {
            arg: {"description": of.get("description", "")}
            for arg, of in made["properties"].items()
        }
        orders[name] = {
            "type": ["object", "null"],
            "description": made.get("description", ""),
            "properties": properties,
            "required": made["required"],
            "additionalProperties": False,
        }
    return {
        "type": "object",
        "properties": orders,
        "additionalProperties": False,
        "maxProperties": 1,
        "description": "Order an action, by its name with its arguments.",
    }
