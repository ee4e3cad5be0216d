"""Log lines of the simulated systems, and the search through them."""

from __future__ import annotations

from typing import NamedTuple

from simulator.telemetry.patterns import pattern as compiled
from simulator.units import show


class Line(NamedTuple):
    """One line that a system wrote."""

    t: int
    part: str
    level: str
    text: str


class Lines:
    """All lines of a run, oldest first.

    Examples
    --------
    >>> lines = Lines()
    >>> lines.add(Line(0, "serving", "ERROR", "Reason: OOMKilled"))
    >>> [line.part for line in lines.search("OOM", back=10, until=10)]
    ['serving']
    """

    def __init__(self) -> None:
        self.all: list[Line] = []

    def add(self, line: Line) -> None:
        """Append a line."""
        self.all.append(line)

    def search(self, pattern: str, back: int, until: int) -> list[Line]:
        """Lines in [until - back, until] that match an RE2 pattern, anywhere in part or text.

        Raises
        ------
        ValueError
            If the pattern is no RE2 expression, or `back` no time in ms.
        """
        if not isinstance(back, int | float):
            raise ValueError(f"given {show(back)}, expected how far to look back, in ms")
        found, since = compiled(pattern), until - back
        return [
            line
            for line in self.all
            if since <= line.t <= until and found.search(f"{line.part} {line.level} {line.text}")
        ]
