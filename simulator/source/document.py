"""A YAML document whose every node knows the file, line and column it came from."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from simulator.source.complaint import Complaint, Key, Mark, SourceError, complain

Scalar = str | int | float | bool | None


class Node:
    """A scalar, a list of nodes or a map of nodes, with its place; never changed once read.

    Two documents may share a node: a merged one shares what it did not touch.
    """

    __slots__ = ("keys", "mark", "size", "value")

    def __init__(
        self,
        value: "Scalar | list[Node] | dict[str, Node]",
        mark: Mark,
        keys: dict[str, Mark] | None = None,
    ) -> None:
        self.value = value
        self.mark = mark
        self.keys = keys or {}
        # How many nodes it is once written out: what bounds aliases and `extends`.
        self.size: int = 1 + sum(child.size for child in self.children())

    def children(self) -> Iterator["Node"]:
        if isinstance(self.value, dict):
            yield from self.value.values()
        elif isinstance(self.value, list):
            yield from self.value

    def child(self, key: Key) -> "Node | None":
        if isinstance(self.value, dict):
            return self.value.get(str(key))
        if isinstance(self.value, list) and isinstance(key, int):
            return self.value[key] if -1 < key < len(self.value) else None
        return None

    def key_mark(self, key: Key) -> Mark:
        return self.keys.get(str(key), self.mark)

    def plain(self) -> Any:
        """The same as Python values."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value


@dataclass(frozen=True)
class Document:
    """One file as read, with those it extends merged in.

    Parameters
    ----------
    file : Path
        The file it was read from.
    root : Node
    home : Path
        The folder that names in it may not leave: that of the file named by a person.
    complaints : tuple of Complaint
        What reading found; `validate` tells it together with the rest.
    extended : mapping of Path to Mark
        Of each file that is extended in it, where.
    """

    file: Path
    root: Node
    home: Path
    complaints: tuple[Complaint, ...] = field(default=())
    extended: Mapping[Path, Mark] = field(default_factory=dict)

    def plain(self, at: Iterable[Key] = ()) -> Any:
        """Python values of the document or of a part of it; None where there is no such part."""
        node = self.node(at)
        return None if node is None else node.plain()

    def node(self, at: Iterable[Key] = ()) -> Node | None:
        """The node at a path."""
        node: Node | None = self.root
        for key in at:
            node = node.child(key) if node is not None else None
        return node

    def mark(self, at: Iterable[Key]) -> Mark:
        """The place of a value; of the nearest thing around it where it is missing."""
        node, mark = self.root, self.root.mark
        for key in at:
            child = node.child(key)
            if child is None:
                # Pydantic's paths also name branches of a union, which no file has.
                continue
            node, mark = child, child.mark
        return mark

    def key_mark(self, at: Iterable[Key]) -> Mark:
        """The place of a key rather than of its value."""
        path = tuple(at)
        parent = self.node(path[:-1])
        return parent.key_mark(path[-1]) if parent is not None and path else self.mark(path)

    def complain(self, at: Iterable[Key], text: str, *, key: bool = False) -> Complaint:
        """A complaint about the value at a path, or about its key.

        One about a file that is extended says where: a shipped file was right until then.
        """
        path = tuple(at)
        mark = own = self.key_mark(path) if key else self.mark(path)
        while own.file in self.extended:
            own = self.extended[own.file]
        where = "" if own is mark else f" (extended at {own})"
        return complain(mark, path, text + where)

    def refuse(self, at: Iterable[Key], text: str, *, key: bool = False) -> SourceError:
        """The same as an error to raise."""
        return SourceError([self.complain(at, text, key=key)])

    def settle(self) -> None:
        """Raise what reading found, if anything: for files that no model validates."""
        if self.complaints:
            raise SourceError(self.complaints)

    def with_root(self, root: Node) -> "Document":
        return replace(self, root=root)
