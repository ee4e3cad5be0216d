"""YAML as libyaml's stream of events: bounded, positions kept, nothing guessed.

PyYAML's own loaders die of a segmentation fault on 200,000 nested brackets, keep the last of two
duplicate keys and read `22:22` as 1342; so nodes are built here.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from yaml._yaml import CParser

from simulator.source.complaint import Complaint, Mark, SourceError, complain, shown
from simulator.source.document import Node, Scalar

BYTES_MAX = 4 * 1024**2
DEPTH_MAX = 64
# A drill with 300 injects has some 3,000 nodes, a large Prometheus rule file 20,000.
NODES_MAX = 100_000

_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_WORDS: dict[str, Scalar] = {
    "": None, "~": None, "null": None, "true": True, "false": False,
    ".inf": float("inf"), "+.inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan"),
}  # fmt: skip
_CORE = tuple(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")
)
_PLAIN_WORDS = (
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


def read(file: Path, *, aliases: bool = False) -> tuple[Node, list[Complaint]]:
    """The root of a file's one document, and complaints that did not stop the reading.

    Parameters
    ----------
    file : Path
    aliases : bool
        Anchors, aliases and merge keys are expanded, up to a bound; refused otherwise.

    Raises
    ------
    SourceError
        Not readable, too large, not UTF-8, empty, not YAML, nested too deep.
    """
    return read_text(text_of(file), file, aliases=aliases)


def text_of(file: Path) -> str:
    """A file's text, never more of it than is allowed."""
    try:
        with file.open("rb") as stream:
            # One byte more than allowed tells; a 50 MB file is refused at once.
            content = stream.read(BYTES_MAX + 1)
    except FileNotFoundError:
        raise SourceError([complain(Mark(file), (), "no such file")]) from None
    except IsADirectoryError:
        raise SourceError([complain(Mark(file), (), "is a folder, expected a file")]) from None
    except OSError as error:
        text = f"cannot be read: {error.strerror or error}"
        raise SourceError([complain(Mark(file), (), text)]) from None
    if len(content) > BYTES_MAX:
        text = "the file is larger than 4 MiB; a file of this format has a few KiB"
        raise SourceError([complain(Mark(file), (), text)])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        text = f"byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise SourceError([complain(Mark(file, line, column), (), text)]) from None


def read_text(text: str, file: Path, *, aliases: bool = False) -> tuple[Node, list[Complaint]]:
    """The same of a text that stands for a file."""
    reading = _Reading(file, aliases)
    try:
        root = reading.document(_events(text))
    except yaml.YAMLError as error:
        raise SourceError([_syntax(error, file, text)]) from None
    return root, reading.complaints


def _events(text: str) -> Iterator[Any]:
    parser = CParser(text)
    try:
        while parser.check_event():
            yield parser.get_event()
    finally:
        parser.dispose()


