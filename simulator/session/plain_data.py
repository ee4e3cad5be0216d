"""Plain data: what a player may hand in at a door, copied so that nobody can change it later."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from simulator.units import format_value

# A status update of ten pages has 30 KB.
MAX_BYTES = 65_536
# A silence's matchers, the deepest arguments of any action, are two deep.
MAX_DEPTH = 16
MAX_INTEGER = 2**63 - 1
# What the log keeps of a text that is no order: a query, a reason, a wrong name.
MAX_LOGGED = 4_096
# A step's reason quotes a query and its first answer.
MAX_STEP_TEXT = 300

Plain = None | bool | int | float | str | list[Any] | dict[str, Any]


class NotPlain(ValueError):
    """A value that the log cannot keep, with its place and the reason."""


class PlainCopy(NamedTuple):
    """A copy of a value, and the bytes of its texts and numbers."""

    value: Plain
    size: int


def copy_plain(value: object) -> PlainCopy:
    """Copy a value into the log's own types.

    Parameters
    ----------
    value
        None, a bool, an int of 64 bits, a finite float, a str, or lists, tuples and mappings of
        such. Subclasses become the plain type; scalars of numpy are numbers, its arrays are not.

    Raises
    ------
    NotPlain
        If it is anything else, contains itself, is deeper than 16 or larger than 64 KB.

    Examples
    --------
    >>> copy_plain({"to": ("product", "support"), "rows": np.int64(3)}).value
    {'to': ['product', 'support'], 'rows': 3}
    >>> copy_plain({"share": float("nan")})
    Traceback (most recent call last):
    ...
    simulator.session.plain_data.NotPlain: share: given nan, expected a finite number
    """
    copier = _Copier()
    copied = copier.copy(value, ())
    return PlainCopy(copied, copier.size)


def plain_text(value: object) -> str:
    """A query or a pattern as a plain text.

    Raises
    ------
    ValueError
        If it is not a text, or larger than 64 KB.
    """
    if not isinstance(value, str):
        raise ValueError(f"given {format_value(value)}, expected a text")
    text = str.__str__(value)
    if _size(text) > MAX_BYTES:
        raise ValueError(f"given a text of {len(text):,} characters, longer than 64 KB")
    return text


def cut(value: object, length: int = MAX_LOGGED) -> str:
    """A text as the log keeps it when it is no order: at most so many characters.

    Examples
    --------
    >>> cut("up{job='serving'}", 6), cut("up", 6), cut(["up"])
    ('up{jo…', 'up', 'a list of 1')
    """
    text = str.__str__(value) if isinstance(value, str) else format_value(value)
    return text if len(text) <= length else text[: length - 1] + "…"


def _size(text: str) -> int:
    """Bytes of a text; the length alone decides about a huge one, which is not encoded."""
    return len(text) if len(text) > MAX_BYTES else len(text.encode(errors="replace"))


class _Copier:
    """Copies one value, as far as its size allows."""

    def __init__(self) -> None:
        self.size = 0
        self._open: set[int] = set()  # ids of the containers around the present value

    def copy(self, value: object, at: tuple[str, ...]) -> Plain:
        if isinstance(value, str):
            return self._text(value, at)
        self._count(8, at)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, np.bool_):
            return bool(value)
        if isinstance(value, int | np.integer):
            number = int.__int__(value) if isinstance(value, int) else int(value)
            if not -MAX_INTEGER - 1 <= number <= MAX_INTEGER:
                raise _error(at, "given a huge number, expected one of 64 bits")
            return number
        if isinstance(value, float | np.floating):
            real = float.__float__(value) if isinstance(value, float) else float(value)
            if not math.isfinite(real):
                raise _error(at, f"given {real}, expected a finite number")
            return real
        if isinstance(value, Mapping | list | tuple):
            return self._container(value, at)
        kind = cut(type(value).__name__, 40)
        raise _error(at, f"given {kind}, expected plain data: texts, numbers, lists and maps")

    def _text(self, value: str, at: tuple[str, ...]) -> str:
        text = str.__str__(value)
        size = _size(text)
        if size > MAX_BYTES:
            raise _error(at, f"given a text of {len(text):,} characters, longer than 64 KB")
        self._count(size, at)
        return text

    def _container(
        self, value: Mapping[Any, Any] | list[Any] | tuple[Any, ...], at: tuple[str, ...]
    ) -> Plain:
        if id(value) in self._open:
            raise _error(at, "contains itself")
        if len(at) >= MAX_DEPTH:
            raise _error(at, f"is deeper than {MAX_DEPTH}")
        self._open.add(id(value))
        copied: Plain
        if isinstance(value, Mapping):
            copied = {}
            for key, item in _items(value):
                if not isinstance(key, str):
                    raise _error(at, f"given the key {format_value(key)}, expected texts as keys")
                name = self._text(key, at)
                copied[name] = self.copy(item, (*at, name))
        else:
            copied = [self.copy(item, (*at, str(i))) for i, item in enumerate(_entries(value))]
        self._open.remove(id(value))
        return copied

    def _count(self, size: int, at: tuple[str, ...]) -> None:
        self.size += size
        if self.size > MAX_BYTES:
            raise _error(at[:1], "is larger than 64 KB in all")


def _items(value: Mapping[Any, Any]) -> Iterator[tuple[Any, Any]]:
    """The items of a map, past the overridden methods of a dict's subclass."""
    yield from dict.items(value) if isinstance(value, dict) else value.items()


def _entries(value: list[Any] | tuple[Any, ...]) -> Iterator[Any]:
    return list.__iter__(value) if isinstance(value, list) else tuple.__iter__(value)


def _error(at: tuple[str, ...], text: str) -> NotPlain:
    place = ".".join(cut(key, 40) for key in at[:3]) + (".…" if len(at) > 3 else "")
    return NotPlain(f"{place}: {text}" if place else text)
