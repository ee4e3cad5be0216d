"""References of a plan: ids that exist only after apply, from the configuration beside it.

A resource that does not exist yet has no id. Others refer to it in the configuration, as
`pagerduty_user.ana.id`; here its address stands for the id. References through `for_each`, `count`
and locals have no address in the plan, and stay unknown.
"""

from collections.abc import Iterator, Mapping

Row = dict[str, object]


def fill_references(rows: Mapping[str, Row], configuration: Mapping[str, object]) -> None:
    """Put addresses in place of the ids that a plan does not know, in place.

    Parameters
    ----------
    rows : mapping of str to dict
        The planned resources by address.
    configuration : mapping
        The plan's configuration.

    Examples
    --------
    >>> rows = {
    ...     "pagerduty_user.ana": {"values": {"name": "Ana"}},
    ...     "pagerduty_schedule.primary": {"values": {"layer": [{"name": "all"}]}},
    ... }
    >>> expressions = {"layer": [{"users": {"references": ["pagerduty_user.ana.id"]}}]}
    >>> module = {"resources": [{"address": "pagerduty_schedule.primary",
    ...                          "expressions": expressions}]}
    >>> fill_references(rows, {"root_module": module})
    >>> rows["pagerduty_schedule.primary"]["values"]["layer"]
    [{'name': 'all', 'users': 'pagerduty_user.ana'}]
    """
    for prefix, resource in _configured(configuration.get("root_module"), ""):
        row = rows.get(f"{prefix}{resource.get('address')}")
        if row is not None and isinstance(row.get("values"), dict):
            _fill(row["values"], resource.get("expressions"), prefix, rows)


def _configured(module: object, prefix: str) -> Iterator[tuple[str, Row]]:
    """Every resource of the configuration, with the address of its module before it."""
    if not isinstance(module, dict):
        return
    for resource in module.get("resources") or ():
        if isinstance(resource, dict):
            yield prefix, resource
    calls = module.get("module_calls")
    for name, call in (calls if isinstance(calls, dict) else {}).items():
        if isinstance(call, dict):
            yield from _configured(call.get("module"), f"{prefix}module.{name}.")


def _fill(values: object, expressions: object, prefix: str, rows: Mapping[str, Row]) -> None:
    if not isinstance(values, dict) or not isinstance(expressions, dict):
        return
    for key, expression in expressions.items():
        if isinstance(expression, list):
            for block, inner in zip(_list(values.get(key)), expression, strict=False):
                _fill(block, inner, prefix, rows)
        elif isinstance(expression, dict) and "references" in expression:
            addresses = _addresses(expression["references"], prefix, rows)
            if addresses:
                values[key] = _with_addresses(values.get(key), iter(addresses), addresses)
        elif isinstance(expression, dict):
            _fill(values.get(key), expression, prefix, rows)


def _addresses(references: object, prefix: str, rows: Mapping[str, Row]) -> list[str]:
    """The ids of the resources behind references such as `pagerduty_user.ana.id`."""
    texts = [name for name in _list(references) if isinstance(name, str)]
    names = [f"{prefix}{text.removesuffix('.id')}" for text in texts if text.endswith(".id")]
    ids = []
    for name in names:
        if name in rows:
            values = rows[name].get("values")
            key = values.get("id") if isinstance(values, dict) else None
            ids.append(str(key or name))
    return ids


def _with_addresses(value: object, rest: Iterator[str], addresses: list[str]) -> object:
    """A value with the next addresses in its unknown places."""
    if value is None:
        return addresses[0] if len(addresses) == 1 else list(addresses)
    if isinstance(value, list) and not any(isinstance(item, dict) for item in value):
        return [
            next(rest, None) if item is None else _with_addresses(item, rest, addresses)
            for item in value
        ]
    return value


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
