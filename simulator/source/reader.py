"""YAML parsed from libyaml's event stream: bounded, with positions, without type guessing.

PyYAML's own loaders crash with a segmentation fault on 200,000 nested brackets, keep the last of
two duplicate keys and read `22:22` as 1342; so nodes are built here.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from yaml._yaml import CParser

from simulator.source.complaint import Complaint, Key, Position, SourceError, complaint_at, error_at
from simulator.source.document import Scalar, YamlNode

BYTES_MAX = 4 * 1024**2
DEPTH_MAX = 64
# A drill with 300 injects has some 3,000 nodes, a large Prometheus rule file 20,000.
NODES_MAX = 100_000
FOREIGN_NODES_MAX = 200_000

_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_CONSTANTS: dict[str, Scalar] = {
    "": None, "~": None, "null": None, "true": True, "false": False,
    ".inf": float("inf"), "+.inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan"),
}  # fmt: skip
_CORE_TAGS = "tag:yaml.org,2002:"
# Parts of libyaml's messages, and a plainer text for each.
_PLAIN_TEXTS = (
    ("cannot start any token", "a tab cannot indent; YAML wants spaces"),
    ("control characters are not allowed", "a control character; is this a text file?"),
    ("mapping values are not allowed", "a ':' where none can be; is a quote or an indent missing?"),
    ("could not find expected ':'", "a key without its ':'"),
    ("did not find expected <document start>", "more text after the end of the document"),
    ("did not find expected '-' indicator", "a line that is indented unlike the list around it"),
    ("did not find expected key", "a line that is indented unlike the map around it"),
    ("did not find expected ',' or ']'", "a '[' without its ']', or a missing ','"),
    (
        "did not find expected ',' or '}'",
        "a '{' without its '}', a missing ',', or a text with a '{' or ',' that wants quotes",
    ),
    ("found unexpected end of stream", "a quote that is never closed"),
    ("found undefined alias", "an alias of an anchor that does not exist"),
)


def parse_file(file: Path, *, foreign: bool = False) -> tuple[YamlNode, list[Complaint]]:
    """The root node of a file's only document, and the complaints that did not stop the reading.

    Parameters
    ----------
    foreign : bool
        The file is in Prometheus' or Alertmanager's format: anchors, aliases, merge keys and
        core tags are allowed, aliases are expanded up to a bound, and the file may be empty.

    Raises
    ------
    SourceError
        Not readable, too large, not UTF-8, empty, not valid YAML, nested too deep.
    """
    return parse_text(read_file(file), file, foreign=foreign)


def read_file(file: Path) -> str:
    """A file's text, of at most 4 MiB."""
    try:
        with file.open("rb") as stream:
            # One byte more than allowed shows that it is too large; a 50 MB file is not read.
            content = stream.read(BYTES_MAX + 1)
    except FileNotFoundError:
        raise error_at(Position(file), (), "no such file") from None
    except IsADirectoryError:
        raise error_at(Position(file), (), "is a folder, expected a file") from None
    except OSError as error:
        raise error_at(Position(file), (), f"cannot be read: {error.strerror or error}") from None
    if len(content) > BYTES_MAX:
        text = "the file is larger than 4 MiB; a file of this format has a few KiB"
        raise error_at(Position(file), (), text)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        text = f"byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise error_at(Position(file, line, column), (), text) from None


def parse_text(text: str, file: Path, *, foreign: bool = False) -> tuple[YamlNode, list[Complaint]]:
    """`parse_file` for a text; `file` names it in messages."""
    builder = _NodeBuilder(file, foreign)
    try:
        root = builder.document(_events(text))
    except yaml.YAMLError as error:
        raise SourceError([_syntax_complaint(error, file, text)]) from None
    return root, builder.complaints


def _events(text: str) -> Iterator[Any]:
    parser = CParser(text)
    try:
        while parser.check_event():
            yield parser.get_event()
    finally:
        parser.dispose()


