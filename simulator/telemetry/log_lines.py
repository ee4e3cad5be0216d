"""Log lines of the simulated systems, and the search through them."""

from typing import NamedTuple

from simulator.telemetry.re2_patterns import compile_pattern
from simulator.units import format_value


class LogLine(NamedTuple):
    """One line of a system's log."""

    t: int
    part: str
    level: str
    text: str


class LogLines:
    """All log lines of a run, oldest first.

    Examples
    --------
    >>> lines = LogLines()
    >>> lines.add(LogLine(0, "serving", "ERROR", "Reason: OOMKilled"))
    >>> [line.part for line in lines.search("OOM", back=10, until=10)]
    ['serving']
    """

    def __init__(self) -> None:
        self.all: list[LogLine] = []

    def add(self, line: LogLine) -> None:
        """Append a line."""
        self.all.append(line)

    def search(self, pattern: str, back: int, until: int) -> list[LogLine]:
        """Lines in [until - back, until] that match an RE2 pattern, anywhere in part or text.

        Raises
        ------
        ValueError
            If the pattern is not valid RE2, or `back` is not a time in ms.
        """
        if not isinstance(back, int | float):
            raise ValueError(f"given {format_value(back)}, expected how far to look back, in ms")
        regex, since = compile_pattern(pattern), until - back
        return [
            line
            for line in self.all
            if since <= line.t <= until and regex.search(f"{line.part} {line.level} {line.text}")
        ]
