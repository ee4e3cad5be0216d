"""The JSON Schema of scores.json: its classes, described by their docstrings."""

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from simulator.score.scores import Scores

Schema = dict[str, Any]
# `player, id : str and int`, above the lines that describe them.
_ATTRIBUTE = re.compile(r"^(\w+(?:, \w+)*) : .+$")


def scores_schema() -> Schema:
    """The JSON Schema of scores.json.

    Examples
    --------
    >>> scores_schema()["$defs"]["Measurement"]["properties"]["unit"]["description"]
    'A noun in the plural, or `ratio`.'
    """
    whole = msgspec.json.schema(Scores)
    for definition in whole["$defs"].values():
        _describe(definition)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "scores"}
    return {**head, "$ref": whole["$ref"], "$defs": dict(sorted(whole["$defs"].items()))}


def _describe(definition: Schema) -> None:
    """Move the descriptions of the attributes from the class's docstring to the properties."""
    text = inspect.cleandoc(definition.pop("description", ""))
    definition.pop("title", None)
    about, _, rest = text.partition("\n\nAttributes\n----------\n")
    definition["description"] = " ".join(about.partition("\n\nExamples\n")[0].split())
    for name, lines in attribute_docs(rest.partition("\n\nExamples\n")[0]).items():
        if lines and name in definition["properties"]:
            definition["properties"][name]["description"] = lines


def attribute_docs(text: str) -> Mapping[str, str]:
    """The descriptions of a section of attributes, by their names.

    Examples
    --------
    >>> attribute_docs("run, none : float, seconds\\n    Outside of the objectives.\\nid : int")
    {'run': 'Outside of the objectives.', 'none': 'Outside of the objectives.', 'id': ''}
    """
    docs: dict[str, str] = {}
    for names, about in _entries(text):
        docs |= dict.fromkeys(names, about)
    return docs


def _entries(text: str) -> Iterator[tuple[list[str], str]]:
    names: list[str] = []
    about: list[str] = []
    for line in text.splitlines():
        if match := _ATTRIBUTE.match(line):
            if names:
                yield names, " ".join(about)
            names, about = match[1].split(", "), []
        else:
            about.append(line.strip())
    if names:
        yield names, " ".join(filter(None, about))
