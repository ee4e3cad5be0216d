"""A YAML document in which every node knows its file, line and column."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from simulator.source.complaint import Complaint, Key, Position, SourceError, complaint_at

Scalar = str | int | float | bool | None


class YamlNode:
    """A scalar, a list of nodes or a map of nodes, with its position; immutable once read.

    Two documents may share a node: a merged document shares its unchanged nodes.
    """

    __slots__ = ("key_positions", "position", "quoted", "size", "text", "value")

    def __init__(
        self,
        value: "Scalar | list[YamlNode] | dict[str, YamlNode]",
        position: Position,
        key_positions: dict[str, Position] | None = None,
        text: str = "",
        quoted: bool = False,
    ) -> None:
        self.value = value
        self.position = position
        self.key_positions = key_positions or {}
        # A scalar as it is written: Prometheus' formats decide its type by the field.
        self.text = text
        self.quoted = quoted
        # Number of nodes with aliases and `extends` expanded: the bound applies to it.
        self.size: int = 1 + sum(child.size for child in self.children())

    def children(self) -> Iterator["YamlNode"]:
        if isinstance(self.value, dict):
            yield from self.value.values()
        elif isinstance(self.value, list):
            yield from self.value

    def child(self, key: Key) -> "YamlNode | None":
        if isinstance(self.value, dict):
            return self.value.get(str(key))
        if isinstance(self.value, list) and isinstance(key, int):
            return self.value[key] if -1 < key < len(self.value) else None
        return None

    def key_position(self, key: Key) -> Position:
        return self.key_positions.get(str(key), self.position)

    def plain(self) -> Any:
        """The node as Python values."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value


@dataclass(frozen=True)
class Document:
    """One file as read, with the files that it extends merged in.

    Parameters
    ----------
    file : Path
        The file it was read from.
    home : Path
        The folder that file names in it may not leave: the folder of the file that the user named.
    complaints : tuple of Complaint
        Complaints of the reading; `validate` raises them together with its own.
    extended : mapping of Path to Position
        Where each extended file is first extended.
    """

    file: Path
    root: YamlNode
    home: Path
    complaints: tuple[Complaint, ...] = field(default=())
    extended: Mapping[Path, Position] = field(default_factory=dict)

    def plain(self, at: Iterable[Key] = ()) -> Any:
        """Python values of the document or of the part at a path; None if the part is missing."""
        node = self.node(at)
        return None if node is None else node.plain()

    def node(self, at: Iterable[Key] = ()) -> YamlNode | None:
        """The node at a path."""
        node: YamlNode | None = self.root
        for key in at:
            node = node.child(key) if node is not None else None
        return node

    def position(self, at: Iterable[Key]) -> Position:
        """The position of a value; of its nearest parent if the value is missing."""
        node = self.root
        for key in at:
            # Pydantic's paths also name branches of a union, which no file has.
            node = node.child(key) or node
        return node.position

    def key_position(self, at: Iterable[Key]) -> Position:
        """The position of a key."""
        path = tuple(at)
        parent = self.node(path[:-1])
        if parent is None or not path:
            return self.position(path)
        return parent.key_position(path[-1])

    def complaint_at(self, at: Iterable[Key], text: str, *, key: bool = False) -> Complaint:
        """A complaint about the value at a path, or about its key.

        In an extended file it also names where the file is extended: a shipped file is correct
        by itself.
        """
        path = tuple(at)
        position = origin = self.key_position(path) if key else self.position(path)
        while origin.file in self.extended:
            origin = self.extended[origin.file]
        suffix = "" if origin is position else f" (extended at {origin})"
        return complaint_at(position, path, text + suffix)

    def error_at(self, at: Iterable[Key], text: str, *, key: bool = False) -> SourceError:
        """The same complaint as an error to raise."""
        return SourceError([self.complaint_at(at, text, key=key)])

    def raise_complaints(self) -> None:
        """Raise the complaints of the reading, if any: for files that no model validates."""
        if self.complaints:
            raise SourceError(self.complaints)

    def with_root(self, root: YamlNode) -> "Document":
        return replace(self, root=root)
