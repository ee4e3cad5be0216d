"""Ids of a provider and the names that their owners have in the on-call file."""

from collections.abc import Iterable
from typing import Generic, TypeVar

from simulator.oncall.imports.fields import Fields
from simulator.units import format_value

T = TypeVar("T")


class Directory(Generic[T]):
    """Whatever an id stands for; an unknown id is an error of the import.

    Parameters
    ----------
    noun : str
        What an id stands for, in messages.
    """

    def __init__(self, noun: str) -> None:
        self._noun = noun
        self._items: dict[str, T] = {}

    def __setitem__(self, key: str, item: T) -> None:
        self._items[key] = item

    def __contains__(self, key: str) -> bool:
        return key in self._items

    def find(self, key: str, fields: Fields, path: str) -> T | None:
        """What an id stands for."""
        if key not in self._items:
            text = f"unknown {self._noun} {format_value(key)}: no resource or look-up has this id"
            fields.complain(path, text)
        return self._items.get(key)

    def find_all(self, keys: Iterable[str], fields: Fields, path: str) -> list[T]:
        """What several ids stand for."""
        items = (self.find(key, fields, path) for key in keys)
        return [item for item in items if item is not None]
