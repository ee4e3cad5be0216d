"""Log lines of the simulated systems, and the search through them."""

from __future__ import annotations

from typing import NamedTuple

from simulator.telemetry.patterns import pattern as compiled


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
    >>> [line.part for line in lines.search("OOM", since=0, until=10)]
    ['serving']
    """

    def __init__(self) -> None:
        self.all: list[Line] = []

    def add(self, line: Line) -> None:
        """Append a line."""
        self.all.append(line)

    def search(self, pattern: str, since: int, until: int) -> list[Line]:
        """Lines in [since, until] that match an RE2 pattern, anywhere in part or text.

        Raises
        ------
        ValueError
            If the pattern is no RE2 expression.
        """
        found = compiled(pattern)
        return [
            line
            for line in self.all
            if since <= line.t <= until and found.search(f"{line.part} {line.level} {line.text}")
        ]