class _NodeBuilder:
    """Builds nodes from events and checks the bounds on the way."""

    def __init__(self, file: Path, foreign: bool) -> None:
        self.file, self.foreign = file, foreign
        self.complaints: list[Complaint] = []
        self.anchors: dict[str, YamlNode] = {}
        self.open_anchors: set[str] = set()
        self.nodes = 0
        self.nodes_max = FOREIGN_NODES_MAX if foreign else NODES_MAX

    def position(self, event: Any) -> Position:
        mark = event.start_mark
        return Position(self.file, mark.line + 1, mark.column + 1)

    def error(self, event: Any, path: tuple[Key, ...], text: str) -> SourceError:
        return SourceError([*self.complaints, complaint_at(self.position(event), path, text)])

    def document(self, events: Iterator[Any]) -> YamlNode:
        root: YamlNode | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise self.error(event, (), "a second document; a file holds one")
                root = self.node(next(events), events, ())
        start = Position(self.file, 1, 1)
        if root is None or root.value is None:
            if not self.foreign:
                raise error_at(start, (), "the file is empty")
            return YamlNode(None, start)
        return root

    def node(self, event: Any, events: Iterator[Any], path: tuple[Key, ...]) -> YamlNode:
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, path)
        self.check(event, path)
        anchor = event.anchor
        if anchor is not None:
            self.open_anchors.add(anchor)
        position = self.position(event)
        if isinstance(event, yaml.ScalarEvent):
            node = YamlNode(
                scalar_value(event), position, text=event.value, quoted=bool(event.style)
            )
        elif isinstance(event, yaml.SequenceStartEvent):
            items: list[YamlNode] = []
            while not isinstance(inner := next(events), yaml.SequenceEndEvent):
                items.append(self.node(inner, events, (*path, len(items))))
            node = YamlNode(items, position)
        else:
            node = self.map(position, events, path)
        if anchor is not None:
            self.open_anchors.discard(anchor)
            self.anchors[anchor] = node
        return node

    def check(self, event: Any, path: tuple[Key, ...]) -> None:
        self.count(event, path, 1)
        if len(path) > DEPTH_MAX:
            raise self.error(event, (), f"nested deeper than {DEPTH_MAX} levels")
        if not self.foreign and event.anchor is not None:
            text = f"an anchor ('&{event.anchor}'); write it out, or use 'extends:'"
            raise self.error(event, path, text)
        # A lone '!' means nothing.
        tag = event.tag
        if tag not in (None, "!") and not (self.foreign and tag.startswith(_CORE_TAGS)):
            raise self.error(event, path, f"a tag ({tag[:40]!r}); leave it out")

    def count(self, event: Any, path: tuple[Key, ...], nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > self.nodes_max:
            raise self.error(event, path, f"more than {self.nodes_max:,} values")

    def alias(self, event: Any, path: tuple[Key, ...]) -> YamlNode:
        name = event.anchor
        if not self.foreign:
            text = f"an alias ('*{name}'); write it out, or use 'extends:'"
            raise self.error(event, path, text)
        if name in self.open_anchors:
            raise self.error(event, path, f"alias '*{name}' stands inside its own anchor")
        if name not in self.anchors:
            raise self.error(event, path, f"alias '*{name}' has no anchor before it")
        node = self.anchors[name]
        # The shared node takes no memory; the bound counts its expanded size.
        self.count(event, path, node.size)
        return node

    def map(self, position: Position, events: Iterator[Any], path: tuple[Key, ...]) -> YamlNode:
        values: dict[str, YamlNode] = {}
        keys: dict[str, Position] = {}
        merged: list[YamlNode] = []
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self.error(event, path, "a key that is not a plain text")
            self.check(event, path)
            key, key_position = event.value, self.position(event)
            child = self.node(next(events), events, (*path, key))
            if self.foreign and key == "<<" and not event.style:
                merged += child.value if isinstance(child.value, list) else [child]
            elif key in keys:
                text = f"duplicate key {key[:40]!r}; the first is on line {keys[key].line}"
                self.complaints.append(complaint_at(key_position, (*path, key), text))
            else:
                values[key], keys[key] = child, key_position
        for other in merged:
            if not isinstance(other.value, dict):
                raise error_at(other.position, (*path, "<<"), "'<<' wants a map")
            values = {**other.value, **values}
            keys = {**other.key_positions, **keys}
        return YamlNode(values, position, keys)


def scalar_value(event: Any) -> Scalar:
    """The value of a plain scalar by YAML 1.2's core rules; a quoted scalar is a text."""
    text: str = event.value
    if event.style or event.tag == _CORE_TAGS + "str":
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _syntax_complaint(error: yaml.YAMLError, file: Path, text: str) -> Complaint:
    """libyaml's error as a complaint in plain words."""
    if isinstance(error, yaml.MarkedYAMLError) and (
        mark := error.problem_mark or error.context_mark
    ):
        problem = error.problem or error.context or "not YAML"
        position = Position(file, mark.line + 1, mark.column + 1)
        tab = "\t" in _line(text, mark.line)[: mark.column + 1]
    else:
        # A reader error has only an offset, in bytes.
        offset = int(getattr(error, "position", 0) or 0)
        before = text.encode()[:offset].decode(errors="ignore")
        position = Position(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        problem, tab = str(getattr(error, "reason", "") or error).splitlines()[0], False
    for theirs, ours in _PLAIN_TEXTS:
        if theirs in problem and (tab or "tab" not in ours):
            return complaint_at(position, (), f"not valid YAML: {ours}")
    return complaint_at(position, (), f"not valid YAML: {problem[:120]}")


def _line(text: str, number: int) -> str:
    lines = text.splitlines()
    return lines[number] if number < len(lines) else ""
