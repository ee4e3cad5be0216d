"""The results of a playbook's looks, and the references of later steps to them."""

import re
from collections.abc import Mapping
from typing import Any

REFERENCE = re.compile(r"\$\{([\w-]+)\.(\w+)\}")


class UnresolvedReference(ValueError):
    """A step refers to the result of a look that had none."""


class Findings:
    """The results of looks by name: their labels, and `value`.

    Examples
    --------
    >>> findings = Findings()
    >>> findings.add("worst", {"feature": "dep_delay", "value": "0.71"})
    >>> findings.fill({"text": "${worst.feature} is off"})
    {'text': 'dep_delay is off'}
    >>> findings.add("worst", {})
    >>> findings.fill("${worst.feature}")
    Traceback (most recent call last):
    ...
    simulator.responders.playbook.findings.UnresolvedReference: ${worst.feature}: the look ...
    """

    def __init__(self) -> None:
        self._values: dict[str, Mapping[str, str]] = {}

    def add(self, name: str, values: Mapping[str, str]) -> None:
        """Keep a look's result; empty if it had none."""
        self._values[name] = values

    def fill(self, value: Any) -> Any:
        """A value with all of its references replaced.

        Raises
        ------
        UnresolvedReference
        """
        if isinstance(value, str):
            return self.fill_text(value)
        if isinstance(value, Mapping):
            return {key: self.fill(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.fill(item) for item in value]
        return value

    def fill_text(self, text: str) -> str:
        """A text with all of its references replaced.

        Raises
        ------
        UnresolvedReference
        """
        return REFERENCE.sub(self._resolve, text)

    def _resolve(self, reference: re.Match[str]) -> str:
        name, label = reference.groups()
        values = self._values.get(name)
        if values is None:
            raise UnresolvedReference(f"{reference[0]}: the look {name!r} was not taken")
        if not values:
            raise UnresolvedReference(f"{reference[0]}: the look {name!r} had no result")
        if label not in values:
            labels = ", ".join(values)
            raise UnresolvedReference(f"{reference[0]}: the look {name!r} has only {labels}")
        return values[label]
