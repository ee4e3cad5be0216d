"""`--set PATH=VALUE`: one value of a document replaced from the command line."""

import re
from pathlib import Path

from simulator.source.complaint import (
    Complaint,
    Key,
    Position,
    SourceError,
    complaint_at,
    error_at,
    format_path,
)
from simulator.source.document import Document, YamlNode
from simulator.source.extends import inline_file, inline_user_file, replace_node
from simulator.source.reader import parse_text
from simulator.units import did_you_mean

_STEP = re.compile(r"([^.\[\]]+)((?:\[\d{1,6}\])*)(?:\.|$)")
_IDENTITIES = ("id", "name")


def override(document: Document, text: str) -> Document:
    """The document with one value replaced.

    Parameters
    ----------
    text : str
        `objectives.accuracy.min=0.8`; an entry of a list by its number (`injects[0].at=20m`) or
        its id (`injects.hours.at=20m`). The value is YAML. A file name on the path is replaced by
        the file's content first: `pipeline.stages.serving.replicas=6`. The value may name a file
        in the working directory: `oncall=people.yaml`.

    Raises
    ------
    SourceError
        No such path; the message names the closest.
    """
    path_text, equals, value_text = text.partition("=")
    position = Position(Path(f"--set {text if len(text) <= 80 else text[:77] + '...'}"))
    path = _parse_path(path_text.strip())
    if not equals or not path:
        hint = "expected PATH=VALUE, for example objectives.accuracy.min=0.8"
        raise error_at(position, (), hint)
    value = _parse_value(value_text.strip(), position)
    at: tuple[Key, ...] = ()
    for number, key in enumerate(path, 1):
        document = inline_file(document, at)
        node = document.node(at)
        assert node is not None, "every earlier step exists"
        step = _resolve_key(node, key)
        if step is None and not (number == len(path) and isinstance(node.value, dict)):
            raise SourceError([_missing(position, at, key, node)])
        at = (*at, key if step is None else step)
    document, value = inline_user_file(document, at, value)
    return document.with_root(replace_node(document.root, at, value))


def _parse_path(text: str) -> list[Key]:
    path: list[Key] = []
    end = 0
    for match in _STEP.finditer(text):
        if match.start() != end:
            return []
        path += [match[1], *(int(number) for number in re.findall(r"\d+", match[2]))]
        end = match.end()
    return path if end == len(text) and not text.endswith(".") else []


def _parse_value(text: str, position: Position) -> YamlNode:
    try:
        root, complaints = (
            parse_text(text, position.file) if text else (YamlNode(None, position), [])
        )
    except SourceError as error:
        complaints = list(error.complaints)
    if complaints:
        # Lines and columns of a command line help nobody.
        file = str(position.file)
        raise SourceError(Complaint(file, 0, 0, item.path, item.text) for item in complaints)
    return _at_position(root, position)


def _at_position(node: YamlNode, position: Position) -> YamlNode:
    """A copy of a tree with every node at one position."""
    if isinstance(node.value, dict):
        values = {key: _at_position(child, position) for key, child in node.value.items()}
        return YamlNode(values, position, dict.fromkeys(values, position))
    if isinstance(node.value, list):
        return YamlNode([_at_position(child, position) for child in node.value], position)
    return YamlNode(node.value, position)


def _resolve_key(node: YamlNode, key: Key) -> Key | None:
    """The key or index of a node's child; an entry of a list may be named by its id."""
    if node.child(key) is not None:
        return key
    if isinstance(node.value, list):
        for number, item in enumerate(node.value):
            names = (item.child(identity) for identity in _IDENTITIES)
            if any(name is not None and name.value == key for name in names):
                return number
    return None


def _missing(position: Position, at: tuple[Key, ...], key: Key, node: YamlNode) -> Complaint:
    where = f"in {format_path(at)!r}" if at else "at the top"
    if isinstance(node.value, dict):
        text = f"no key {str(key)!r} {where}{did_you_mean(str(key), node.value)}"
    elif isinstance(node.value, list):
        text = f"no entry {key!r} {where}; it has {len(node.value)}, counted from [0]"
    else:
        text = f"nothing can be set {where}: it is a single value"
    return complaint_at(position, (*at, key), text)
