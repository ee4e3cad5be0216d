"""One line of a run's story, and many that are alike as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from simulator.units.wording import hhmmss


@dataclass(frozen=True)
class Entry:
    """One line of the story.

    Attributes
    ----------
    t, until : int, ms
        When it happened, and when for the last time.
    who : str
    text : str
    tone : str
        phase, truth, bad, good, alert, page, order, talk or log: how it is coloured.
    rank : int
        0 is never left out; the higher, the sooner.
    count : int
    """

    t: int
    who: str
    text: str
    tone: str
    rank: int = 0
    count: int = 1
    until: int | None = None

    @property
    def told(self) -> str:
        """The text with how often it happened."""
        if self.count == 1:
            return self.text
        last = f", last at {hhmmss(self.until)}" if self.until else ""
        return f"{self.text} (×{self.count}{last})"


def fold(entries: Iterable[Entry], key: Callable[[Entry], str]) -> Iterator[Entry]:
    """Entries of one key as one, at the time of the first, with how many there were.

    Examples
    --------
    >>> from simulator.report.phrases import shape
    >>> twice = [Entry(0, "a", "row 7 failed", "log"), Entry(5, "a", "row 9 failed", "log")]
    >>> [entry.told for entry in fold(twice, key=lambda entry: shape(entry.text))]
    ['row 7 failed (×2, last at 00:00:00)']
    """
    found: dict[str, Entry] = {}
    for entry in entries:
        name = key(entry)
        if name in found:
            first = found[name]
            found[name] = replace(first, count=first.count + 1, until=entry.t)
        else:
            found[name] = entry
    return iter(found.values())