class _Reading:
    """Builds nodes from events, and refuses as it goes."""

    def __init__(self, file: Path, aliases: bool) -> None:
        self.file, self.aliases = file, aliases
        self.complaints: list[Complaint] = []
        self.anchors: dict[str, Node] = {}
        self.open: set[str] = set()
        self.nodes = 0

    def mark(self, event: Any) -> Mark:
        at = event.start_mark
        return Mark(self.file, at.line + 1, at.column + 1)

    def refuse(self, event: Any, path: tuple[Any, ...], text: str) -> SourceError:
        return SourceError([*self.complaints, complain(self.mark(event), path, text)])

    def document(self, events: Iterator[Any]) -> Node:
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise self.refuse(event, (), "a second document; a file holds one")
                root = self.node(next(events), events, ())
        if root is None or root.value is None:
            raise SourceError([complain(Mark(self.file, 1, 1), (), "the file is empty")])
        return root

    def node(self, event: Any, events: Iterator[Any], path: tuple[Any, ...]) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, path)
        self.check(event, path)
        anchor = event.anchor
        if anchor is not None:
            self.open.add(anchor)
        mark = self.mark(event)
        if isinstance(event, yaml.ScalarEvent):
            node = Node(scalar(event), mark)
        elif isinstance(event, yaml.SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(inner := next(events), yaml.SequenceEndEvent):
                items.append(self.node(inner, events, (*path, len(items))))
            node = Node(items, mark)
        else:
            node = self.map(mark, events, path)
        if anchor is not None:
            self.open.discard(anchor)
            self.anchors[anchor] = node
        return node

    def check(self, event: Any, path: tuple[Any, ...]) -> None:
        self.grow(event, path, 1)
        if len(path) > DEPTH_MAX:
            raise self.refuse(event, (), f"nested deeper than {DEPTH_MAX} levels")
        if not self.aliases and event.anchor is not None:
            raise self.refuse(
                event, path, f"an anchor ('&{event.anchor}'); write it out, or use 'extends:'"
            )
        # A lone '!' says nothing.
        known = ("!", *_CORE) if self.aliases else ("!",)
        if event.tag is not None and event.tag not in known:
            raise self.refuse(event, path, f"a tag ({event.tag[:40]!r}); leave it out")

    def grow(self, event: Any, path: tuple[Any, ...], by: int) -> None:
        self.nodes += by
        if self.nodes > NODES_MAX:
            raise self.refuse(event, path, f"more than {NODES_MAX:,} values")

    def alias(self, event: Any, path: tuple[Any, ...]) -> Node:
        if not self.aliases:
            raise self.refuse(
                event, path, f"an alias ('*{event.anchor}'); write it out, or use 'extends:'"
            )
        if event.anchor in self.open:
            raise self.refuse(event, path, f"alias '*{event.anchor}' stands inside its own anchor")
        if event.anchor not in self.anchors:
            raise self.refuse(event, path, f"alias '*{event.anchor}' has no anchor before it")
        node = self.anchors[event.anchor]
        # The node is shared, so memory stays small; what it would be written out is counted.
        self.grow(event, path, node.size)
        return node

    def map(self, mark: Mark, events: Iterator[Any], path: tuple[Any, ...]) -> Node:
        values: dict[str, Node] = {}
        keys: dict[str, Mark] = {}
        merged: list[Node] = []
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self.refuse(event, path, "a key that is not a plain text")
            self.check(event, path)
            key, place = event.value, self.mark(event)
            child = self.node(next(events), events, (*path, key))
            if self.aliases and key == "<<":
                merged += child.value if isinstance(child.value, list) else [child]
            elif key in keys:
                text = f"duplicate key {key[:40]!r}; the first is on line {keys[key].line}"
                self.complaints.append(complain(place, (*path, key), text))
            else:
                values[key], keys[key] = child, place
        for other in merged:
            if not isinstance(other.value, dict):
                raise SourceError([complain(other.mark, (*path, "<<"), "'<<' wants a map")])
            values = {**other.value, **values}
            keys = {**other.keys, **keys}
        return Node(values, mark, keys)


def scalar(event: Any) -> Scalar:
    """The value of a plain scalar by YAML 1.2's core rules; a quoted one is a text."""
    text: str = event.value
    if event.style or event.tag == "tag:yaml.org,2002:str":
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _syntax(error: yaml.YAMLError, file: Path, text: str) -> Complaint:
    """libyaml's complaint in plain words."""
    if isinstance(error, yaml.MarkedYAMLError) and (at := error.problem_mark or error.context_mark):
        problem = error.problem or error.context or "not YAML"
        mark = Mark(file, at.line + 1, at.column + 1)
        tab = "\t" in _line(text, at.line)[: at.column + 1]
    else:
        # A reader error has a position only, in bytes.
        place = int(getattr(error, "position", 0) or 0)
        before = text.encode()[:place].decode(errors="ignore")
        mark = Mark(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        problem, tab = str(getattr(error, "reason", "") or error).splitlines()[0], False
    for theirs, ours in _PLAIN_WORDS:
        if theirs in problem and (tab or "tab" not in ours):
            return Complaint(shown(file), mark.line, mark.column, "", f"not YAML: {ours}")
    return Complaint(shown(file), mark.line, mark.column, "", f"not YAML: {problem[:120]}")


def _line(text: str, number: int) -> str:
    lines = text.splitlines()
    return lines[number] if number < len(lines) else ""
