"""Typed reading of Prometheus' and Alertmanager's own YAML files.

Go decodes a scalar by the type of its field (`version: 1.10` as a label is "1.10"), so scalars are
read as they are written, and each field's reader decides their type.
"""

from collections.abc import Sequence
from pathlib import Path

from simulator.source import Complaint, Complaints, Position, YamlNode, parse_text

NULLS = ("", "~", "null", "Null", "NULL")
TRUE, FALSE = ("true", "True", "TRUE"), ("false", "False", "FALSE")


def is_scalar(node: YamlNode) -> bool:
    """Whether a node is neither a list nor a map."""
    return not isinstance(node.value, list | dict)


def is_null(node: YamlNode) -> bool:
    """Whether a node is an empty value, `~` or `null`."""
    return is_scalar(node) and not node.quoted and node.text in NULLS


class Decoder:
    """Decodes the fields of one file and collects complaints about them.

    Examples
    --------
    >>> decoder = Decoder("a.yml")
    >>> root = decoder.parse("a: [1.10, two]")
    >>> [decoder.text(item, "a") for item in decoder.sequence(root.child("a"), "a")]
    ['1.10', 'two']
    >>> decoder.complain(root, "groups[0]", "unknown field 'nmae'")
    >>> print(decoder.complaints.items[0])
    a.yml:1:1: groups[0]: unknown field 'nmae'
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.complaints = Complaints()

    def parse(self, text: str) -> YamlNode:
        """The root node of the file's text.

        Raises
        ------
        SourceError
            Not valid YAML.
        """
        root, complaints = parse_text(text, Path(self.name), foreign=True)
        self.complaints.items += complaints
        return root

    def complain(self, node: YamlNode, where: str, text: str) -> None:
        """Add a complaint about a value."""
        self._complain_at(node.position, where, text)

    def _complain_at(self, position: Position, where: str, text: str) -> None:
        complaint = Complaint(self.name, position.line, position.column, where, text)
        self.complaints.add(complaint)

    def mapping(
        self, node: YamlNode, where: str, fields: Sequence[str] = ()
    ) -> dict[str, YamlNode]:
        """The entries of a map, without nulls; complains of keys other than `fields`, if given."""
        if is_null(node):
            return {}
        if not isinstance(node.value, dict):
            self.complain(node, where, "expected a map")
            return {}
        for key, position in node.key_positions.items():
            if fields and key not in fields:
                text = f"unknown field {key!r}; known: {', '.join(fields)}"
                self._complain_at(position, where, text)
        return {key: entry for key, entry in node.value.items() if not is_null(entry)}

    def sequence(self, node: YamlNode | None, where: str) -> list[YamlNode]:
        """The items of a list; none if the list is missing."""
        if node is None or is_null(node):
            return []
        if not isinstance(node.value, list):
            self.complain(node, where, "expected a list")
            return []
        return node.value

    def text(self, node: YamlNode | None, where: str, default: str = "") -> str:
        """A scalar as it is written."""
        if node is None:
            return default
        if not is_scalar(node):
            self.complain(node, where, "expected a text")
            return default
        return "" if is_null(node) else node.text

    def boolean(self, node: YamlNode | None, where: str, default: bool) -> bool:
        """A scalar that is true or false."""
        text = self.text(node, where)
        if node is None or text in (*TRUE, *FALSE):
            return default if node is None else text in TRUE
        self.complain(node, where, f"expected true or false, not {text!r}")
        return default

    def integer(self, node: YamlNode | None, where: str, default: int = 0) -> int:
        """A whole number."""
        text = self.text(node, where)
        if node is None:
            return default
        try:
            return int(text)
        except ValueError:
            self.complain(node, where, f"expected a whole number, not {text!r}")
            return default

    def texts(self, node: YamlNode | None, where: str) -> dict[str, str]:
        """A map of texts, such as labels."""
        if node is None:
            return {}
        entries = self.mapping(node, where)
        return {key: self.text(entry, f"{where}.{key}") for key, entry in entries.items()}
