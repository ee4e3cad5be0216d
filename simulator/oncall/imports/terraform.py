"""`terraform show -json`: the resources of a state or a plan, with their addresses."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from simulator.oncall.imports.fields import Fields
from simulator.oncall.imports.notes import Notes
from simulator.oncall.imports.plan import fill_references

MOST_BYTES = 32 * 2**20
# Escalation paths branch five times: some forty levels.
DEPTH_MAX = 150


class Resource(NamedTuple):
    """A resource, or a look-up of one that is managed elsewhere (mode `data`)."""

    address: str
    kind: str
    lookup: bool
    id: str
    fields: Fields


def read_file_text(file: Path, notes: Notes) -> str:
    """The text of a file to import, of bounded size.

    Raises
    ------
    SourceError
        If it is too large, or not UTF-8.
    """
    with file.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise notes.failure(f"is larger than {MOST_BYTES // 2**20} MB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        hint = "a saved plan? use terraform show -json PLAN" if content[:2] == b"PK" else ""
        raise notes.failure(f"is not text in UTF-8{'; ' + hint if hint else ''}") from None


def read_resources(text: str, notes: Notes) -> list[Resource]:
    """The resources of `terraform show -json`, in the order of their modules.

    Raises
    ------
    SourceError
        If the text is not that.
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        if text.strip() and not text.lstrip().startswith(("{", "[")):
            kinds = "the output of terraform show -json, or a calendar"
            raise notes.failure(f"is neither JSON nor a calendar; expected {kinds}") from None
        where = f"line {error.lineno} column {error.colno}"
        ends = not text[error.pos :].strip() or error.msg.startswith("Unterminated")
        cut = "; was the file cut?" if ends else ""
        raise notes.failure(f"is not valid JSON: {error.msg} at {where}{cut}") from None
    except (RecursionError, ValueError):
        raise notes.failure(
            "is not valid JSON: nested too deeply, or with too long a number"
        ) from None
    if _is_deeper(document, DEPTH_MAX):
        raise notes.failure(f"is nested deeper than {DEPTH_MAX} levels")
    if not isinstance(document, dict) or "format_version" not in document:
        raw = isinstance(document, dict) and "lineage" in document
        hint = "a raw state; " if raw else ""
        text = f"is not the output of terraform show -json ({hint}no format_version)"
        raise notes.failure(text)
    rows = dict(_state_rows(document.get("values"), notes))
    prior = _state_rows(_entry(document, "prior_state").get("values"), notes)
    if "planned_values" in document:
        rows = dict(_state_rows(document["planned_values"], notes))
        # A plan has its look-ups in the state before it.
        rows |= {a: row for a, row in prior if row.get("mode") == "data" and a not in rows}
        fill_references(rows, _entry(document, "configuration"))
    resources = []
    for address, row in rows.items():
        values = row.get("values")
        fields = Fields(values if isinstance(values, dict) else {}, address, notes)
        key = fields.optional_text("id")
        lookup = row.get("mode") == "data"
        resources.append(Resource(address, str(row.get("type")), lookup, key or address, fields))
    notes.raise_if_any()
    return resources


def _state_rows(values: object, notes: Notes) -> Iterator[tuple[str, dict[str, object]]]:
    """Every resource below a root module by its address."""
    modules = [_entry(values, "root_module")]
    while modules:
        module = modules.pop(0)
        for row in _rows(module, "resources"):
            address = row.get("address")
            if not isinstance(address, str):
                raise notes.failure("is not the output of terraform show -json (no addresses)")
            yield address, row
        modules = [*_rows(module, "child_modules"), *modules]


def _entry(values: object, key: str) -> Mapping[str, object]:
    value = values.get(key) if isinstance(values, Mapping) else None
    return value if isinstance(value, dict) else {}


def _rows(module: Mapping[str, object], key: str) -> list[dict[str, object]]:
    rows = module.get(key)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _is_deeper(document: object, depth: int) -> bool:
    """Whether lists and maps are nested deeper than so many levels."""
    level = [document] if isinstance(document, dict | list) else []
    for _ in range(depth):
        level = [
            child
            for value in level
            for child in (value.values() if isinstance(value, dict) else value)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True
