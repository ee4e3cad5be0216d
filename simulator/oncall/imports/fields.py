"""The fields of a resource, typed; those that nobody reads are reported as not carried over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simulator.oncall.imports.notes import Notes, Place
from simulator.units import format_value


class Fields:
    """The fields of a resource, or of a block in it.

    A field of a wrong type, or a required one that is missing, is an error of the import; its
    value is then an empty one, so that all errors are reported together.

    Examples
    --------
    >>> from pathlib import Path
    >>> notes = Notes(Path("state.json"))
    >>> fields = Fields({"name": "Ana", "color": "red"}, "pagerduty_user.ana", notes)
    >>> fields.text("name"), list(fields.unread())
    ('Ana', ['color'])
    """

    def __init__(
        self, values: Mapping[str, object], path: str, notes: Notes, root: Fields | None = None
    ) -> None:
        self.path = path
        self._values = values
        self._notes = notes
        self._root = self if root is None else root
        self._read: set[str] = set()
        self._blocks: dict[str, list[Fields]] = {}
        self.place: Place = ()

    def text(self, key: str) -> str:
        """A text that must be there."""
        value = self.optional_text(key)
        if not value:
            self._complain_missing(key)
        return value

    def optional_text(self, key: str) -> str:
        """A text; empty if it is not there."""
        value = self._take(key)
        if isinstance(value, str):
            return value
        if value is not None:
            self._complain_type(key, "a text", value)
        return ""

    def number(self, key: str, default: int | None = None) -> int:
        """A whole number; it must be there if it has no default."""
        value = self._take(key)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            if abs(value) < 10**10:
                return value
            self.complain(key, f"{format_value(value)} is out of range")
        elif value is not None:
            self._complain_type(key, "a whole number", value)
        elif default is None:
            self._complain_missing(key)
        return default or 0

    def flag(self, key: str) -> bool:
        """Whether a flag is set."""
        value = self._take(key)
        if value is not None and not isinstance(value, bool):
            self._complain_type(key, "true or false", value)
        return value is True

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty if it is not there."""
        value = self._take(key)
        items = value if isinstance(value, list) else [] if value is None else [value]
        texts = tuple(item for item in items if isinstance(item, str))
        if len(texts) < len(items):
            if any(item is None for item in items):
                self._complain_missing(key)
            else:
                self._complain_type(key, "a list of texts", value)
        return texts

    def groups(self, key: str) -> tuple[tuple[str, ...], ...]:
        """A list of lists of texts."""
        value = self._take(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            self._complain_type(key, "a list of lists", value)
            return ()
        inner = Fields({f"{key}[{n}]": v for n, v in enumerate(value)}, self.path, self._notes)
        return tuple(inner.texts(name) for name in inner._values)

    def numbers(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers; empty if it is not there."""
        value = self._take(key)
        if value is None:
            return ()
        if isinstance(value, list) and all(type(item) is int for item in value):
            return tuple(value)
        self._complain_type(key, "a list of whole numbers", value)
        return ()

    def blocks(self, key: str) -> list[Fields]:
        """The blocks under a key; of a single one, it."""
        value = self._take(key)
        items = value if isinstance(value, list) else [] if value is None else [value]
        if not all(isinstance(item, dict) for item in items):
            self._complain_type(key, "blocks", value)
            items = []
        if key not in self._blocks:
            self._blocks[key] = [
                Fields(item, f"{self.path}.{key}[{n}]", self._notes, self._root)
                for n, item in enumerate(items)
            ]
        return self._blocks[key]

    def block(self, key: str) -> Fields | None:
        """The only block under a key, if it is there."""
        return next(iter(self.blocks(key)), None)

    def skip(self, *keys: str) -> None:
        """Take fields as carried over that say who a resource is."""
        self._read.update(keys)

    def remark(self, key: str, text: str) -> None:
        """Report a field as dropped or approximated."""
        self._read.add(key)
        self._notes.add(self._path(key), text, self._root.place)

    def complain(self, key: str, text: str) -> None:
        """Report an error in a field."""
        self._notes.complain(self._path(key), text)

    def finish(self) -> None:
        """Report the fields that nobody has read."""
        if unread := ", ".join(self.unread()):
            self._notes.add(self.path, f"not carried over: {unread}", self._root.place)

    def unread(self) -> Iterator[str]:
        """The fields that are set and that nobody has read, with their names in blocks."""
        for key, value in sorted(self._values.items()):
            blocks: dict[str, list[str]] = {}
            for number, block in enumerate(self._blocks.get(key, ())):
                for name in block.unread():
                    blocks.setdefault(name, []).append(str(number))
            yield from (f"{key}[{', '.join(numbers)}].{name}" for name, numbers in blocks.items())
            if key not in self._read and value not in (None, "", [], {}):
                yield key + _names(value)

    def _take(self, key: str) -> object:
        self._read.add(key)
        value = self._values.get(key)
        # An empty text is how providers write that there is none.
        return None if value == "" else value

    def _path(self, key: str) -> str:
        return f"{self.path}.{key}" if key else self.path

    def _complain_missing(self, key: str) -> None:
        self.complain(key, "is missing, or not known before terraform apply: show the state")

    def _complain_type(self, key: str, expected: str, value: object) -> None:
        self.complain(key, f"expected {expected}, given {format_value(value)}")


def _names(value: object) -> str:
    """The names within an unread block: ` (type, urgency)`."""
    blocks = value if isinstance(value, list) else [value]
    names = dict.fromkeys(
        f"{key}{_names(inner)}"
        for block in blocks
        if isinstance(block, dict)
        for key, inner in sorted(block.items())
        if inner not in (None, "", [], {})
    )
    return f" ({', '.join(names)})" if names else ""
